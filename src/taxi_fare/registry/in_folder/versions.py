"""The folders of the versions: staged, published, verified, removed."""

import os
import shutil
import time
from collections.abc import Container, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import lock_descriptor

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import flush_to_disk
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.registry.contract import ModelVersions
from taxi_fare.registry.model_folder import read_manifest
from taxi_fare.registry.tidying import Strangers, tidying

_HOUR_SECONDS = 3600
_STAGING = ".staging-"
_REMOVED = ".removed-"


class FolderVersions(ModelVersions):
    """
    The folder ``versions/`` of a registry.

    A name that begins with a dot is no version yet, or no longer one: a
    folder becomes a version, and ceases to be one, by a single rename.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._strangers = Strangers(folder)

    def names(self) -> set[str]:
        """Return the published versions: each has a manifest."""
        return {
            path.name
            for path in self._entries()
            if not path.name.startswith(".")
            and _is_folder(path)
            and (path / MANIFEST).is_file()
            and not _is_of_another(path)
        }

    def _entries(self) -> list[Path]:
        return [*self._folder.iterdir()] if self._folder.is_dir() else []

    def path(self, name: str) -> Path:
        """Return the folder of a version."""
        return self._folder / name

    def url(self, name: str) -> None:
        """Return where Spark's workers find a version: nowhere but here."""

    def upload_url(self, name: str) -> None:
        """Return where Spark's workers may write: nowhere but here."""

    @contextmanager
    def staging(
        self, name: str, *, lock: AbstractContextManager[None]
    ) -> Iterator[Path]:
        """
        Give a folder to write a version into.

        Others see by a lock of its own, which ends with this process, that
        it is still being written: nobody may tidy up before.
        """
        folder = self._folder / f"{_STAGING}{name}"
        with ExitStack() as stack:
            with lock:
                folder.mkdir(parents=True)
                descriptor = os.open(folder, os.O_RDONLY)
                stack.callback(os.close, descriptor)
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                lock_descriptor(descriptor)
            yield folder

    def publish(self, staged: Path) -> str:
        """Make a staged folder a version."""
        name = staged.name.removeprefix(_STAGING)
        staged.rename(self.path(name))
        flush_to_disk(self._folder)
        return name

    def remove(self, name: str) -> None:
        """Remove a version, if it is there."""
        path = self.path(name)
        if not path.exists():
            return
        if not name.startswith(_REMOVED):
            path = path.rename(self._folder / f"{_REMOVED}{name}")
        shutil.rmtree(path)

    def tidy(
        self, *, kept: set[str], known: Container[str], grace_hours: float
    ) -> None:
        """
        Remove versions, and what killed processes left.

        Parameters
        ----------
        kept : set of str
            Versions that stay.
        known : container of str
            Names that are versions of this registry for certain. What else
            looks like one must not have changed for ``grace_hours``; what
            does not is somebody else's, and left alone with a warning.
        """
        strange = []
        for path in self._entries():
            name = path.name
            if name in kept:
                continue
            if not _is_folder(path):
                strange.append(name)
            elif name.removeprefix(_REMOVED) in known:
                with tidying():
                    self.remove(name)
            elif not _is_ours(path):
                strange.append(name)
            elif (
                # Its lock tells for certain that its process has ended.
                name.startswith((_STAGING, _REMOVED))
                or _hours_since_change(path) >= grace_hours
            ):
                with tidying():
                    if _is_abandoned(path):
                        self.remove(name)
        self._strangers.tell(strange)

    def manifest(self, name: str) -> dict[str, Any]:
        """Read what explains a version."""
        return read_manifest(self.path(name))


def _is_folder(path: Path) -> bool:
    """Tell a folder from a link to one, which leads away from here."""
    return path.is_dir() and not path.is_symlink()


def _is_of_another(folder: Path) -> bool:
    """Tell by its manifest whether it is a copy of another version."""
    try:
        return bool(read_manifest(folder)["model_id"] != folder.name)
    except (RegistryConflictError, KeyError):
        return False


def _is_ours(folder: Path) -> bool:
    """Tell by its name or its manifest whether a registry made a folder."""
    if folder.name.startswith((_STAGING, _REMOVED)):
        return True
    try:
        return bool(read_manifest(folder)["model_id"] == folder.name)
    except (RegistryConflictError, KeyError):
        return False


def _hours_since_change(folder: Path) -> float:
    """Return since when it is as it is here: a copy begins anew."""
    seconds = time.time() - folder.stat().st_ctime
    return seconds / _HOUR_SECONDS


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
