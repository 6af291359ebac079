"""A lake in an S3 store: one listing, few ranges, whole objects."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath

import obstore
import pyarrow as pa
import pyarrow.parquet as pq
from obstore.store import S3Store

from taxi_fare.core.files import remove_leftovers, temporary_folder
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import (
    open_store,
    split_store_url,
    store_errors,
)
from taxi_fare.lake.parquet import read_footer

# Holds the footer of a month of ours; a longer one costs a second request.
_TAIL_BYTES = 1 << 16
_LENGTH_AND_MAGIC = 8


@dataclass(frozen=True)
class StoreLake:
    """A lake in an S3 store."""

    url: str
    settings: Settings = field(repr=False, compare=False)

    def __str__(self) -> str:
        return "/".join(["s3a:/", *filter(None, split_store_url(self.url))])

    @property
    def described(self) -> str:
        """Where it is, for a message."""
        return str(self)

    @property
    def source(self) -> str:
        """What `taxi-fare ingest --source` takes for it."""
        return "FOLDER (a copy of it on a disk)"

    @cached_property
    def store(self) -> S3Store:
        """Client of the store, rooted at the lake."""
        return open_store(self.url, self.settings)

    @contextmanager
    def telling_errors(self) -> Iterator[None]:
        """Say what is wrong with the store, if something is."""
        with store_errors(str(self), self.settings):
            yield

    def files(self, folder: str = "") -> list["StoreFile"]:
        """
        List the files below a folder, with one listing.

        Parameters
        ----------
        folder : str, optional
            Such as ``2023/06``; empty for the whole lake.
        """
        with self.telling_errors():
            found = [
                StoreFile(self, each["path"], each["size"], each["e_tag"])
                for batch in obstore.list(self.store, prefix=folder or None)
                for each in batch
            ]
        # Some programs write an empty object with the name of each folder.
        folders = {file.parent.key for file in found}
        files = (file for file in found if file.key not in folders)
        return sorted(files, key=lambda file: file.key)

    def path(self, key: str) -> "StorePath":
        """Name a file, whether it exists or not."""
        return StorePath(self, key)

    def beside(self, suffix: str) -> "StoreLake":
        """Return the place beside the lake."""
        bucket, prefix = split_store_url(self.url)
        return StoreLake(f"s3a://{bucket}/{prefix}{suffix}", self.settings)

    def versions_now(self, keys: Iterable[str]) -> set["StoreFile"]:
        """Tell which files are there now, each in its version."""
        return set(self.files())


@dataclass(frozen=True)
class StorePath:
    """The name of a file of a lake in a store."""

    lake: StoreLake
    key: str

    def __str__(self) -> str:
        return f"{self.lake}/{self.key}"

    @property
    def location(self) -> "StorePath":
        """What names it to people: nothing opens it on this machine."""
        return self

    @property
    def address(self) -> str:
        """What Spark reads."""
        return str(self)

    @property
    def name(self) -> str:
        """The last part of the key."""
        return PurePosixPath(self.key).name

    @property
    def parent(self) -> "StorePath":
        """What the key without its last part names."""
        return StorePath(self.lake, str(PurePosixPath(self.key).parent))

    def look(self) -> tuple["StoreFile | None", set[str]]:
        """Return the file if it is there, and the names beside it."""
        found, names = None, set()
        folder = self.parent.key
        for file in self.lake.files(folder):
            if file.key == self.key:
                found = file
            else:
                below = file.key.removeprefix(f"{folder}/")
                names.add(below.split("/")[0])
        return found, names

    def remove_leftovers(self) -> None:
        """Remove what killed ingests have left of it."""
        remove_leftovers(self._temporary, age_seconds=0)

    @property
    def _temporary(self) -> Path:
        """What names temporary folders of its writers on this machine."""
        digest = hashlib.sha256(str(self).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"taxi-fare-{digest}"

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """
        Give a local path that is uploaded when the block succeeds.

        One object is put whole or completed at once: readers see the old one
        or the new one.
        """
        with temporary_folder(self._temporary, mode=0o700) as folder:
            temporary = folder / self.name
            yield temporary
            with self.lake.telling_errors():
                obstore.put(self.lake.store, self.key, temporary)


@dataclass(frozen=True)
class StoreFile(StorePath):
    """
    A file that a listing found.

    Parameters
    ----------
    size : int
        In bytes.
    """

    size: int
    e_tag: str | None

    @property
    def problem(self) -> str:
        """Why it cannot be opened: an object always can."""
        return ""

    def fingerprint(self) -> str:
        """Identify the bytes of the file without reading them."""
        told = repr((self.key, self.size, self.e_tag))
        return hashlib.sha256(told.encode()).hexdigest()

    def read_footer(self) -> pq.FileMetaData:
        """
        Read the footer of this version of the file, mostly in one request.

        Raises
        ------
        FileNotFoundError, obstore.exceptions.PreconditionError
            If the file was removed or replaced since the listing.
        UnreadableFileError
            If it is no parquet file.
        """
        tail = self._end(_TAIL_BYTES)
        length = int.from_bytes(tail[-_LENGTH_AND_MAGIC:-4], "little")
        needed = length + _LENGTH_AND_MAGIC
        if len(tail) < needed <= self.size:
            tail = self._end(needed)
        return read_footer(pa.BufferReader(tail))

    def _end(self, length: int) -> bytes:
        if not self.size:
            return b""
        start = max(0, self.size - length)
        with self.lake.telling_errors():
            answer = obstore.get(
                self.lake.store,
                self.key,
                options={
                    "range": (start, self.size),
                    "if_match": self.e_tag,
                },
            )
            return bytes(answer.bytes())
