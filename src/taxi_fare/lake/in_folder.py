"""A lake in a folder of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pyarrow.parquet as pq

from taxi_fare.core.files import replacing, sha256_of


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

    def path(self, key: str) -> "FolderFile":
        """Name a file, whether it exists or not."""
        return FolderFile(self, key)

    def beside(self, suffix: str) -> "FolderLake":
        """Return the place beside the lake."""
        folder = self.root.absolute()  # "." has no name to add to
        return FolderLake(folder.with_name(f"{folder.name}{suffix}"))

    def by_folder(self) -> dict[str, list["FolderFile"]]:
        """List what is in each folder ``YYYY/MM``, empty ones included."""
        found: dict[str, list[FolderFile]] = {}
        for folder in self.root.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]"):
            key = f"{folder.parent.name}/{folder.name}"
            names = sorted(each.name for each in folder.glob("*"))
            found[key] = [FolderFile(self, f"{key}/{name}") for name in names]
        return found

    def versions_now(self) -> None:
        """Tell which files are there now: a folder tells no versions apart."""


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

    def fingerprint(self) -> str:
        """Identify the bytes of the file."""
        return sha256_of(self.location)

    def read_footer(self) -> pq.FileMetaData:
        """
        Read the footer of the file.

        Raises
        ------
        OSError, pyarrow.ArrowException
            If it is not there, or no parquet file.
        """
        return pq.read_metadata(self.location)
