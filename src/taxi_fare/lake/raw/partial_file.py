"""A file while it is being downloaded, safe from other processes."""

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

from filelock import lock_descriptor

from taxi_fare.core.files import flush_to_disk, write_json
from taxi_fare.lake.raw.file import unusable_because
from taxi_fare.lake.raw.file_version import Version

_logger = logging.getLogger(__name__)


class PartialFile:
    """
    The beginning of a file, with the version that it is the beginning of.

    Parameters
    ----------
    path : Path
        Where the bytes lie.
    """

    def __init__(self, path: Path, *, stream: BinaryIO, url: str) -> None:
        self.path = path
        self._stream = stream
        self._url = url
        self.version = _read_version(_told(path), url) or Version()

    @property
    def size(self) -> int:
        """Bytes that are there."""
        self._stream.flush()
        return os.fstat(self._stream.fileno()).st_size

    def restart(self, version: Version | None = None) -> None:
        """
        Drop what is there and begin with a version.

        Parameters
        ----------
        version : Version, optional
            What the next bytes belong to, if any are known to come.
        """
        self._stream.flush()
        self._stream.truncate(0)
        self.version = version or Version()
        # Only now: a crash in between leaves an empty file, not a mixture.
        write_json(_told(self.path), {"url": self._url} | asdict(self.version))

    def append(self, chunk: bytes) -> None:
        """
        Add bytes to the end.

        Parameters
        ----------
        chunk : bytes
            The next bytes of the version.
        """
        self._stream.write(chunk)

    def move_to(self, final: Path) -> None:
        """Give the complete file its final name."""
        self._stream.flush()
        flush_to_disk(self.path)
        # No file is ever beside what was told of another one.
        _told(final).unlink(missing_ok=True)
        self.path.replace(final)
        _told(self.path).replace(_told(final))
        flush_to_disk(final.parent)


@contextmanager
def opened(final: Path, url: str) -> Iterator[PartialFile]:
    """
    Open the partial file of a download, for this process alone.

    Yields
    ------
    PartialFile
        What earlier calls have fetched; kept for later ones unless empty.
    """
    path = final.with_name(f"{final.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with _locked(path) as stream:
        part = PartialFile(path, stream=stream, url=url)
        try:
            yield part
        finally:
            if part.size == 0:
                path.unlink()
                _told(path).unlink(missing_ok=True)


def kept_version(final: Path, url: str) -> Version | None:
    """
    Tell which version of a file an earlier download has left.

    Returns
    -------
    Version or None
        Only its length when the file was put there by hand; None when there
        is no usable one, or it comes from elsewhere.
    """
    if not final.is_file() or unusable_because(final):
        return None
    size = final.stat().st_size
    if not _told(final).exists():
        return Version(length=size)
    version = _read_version(_told(final), url)
    return version if version and version.length in {None, size} else None


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    while True:
        with path.open("ab") as stream:
            if not lock_descriptor(stream.fileno(), blocking=False):
                _logger.info("Waiting for another download of %s", path)
                lock_descriptor(stream.fileno())
            # The one before may have moved or removed what is locked now.
            if _is_at(stream, path):
                yield stream
                return


def _is_at(stream: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _told(file: Path) -> Path:
    """Name of the file that keeps what the server told of another one."""
    return file.with_name(f"{file.name}.http.json")


def _read_version(told: Path, url: str) -> Version | None:
    try:
        document = json.loads(told.read_bytes())
        if document.pop("url") != url:
            return None
        return Version(**document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
