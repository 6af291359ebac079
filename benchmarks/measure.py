"""Run a command and measure its whole process tree."""

import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_POLL_SECONDS = 0.25
_GIB = 1 << 30


@dataclass(frozen=True)
class Measured:
    """
    What a command took.

    Parameters
    ----------
    document : dict
        What it printed with ``--json``.
    wall, cpu : float
        Seconds from start to end, and of all processors together, up to the
        last look at each process.
    peak_gib : float
        Greatest resident memory of the command and all its children, in GiB;
        pages that they share are counted for each of them, but those of a
        JVM that is about to start a command are counted once.
    """

    document: dict[str, Any]
    wall: float
    cpu: float
    peak_gib: float


def machine() -> dict[str, Any]:
    """Tell what the figures were measured on."""
    pages = os.sysconf("SC_PHYS_PAGES")
    return {
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * pages / _GIB),
        "platform": platform.platform(),
    }


def measure(arguments: list[str], *, settings: dict[str, str]) -> Measured:
    """
    Run ``taxi-fare`` with some arguments, without ``--json``.

    Returns
    -------
    Measured
        What it answered and what it took.
    """
    return measure_python(
        ["-m", "taxi_fare", *arguments, "--json"], settings=settings
    )


def measure_python(
    arguments: list[str], *, settings: dict[str, str]
) -> Measured:
    """
    Run Python with some arguments.

    Parameters
    ----------
    arguments : list of str
        Of a program that prints one JSON document.
    settings : dict of str to str
        Environment variables.

    Returns
    -------
    Measured
        What it answered and what it took.

    Raises
    ------
    SystemExit
        If the command fails, with the end of what it said.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as log:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *arguments],
            env=os.environ | settings,
            stdout=out,
            stderr=log,
        )
        watch = _Watch(process.pid)
        code = process.wait()
        watch.stop()
        wall = time.perf_counter() - started
        out.seek(0)
        log.seek(0)
        if code != 0:
            sys.exit(
                f"{arguments}: exit {code}\n{log.read()[-3000:].decode()}"
            )
        document = json.loads(out.read())
    return Measured(document, wall, watch.cpu_seconds, watch.peak / _GIB)


def _is_starting(process: psutil.Process) -> bool:
    """Tell whether this is a JVM's copy of itself, about to be a command."""
    parent, program = process.parent(), process.exe()
    # Its name is that of the thread that starts the command.
    return (
        parent is not None
        and Path(program).name == "java"
        and parent.exe() == program
    )


class _Watch(threading.Thread):
    """Look at a process and its children until stopped."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._root = psutil.Process(pid)
        self._ended = threading.Event()
        self._cpu: dict[int, float] = {}
        self.peak = 0
        self.start()

    @property
    def cpu_seconds(self) -> float:
        """Processor time of all of them."""
        return sum(self._cpu.values())

    def run(self) -> None:
        """Keep the greatest sum of resident memory, in bytes."""
        while not self._ended.wait(_POLL_SECONDS):
            self.peak = max(self.peak, self._look())

    def _look(self) -> int:
        total = 0
        try:
            family = [self._root, *self._root.children(recursive=True)]
        except psutil.NoSuchProcess:
            return 0
        for process in family:
            # A process may end between two questions.
            with suppress(psutil.NoSuchProcess):
                if not _is_starting(process):
                    total += process.memory_info().rss
                times = process.cpu_times()
                self._cpu[process.pid] = times.user + times.system
        return total

    def stop(self) -> None:
        """Look no longer."""
        self._ended.set()
        self.join()
