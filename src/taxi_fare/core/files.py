"""Files that appear whole or not at all."""

import glob
import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_DAY_SECONDS = 86_400


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """
    Give a temporary path that takes the final name when the block succeeds.

    The bytes are flushed to disk before the name changes, so that a crash
    leaves the old file or the new one, never a part of either.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
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
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_leftovers(path)
    folder = path.with_name(f".{path.name}.{os.getpid()}.parts")
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(path: Path) -> None:
    """Remove what runs that were killed more than a day ago have left."""
    for leftover in path.parent.glob(f".{glob.escape(path.name)}.*"):
        if time.time() - leftover.stat().st_mtime < _DAY_SECONDS:
            continue
        if leftover.is_dir():
            shutil.rmtree(leftover, ignore_errors=True)
        elif leftover.suffix == ".tmp":
            leftover.unlink(missing_ok=True)


def flush_to_disk(path: Path) -> None:
    """Flush a file or a folder to disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document atomically."""
    with replacing(path) as temporary:
        temporary.write_text(to_json(document) + "\n", encoding="utf-8")


def to_json(document: Any) -> str:
    """Format a document the way every JSON file of the project is."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
