"""A lock between processes: the system ends it with the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from taxi_fare.core.errors import TemporaryError


@contextmanager
def locked(
    file: Path, *, wait_seconds: float, refusal: TemporaryError
) -> Iterator[None]:
    """
    Keep other processes from what a file stands for.

    Raises
    ------
    TemporaryError
        The refusal, if another process holds it longer than that.
    """
    lock = FileLock(file, timeout=wait_seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise refusal from error
    try:
        yield
    finally:
        lock.release()
