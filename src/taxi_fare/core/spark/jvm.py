"""Start Spark's JVM, and know what became of it."""

import os
import sys
import tempfile
import threading
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from pyspark import SparkConf, SparkContext
from pyspark.core import context

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.usual_places import is_named_user

_context: Any = context  # has no types
# Set by spark-submit for the Python process that it starts.
_GATEWAY = "PYSPARK_GATEWAY_PORT"
# A fault is explained from its last words.
_MOST_LINES = 2_000
_MOMENT_SECONDS = 2.0


class _Words:
    """What the JVM says: kept while it starts, passed on from then on."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=_MOST_LINES)
        self._passed_on = False
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def read(self, descriptor: int) -> None:
        """Read in a thread of its own until the JVM has ended."""
        self._reader = threading.Thread(
            target=self._read, args=(descriptor,), daemon=True
        )
        self._reader.start()

    def pass_on(self) -> None:
        """Show what was said so far, and from now on, on stderr."""
        with self._lock:
            for line in self._lines:
                _show(line)
            self._passed_on = True

    def text(self) -> str:
        """Return the last lines."""
        if self._reader is not None:
            self._reader.join(_MOMENT_SECONDS)
        with self._lock:
            return "".join(self._lines)

    def _read(self, descriptor: int) -> None:
        with os.fdopen(descriptor, errors="replace", encoding="utf-8") as pipe:
            for line in pipe:
                with self._lock:
                    self._lines.append(line)
                    if self._passed_on:
                        _show(line)


_words = _Words()


def is_submitted() -> bool:
    """Tell whether spark-submit is said to have started this process."""
    return _GATEWAY in os.environ


def reach_jvm(options: Mapping[str, object]) -> SparkConf:
    """
    Start the JVM, or reach the one that spark-submit has started.

    What it writes goes to stderr, never to stdout, which is for the result
    of a command.

    Parameters
    ----------
    options : mapping of str to object
        What a new JVM is started with; it is on its command line.

    Returns
    -------
    SparkConf
        What Spark was told by then; no Spark context was started yet.

    Raises
    ------
    EnvironmentLackError
        If a spark-submit is named that does not answer.
    """
    if SparkContext._gateway is None:
        conf = SparkConf(loadDefaults=False)
        for name, value in options.items():
            conf.set(name, str(value))
        gateway = _launched(conf)
        SparkContext._ensure_initialized(gateway=gateway, conf=conf)
        jvm: Any = SparkContext._jvm
        # Digits and letters as in English, whoever began it.
        jvm.java.util.Locale.setDefault(jvm.java.util.Locale.US)
        _name_user(jvm)
        _words.pass_on()
    return SparkConf()


def _launched(conf: SparkConf) -> Any:
    reading, writing = os.pipe()
    _words.read(reading)
    output = {"stdout": writing, "stderr": writing}
    try:
        return _context.launch_gateway(conf, output)
    except Exception as error:
        if is_submitted():
            raise _no_gateway() from error
        raise
    finally:
        os.close(writing)


def _no_gateway() -> EnvironmentLackError:
    """Say that the variable is one that another process left behind."""
    return EnvironmentLackError(
        f"{_GATEWAY}={os.environ[_GATEWAY]} is set, and no spark-submit"
        " answers there.",
        expected=f"{_GATEWAY} from spark-submit itself, which also sets"
        " PYSPARK_GATEWAY_SECRET",
        remedy=f"unset {_GATEWAY}, or start this with spark-submit.",
    )


def words_of_jvm() -> str:
    """Return what the JVM said last."""
    return _words.text()


def jvm_end() -> int | None:
    """
    Return how this process's JVM ended.

    Returns
    -------
    int or None
        Its exit code, or the number of the signal below 0; None when it
        runs, or somebody else started it.
    """
    process = getattr(SparkContext._gateway, "proc", None)
    if process is None:
        return None
    with suppress(Exception):
        return int(process.wait(_MOMENT_SECONDS))
    return None


def end_jvm() -> None:
    """End this process's JVM, and wait for what it does when it ends."""
    process = getattr(SparkContext._gateway, "proc", None)
    if process is not None:
        # It listens for the end of this process.
        process.stdin.close()
        process.wait()


def keep_words(words: str) -> str:
    """Keep a long log for whoever looks into it; return where, or nothing."""
    with suppress(OSError):
        descriptor, name = tempfile.mkstemp(
            prefix="taxi-fare-spark-", suffix=".log"
        )
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(words)
        return name
    return ""


def _name_user(jvm: Any) -> None:
    """Name the user to Hadoop where the system has no name for them."""
    if not is_named_user():
        users = jvm.org.apache.hadoop.security.UserGroupInformation
        users.setLoginUser(users.createRemoteUser(f"user-{os.getuid()}"))


def _show(line: str) -> None:
    # Nobody may read it, in an encoding that lacks a letter.
    with suppress(OSError, ValueError):
        sys.stderr.write(line)
        sys.stderr.flush()
