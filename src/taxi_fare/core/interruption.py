"""The signals that end a run: Ctrl-C, and what a scheduler sends."""

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# 128 and the number of the signal, as shells count.
_FIRST_CODE = 128
INTERRUPTED = frozenset(_FIRST_CODE + number for number in _SIGNALS)
_MOMENT_SECONDS = 0.1
_received: list[int] = []


def end_on_signals(tidy: Callable[[], object] | None = None) -> None:
    """
    Let SIGINT and SIGTERM end this process with an exception.

    Files that are half-written are tidied on its way.
    """

    def end(number: int, frame: FrameType | None) -> None:
        """Raise what Python raises, or what ends it with the signal's code."""
        _received.append(number)
        if tidy is not None:
            tidy()
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(_FIRST_CODE + number)

    if threading.current_thread() is threading.main_thread():
        sys.unraisablehook = _raise_again
        for each in _SIGNALS:
            signal.signal(each, end)


def interruption() -> int | None:
    """
    Return the exit code of the signal that this process got.

    A signal leaves a call of the JVM unanswered, which may end with it. What
    fails afterwards, in PySpark's tidying up for one, fails in many ways.

    Returns
    -------
    int or None
        One of ``INTERRUPTED``, or None when it got none.
    """
    return _FIRST_CODE + _received[0] if _received else None


def _raise_again(unraisable: "sys.UnraisableHookArgs") -> None:
    """Send a signal once more whose exception Python has just dropped."""
    # It drops what is raised while an object is deleted, as py4j's are often.
    ends = isinstance(unraisable.exc_value, KeyboardInterrupt | SystemExit)
    if not (_received and ends):
        sys.__unraisablehook__(unraisable)
        return
    main = threading.main_thread().ident
    again = threading.Timer(
        _MOMENT_SECONDS, signal.pthread_kill, (main, _received[-1])
    )
    again.daemon = True
    again.start()
