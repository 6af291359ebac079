"""What words of Java tell of a machine."""

import re
from typing import NamedTuple

from taxi_fare.core.errors import EnvironmentLackError

_DRIVER_MEMORY = (
    "driver_memory in section [spark] of the settings"
    " (TAXI_FARE_SPARK__DRIVER_MEMORY)"
)
LOOPBACK_REMEDY = "bring up the loopback interface: ip link set lo up."
_NO_SPACE = "No space left on device"
# Where a task failed, as Spark says it; of a local one: executor driver.
_EXECUTOR = re.compile(r"\((\S+) executor (\d+)\): .*?" + _NO_SPACE, re.DOTALL)
# Lines that stand around the reason, and those that hold it.
_NO_REASON = ("at ", "... ", "Picked up ", "NOTE: Picked up ", "WARNING: ")
_REASON = re.compile(r"\w(Exception|Error)\b|^Error|^Caused by: | ERROR ")
_MOST_LETTERS = 300


class _Cause(NamedTuple):
    """What words of Java tell, and what to do about it."""

    words: str
    found: str
    remedy: str


_CAUSES = (
    _Cause(
        "OutOfMemoryError: unable to create native thread",
        "Spark's JVM may start no more threads",
        "raise the limit of processes (ulimit -u, the container's).",
    ),
    _Cause(
        "OutOfMemoryError|GC overhead limit",
        "Spark's JVM has too little memory",
        f"give it more with {_DRIVER_MEMORY}, or run it where there is more.",
    ),
    _Cause(
        "UnsatisfiedLinkError|failed to map segment",
        "A native library of Spark cannot be loaded",
        "let TMPDIR name a folder in which programs may run (not noexec).",
    ),
    _Cause(
        "Too many open files",
        "Spark may open no more files",
        "raise the limit (ulimit -n 4096).",
    ),
)
_CAUSES_AT_START = (
    _Cause(
        "Invalid (maximum|initial) heap size|Could not reserve enough"
        "|larger (value )?than the maximum heap|Too small (maximum|initial)"
        "|Cannot allocate memory|memory.* must be at least",
        "Spark's JVM cannot have the memory that it is to have",
        f"correct {_DRIVER_MEMORY}, or the limits of this machine (ulimit -v,"
        " the container's).",
    ),
    _Cause(
        "Failed to create (any |a )?(local|temp|director)",
        "Spark cannot write temporary files",
        "let SPARK_LOCAL_DIRS (spark.local.dir) name a folder that can be"
        " written to.",
    ),
    _Cause(
        "Cannot assign requested address|could not bind on",
        "Spark cannot listen at the address that it is to have",
        "correct or unset SPARK_LOCAL_IP (spark.driver.host,"
        " spark.driver.bindAddress).",
    ),
    _Cause(
        "Network is unreachable",
        "This machine does not reach its own address",
        LOOPBACK_REMEDY,
    ),
    _Cause(
        "UnknownHostException",
        "A host name is not known",
        "correct it, or enter it into /etc/hosts.",
    ),
    _Cause(
        "invalid null input: name|LoginException",
        "The system has no name for this user id",
        "enter it into /etc/passwd.",
    ),
    _Cause(
        "ClassNotFoundException|NoClassDefFoundError|NoSuchMethodError"
        "|UnsupportedClassVersionError",
        "Spark lacks a class, or has that of another version",
        "take out of spark-defaults.conf what belongs to another Spark.",
    ),
)


def machine_fault(
    words: str, *, at_start: bool = False
) -> EnvironmentLackError | None:
    """
    Say what a machine lacks, or the worker that is named.

    Parameters
    ----------
    at_start : bool, optional
        Whether the words are those of a Spark that does not start.

    Returns
    -------
    EnvironmentLackError or None
        None when the words tell of something else.
    """
    if _NO_SPACE in words:
        return _disk_full(_EXECUTOR.search(words))
    for cause in _CAUSES + (_CAUSES_AT_START if at_start else ()):
        line = re.search(f"^.*({cause.words}).*$", words, re.MULTILINE)
        if line is not None:
            return EnvironmentLackError(
                f"{cause.found}: {telling_line(line[0])}.",
                remedy=cause.remedy,
            )
    return None


def telling_line(words: str) -> str:
    """Return the last line that says why, among hundreds of Java's."""
    lines = [line.strip() for line in words.splitlines()]
    lines = [x for x in lines if x and not x.startswith(_NO_REASON)]
    reasons = [x for x in lines if _REASON.search(x)]
    line = (reasons or lines or ["it said nothing"])[-1]
    return line.removeprefix("Caused by: ")[:_MOST_LETTERS].rstrip(".")


def jvm_gone(end: int | None, words: str) -> EnvironmentLackError:
    """
    Say that the JVM ended, by its last words where there are some.

    Parameters
    ----------
    end : int or None
        Its exit code, or the number of the signal below 0, if known.
    """
    how = "does not answer any more"
    if end is not None:
        how = f"was ended by signal {-end}" if end < 0 else f"ended with {end}"
    fault = machine_fault(words)
    if fault is not None:
        return EnvironmentLackError(
            f"Spark's JVM {how}. {fault.found}", remedy=fault.remedy
        )
    return EnvironmentLackError(
        f"Spark's JVM {how} in the middle of the run.",
        expected="memory: a system that runs out of it ends what takes most"
        " (`dmesg` tells)",
        remedy=f"end what else needs memory, or give it less with"
        f" {_DRIVER_MEMORY}, and run it again.",
    )


def _disk_full(worker: re.Match[str] | None) -> EnvironmentLackError:
    where = "this machine or on a worker"
    if worker is not None:
        where = f"the worker {worker[1]} (executor {worker[2]})"
    return EnvironmentLackError(
        f"A disk is full on {where}.",
        expected="space for Spark's temporary files",
        remedy="make room, or let SPARK_LOCAL_DIRS (spark.local.dir) name a"
        " larger disk.",
    )
