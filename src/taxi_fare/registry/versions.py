"""The folders of the versions: staged, published, verified, removed."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import lock_descriptor

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import flush_to_disk, sha256_of, write_json

MANIFEST = "manifest.json"
_STAGING = ".staging-"
_REMOVED = ".removed-"


class Versions:
    """
    The folder ``versions/`` of a registry.

    A name that begins with a dot is no version yet, or no longer one: a
    folder becomes a version, and ceases to be one, by a single rename.

    Parameters
    ----------
    folder : Path
        Where the versions are; may be missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> set[str]:
        """
        Return the published versions.

        Returns
        -------
        set of str
            Their names.
        """
        if not self._folder.is_dir():
            return set()
        found = (path.name for path in self._folder.iterdir())
        return {name for name in found if not name.startswith(".")}

    def path(self, name: str) -> Path:
        """
        Return the folder of a version.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Path
            The folder, which may have been pruned.
        """
        return self._folder / name

    @contextmanager
    def staging(self, name: str) -> Iterator[Path]:
        """
        Give a folder to write a version into.

        Others see by its lock, which ends with this process, that it is
        still being written.

        Parameters
        ----------
        name : str
            The version that it is to become.

        Yields
        ------
        Path
            An empty folder; removed at the end unless it was published.
        """
        folder = self._folder / f"{_STAGING}{name}"
        folder.mkdir(parents=True)
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            lock_descriptor(descriptor)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)

    def publish(self, staged: Path) -> None:
        """
        Make a staged folder a version.

        Parameters
        ----------
        staged : Path
            From ``staging``, with everything in it.
        """
        staged.rename(self.path(staged.name.removeprefix(_STAGING)))
        flush_to_disk(self._folder)

    def remove_all_but(self, kept: set[str]) -> None:
        """
        Remove versions, and what killed processes left.

        Parameters
        ----------
        kept : set of str
            Versions that stay.
        """
        for name in self.names() - kept:
            self.path(name).rename(self._folder / f"{_REMOVED}{name}")
        for path in self._folder.glob(f"{_REMOVED}*"):
            shutil.rmtree(path)
        for path in self._folder.glob(f"{_STAGING}*"):
            if _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)

    def manifest(self, name: str) -> dict[str, Any]:
        """
        Read what explains a version.

        Parameters
        ----------
        name : str
            A published version.

        Returns
        -------
        dict
            Its ``manifest.json``.

        Raises
        ------
        RegistryConflictError
            If it is missing or damaged.
        """
        path = self.path(name) / MANIFEST
        try:
            document: dict[str, Any] = json.loads(path.read_bytes())
        except (OSError, ValueError) as error:
            raise RegistryConflictError(
                f"The version {name} cannot be explained: {error}",
                expected=f"a readable {path}",
                remedy="run `taxi-fare registry rollback`, or restore the"
                " folder.",
            ) from error
        return document

    def damaged_files(self, name: str) -> list[str]:
        """
        Compare a version's files with the hashes of its manifest.

        Parameters
        ----------
        name : str
            A published version.

        Returns
        -------
        list of str
            Paths that are missing or have other bytes; empty when whole.
        """
        try:
            expected = self.manifest(name)["files"]
        except (RegistryConflictError, KeyError):
            return [MANIFEST]
        folder = self.path(name)
        return [
            path
            for path, digest in expected.items()
            if not (folder / path).is_file()
            or sha256_of(folder / path) != digest
        ]


def seal(staged: Path, manifest: dict[str, Any]) -> None:
    """
    Flush a staged version to disk, and write its manifest last.

    Parameters
    ----------
    staged : Path
        The folder, with every other file in it.
    manifest : dict
        Gets ``files``: the SHA-256 of each file by its path.
    """
    hashes: dict[str, str] = {}
    for path in sorted(staged.rglob("*")):
        flush_to_disk(path)
        if path.is_file():
            hashes[path.relative_to(staged).as_posix()] = sha256_of(path)
    write_json(staged / MANIFEST, manifest | {"files": hashes})


def _is_abandoned(folder: Path) -> bool:
    """Tell whether the process that was writing has ended."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        return False  # its process has just removed or published it
    try:
        return lock_descriptor(descriptor, blocking=False)
    finally:
        os.close(descriptor)
