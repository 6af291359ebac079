"""Files that appear whole or not at all."""

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import Any

from taxi_fare.core.usage import note_written
from taxi_fare.core.visible import visible_json

_DAY_SECONDS = 86_400
# What tells our own temporary names from everybody else's.
_MARK = "taxi-fare"
_UNIQUE = "[0-9]+-[0-9a-f]{8}"


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Give a temporary file that takes the final name when the block succeeds.

    The bytes are flushed to disk before the name changes, so that a crash
    leaves the old file or the new one, never a part of either.
    """
    # Unlike those of tempfile, with the permissions of any new file.
    make = partial(Path.touch, exist_ok=False)
    with _held_beside(path, "tmp", make) as temporary:
        yield temporary
        flush_to_disk(temporary)
        temporary.replace(path)
    note_written(path)
    # The new file is there: an error would say that it is not. Some file
    # systems cannot flush a folder.
    with suppress(OSError):
        flush_to_disk(path.parent)


@contextmanager
def temporary_folder(path: Path, *, mode: int = 0o777) -> Iterator[Path]:
    """
    Give a folder for the parts of a file that is being made.

    Yields
    ------
    Path
        A hidden, empty folder beside it; removed at the end.
    """
    make = partial(Path.mkdir, mode=mode)
    with _held_beside(path, "parts", make) as folder:
        yield folder


def remove_leftovers(path: Path, *, age_seconds: float = _DAY_SECONDS) -> None:
    """
    Remove what killed processes have left of a file that they were writing.

    Only what bears a name of this module, is that old, and is held by no
    process. What cannot be removed is left to the next one.
    """
    ours = re.compile(
        rf"\.{re.escape(path.name)}\.{_UNIQUE}\.{_MARK}\.(tmp|parts)"
    )
    with os.scandir(path.parent) as entries:
        left = [
            Path(each.path) for each in entries if ours.fullmatch(each.name)
        ]
    for each in left:
        # Its own process may just have finished with it.
        with suppress(OSError):
            if time.time() - each.lstat().st_mtime >= age_seconds:
                _remove_unless_held(each)


@contextmanager
def _held_beside(
    path: Path, kind: str, make: Callable[[Path], None]
) -> Iterator[Path]:
    """
    Make something that no other process, or thread, has named before.

    A lock on it ends with this process at the latest. Where there are no
    locks, leftovers cannot be told, and stay.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    descriptor = None
    with ExitStack() as stack:
        while descriptor is None:
            # In containers, every process has the same few numbers.
            unique = f"{os.getpid()}-{secrets.token_hex(4)}"
            name = f".{path.name}.{unique}.{_MARK}.{kind}"
            temporary = path.with_name(name)
            make(temporary)
            stack.callback(_remove, temporary)
            descriptor = _hold(temporary)
            if descriptor is not None:
                stack.callback(os.close, descriptor)
        yield temporary


def _remove(path: Path) -> None:
    """Remove what is left, if it can be: the next writer tries again."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def _hold(path: Path) -> int | None:
    """Lock what was just made; None if it was taken for a leftover."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    held = True
    with suppress(OSError):
        held = _lock(descriptor)
    if held and path.exists():
        return descriptor
    os.close(descriptor)
    return None


def _remove_unless_held(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        if not _lock(descriptor):
            return
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    from filelock import lock_descriptor

    return lock_descriptor(descriptor, blocking=False)


def flush_to_disk(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path, text: str) -> None:
    """Write a text atomically."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document atomically."""
    write_text(path, to_json(document) + "\n")


def to_json(document: Any) -> str:
    """
    Format a document the way every JSON file of the project is.

    Whoever prints it on a terminal sees what is in it, as escapes.
    """
    return visible_json(
        json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
    )


@contextmanager
def opened(path: Path, *, at_most: int) -> Iterator[BufferedReader]:
    """
    Open a file for reading that somebody else may have put there.

    Raises
    ------
    ValueError
        If it is no file, or has more bytes.
    """
    # A pipe would wait for whoever writes into it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{path} is no file")
        if status.st_size > at_most:
            raise ValueError(
                f"{path} has {status.st_size:,} bytes, and may have"
                f" {at_most:,}"
            )
        with open(descriptor, "rb", closefd=False) as stream:
            yield stream
    finally:
        os.close(descriptor)


def read_bounded(path: Path, *, at_most: int) -> bytes:
    """
    Read a file that somebody else may have put there.

    Raises
    ------
    ValueError
        If it is no file, or has more bytes.
    """
    with opened(path, at_most=at_most) as stream:
        return stream.read()


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
