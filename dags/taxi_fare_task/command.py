"""Run one ``taxi-fare`` command in the project's own environment."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

# Level and text of one line of the command's log.
OnLine = Callable[[str, str], None]

NOT_FOUND = 127  # as shells say that there is no such command
# Another attempt ends in the same way: wrong usage, data missing, data
# refused, model refused, registry damaged.
FINAL_CODES = {2, 3, 4, 5, 6}
# What Airflow needs and the command does not: its settings hold passwords,
# and another Python's packages must not reach the project's.
_AIRFLOWS_OWN = ("AIRFLOW", "_AIRFLOW", "__AIRFLOW")
_PYTHONS_OWN = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
# Removing what is half-written takes a second or two.
_GRACE_SECONDS = 60


@dataclass(frozen=True)
class Ending:
    """
    How a command ended.

    Parameters
    ----------
    code : int
        Exit code; negative for the number of a signal that killed it.
    document : dict
        What it printed; empty when that is no JSON document.
    last : dict
        The last line of its log that has an exit code, with ``message``,
        ``retryable``, ``error`` and, where there is one, ``month``; else
        empty.
    """

    code: int
    document: Mapping[str, Any] = field(default_factory=dict)
    last: Mapping[str, Any] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """Why it failed, for people."""
        return str(self.last.get("message", f"exit code {self.code}"))

    @property
    def retryable(self) -> bool:
        """Whether another attempt may end in another way."""
        told = self.last.get("retryable")
        # What was killed, or never started, has not said so itself.
        if told is None or self.last.get("exit_code") != self.code:
            return self.code not in FINAL_CODES
        return bool(told)


def run_command(
    command: Sequence[str],
    *,
    home: Path,
    on_line: OnLine,
    variables: Mapping[str, str] | None = None,
) -> Ending:
    """
    Run a command to its end, and see that it has one.

    Whatever interrupts this function, a timeout or a signal, ends the
    command's whole process group: first with SIGTERM, upon which the command
    removes what is half-written, in the end with SIGKILL.

    Parameters
    ----------
    command : sequence of str
        The program and its arguments; it prints JSON on stdout, and logs JSON
        lines on stderr.
    home : Path
        The project: the working directory.
    on_line : callable
        Called with level and text of each line of the log.
    variables : mapping of str to str, optional
        Of its environment, beside what Airflow's own leaves to it.

    Returns
    -------
    Ending
        Its exit code and what it said.
    """
    if not home.is_dir():
        return _not_found(f"There is no folder {home}.")
    last: Mapping[str, Any] = {}
    with TemporaryFile() as out:
        try:
            process = subprocess.Popen(
                command,
                cwd=home,
                env=_environment() | dict(variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            return _not_found(f"{command[0]} cannot be run: {error.strerror}.")
        with process, _ended_with_us(process):
            for line in _parsed(process.stderr):
                if "exit_code" in line:
                    last = line
                on_line(line["level"], line["message"])
        out.seek(0)
        return Ending(process.returncode, _document(out.read()), last)


def _not_found(words: str) -> Ending:
    return Ending(NOT_FOUND, last={"message": words})


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if name not in _PYTHONS_OWN and not name.startswith(_AIRFLOWS_OWN)
    }


def _parsed(lines: IO[bytes] | None) -> Iterator[dict[str, Any]]:
    """Read log lines; Java's own become lines of level INFO."""
    for raw in lines or ():
        text = raw.decode(errors="replace").rstrip()
        line: Any = None
        with suppress(ValueError):
            line = json.loads(text)
        if not isinstance(line, dict):
            line = {"message": text}
        if "exc_info" in line:
            line["message"] = f"{line['message']}\n{line['exc_info']}"
        if text:
            yield {"level": "INFO", "message": text} | line


def _document(printed: bytes) -> Mapping[str, Any]:
    with suppress(ValueError):
        document = json.loads(printed)
        if isinstance(document, dict):
            return document
    return {}


@contextmanager
def _ended_with_us(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Wait for a process; end its group when this one is told to end."""
    try:
        with _forwarding(process):
            yield
            process.wait()
    except BaseException:
        _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + _GRACE_SECONDS
        while _lives(process) and time.monotonic() < deadline:
            time.sleep(0.1)
        _signal(process, signal.SIGKILL)
        process.wait()
        raise


@contextmanager
def _forwarding(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Pass SIGTERM on; Airflow's own handler lets a Python task go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(
        signal.SIGTERM, lambda *_: _signal(process, signal.SIGTERM)
    )
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _lives(process: subprocess.Popen[bytes]) -> bool:
    """Tell whether any process of the group is left, such as a JVM."""
    process.poll()  # else a zombie would count
    return _signal(process, 0)


def _signal(process: subprocess.Popen[bytes], number: int) -> bool:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return False
    return True
