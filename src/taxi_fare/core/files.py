"""Files that appear whole or not at all."""

import hashlib
import json
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

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
    temporary = _new_beside(path, "tmp")
    try:
        # Unlike those of tempfile, with the permissions of any new file.
        temporary.touch(exist_ok=False)
        with _in_use(temporary):
            yield temporary
            flush_to_disk(temporary)
            temporary.replace(path)
            flush_to_disk(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def temporary_folder(path: Path) -> Iterator[Path]:
    """
    Give a folder for the parts of a file that is being made.

    Yields
    ------
    Path
        A hidden, empty folder beside it; removed at the end.
    """
    folder = _new_beside(path, "parts")
    try:
        folder.mkdir()
        with _in_use(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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


def _new_beside(path: Path, kind: str) -> Path:
    """Name something that no other process, or thread, has named before."""
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path)
    # In containers, every process has the same few numbers.
    unique = f"{os.getpid()}-{secrets.token_hex(4)}"
    return path.with_name(f".{path.name}.{unique}.{_MARK}.{kind}")


@contextmanager
def _in_use(path: Path) -> Iterator[None]:
    """Hold a lock, which ends with this process at the latest."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        # Where there are no locks, leftovers cannot be told, and stay.
        with suppress(OSError):
            _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


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
