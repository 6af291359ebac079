"""A lake in a folder of this machine."""

import os
import shlex
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow.parquet as pq

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.files import remove_leftovers, replacing, sha256_of
from taxi_fare.lake.layout import is_year, may_hold_months
from taxi_fare.lake.parquet import read_footer


@dataclass(frozen=True)
class FolderLake:
    """A lake in a folder; it may be missing."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    @property
    def described(self) -> str:
        """Where it is, for a message."""
        missing = "" if self.root.is_dir() else " (there is no such folder)"
        return f"{self.root.absolute()}{missing}"

    @property
    def source(self) -> str:
        """What `taxi-fare ingest --source` takes for it."""
        return shlex.quote(str(self.root))

    def path(self, key: str) -> "FolderFile":
        """Name a file, whether it exists or not."""
        return FolderFile(self, key)

    def beside(self, suffix: str) -> "FolderLake":
        """Return the place beside the lake."""
        folder = self.root.absolute()  # "." has no name to add to
        return FolderLake(folder.with_name(f"{folder.name}{suffix}"))

    def files(self) -> list["FoundFile"]:
        """
        List what may be months, each file as it is now.

        Raises
        ------
        EnvironmentLackError
            If the folder may not be listed.
        """
        try:
            found = [*self._below(self.root, "")]
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise EnvironmentLackError(
                f"The lake {self} cannot be listed: {error.strerror}.",
                expected="a folder that this user may read",
                remedy="change its permissions, or --data-base-path.",
            ) from error
        return sorted(found, key=lambda file: file.key)

    def _below(self, folder: Path, key: str) -> Iterator["FoundFile"]:
        with os.scandir(folder) as listed:
            entries = [*listed]
        if key and not entries:
            yield FoundFile(self, f"{key}/", None)
        for entry in entries:
            name = f"{key}/{entry.name}" if key else entry.name
            if not (folder / entry.name).is_dir():
                yield FoundFile.now(self, name)
            elif not may_hold_months(name):
                yield FoundFile(self, f"{name}/", None)
            else:
                try:
                    yield from self._below(folder / entry.name, name)
                except OSError as error:
                    if is_year(name):
                        raise
                    reason = f"cannot be listed: {error.strerror}"
                    yield FoundFile(self, f"{name}/", None, reason)

    def versions_now(self, keys: Iterable[str]) -> set["FoundFile"]:
        """Tell which of some files are there now, each in its version."""
        return {FoundFile.now(self, key) for key in keys}


@dataclass(frozen=True)
class FolderFile:
    """The name of a file of a lake in a folder."""

    lake: FolderLake
    key: str

    def __str__(self) -> str:
        return str(self.location)

    @property
    def location(self) -> Path:
        """What opens it on this machine."""
        return self.lake.root / self.key

    @property
    def address(self) -> str:
        """What Spark reads; its JVM may be in another working directory."""
        return str(self.location.absolute())

    @property
    def name(self) -> str:
        """The last part of the key."""
        return PurePosixPath(self.key).name

    @property
    def parent(self) -> "FolderFile":
        """What the key without its last part names."""
        return FolderFile(self.lake, str(PurePosixPath(self.key).parent))

    def look(self) -> tuple["FolderFile | None", set[str]]:
        """Return the file if it is there, and the names beside it."""
        names = {each.name for each in self.location.parent.glob("*")}
        if not self.location.is_file():
            return None, names
        return self, names - {self.name}

    @contextmanager
    def replacing(self) -> Iterator[Path]:
        """Give a path beside it that takes its name on success."""
        try:
            with replacing(self.location) as temporary:
                yield temporary
        except BaseException:
            # An empty folder would look like a month that lost its file.
            with suppress(OSError):
                self.location.parent.rmdir()
            raise

    def remove_leftovers(self) -> None:
        """Remove what killed ingests have left of it."""
        with suppress(OSError):
            remove_leftovers(self.location, age_seconds=0)

    def read_footer(self) -> pq.FileMetaData:
        """
        Read the footer of the file.

        Raises
        ------
        OSError, UnreadableFileError
            If it is not there, or no parquet file.
        """
        return read_footer(self.location)


@dataclass(frozen=True)
class FoundFile(FolderFile):
    """
    A file that a listing found.

    Parameters
    ----------
    version : tuple of int or None
        Inode, bytes and time in nanoseconds: another writer's file differs
        in one of them. None where it cannot be opened.
    problem : str
        Why that is so; empty for a file, and a folder that can be listed.
    """

    version: tuple[int, int, int] | None
    problem: str = ""

    @classmethod
    def now(cls, lake: FolderLake, key: str) -> "FoundFile":
        """Look at a file, following links."""
        path = lake.root / key
        try:
            found = path.stat()
        except OSError as error:
            is_link = path.is_symlink()
            reason = f"{'a link: ' if is_link else ''}{error.strerror}"
            return cls(lake, key, None, reason)
        if not stat.S_ISREG(found.st_mode):
            return cls(lake, key, None, "it is no regular file")
        version = found.st_ino, found.st_size, found.st_mtime_ns
        return cls(lake, key, version)

    def fingerprint(self) -> str:
        """Identify the bytes of the file."""
        return sha256_of(self.location)
