"""The folders of the versions: staged, published, verified, removed."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import lock_descriptor

from taxi_fare.core.files import flush_to_disk
from taxi_fare.registry.contract import ModelVersions
from taxi_fare.registry.model_folder import read_manifest

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

    def names(self) -> set[str]:
        """Return the published versions."""
        if not self._folder.is_dir():
            return set()
        found = (path.name for path in self._folder.iterdir())
        return {name for name in found if not name.startswith(".")}

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

    def remove_all_but(self, kept: set[str]) -> None:
        """Remove versions, and what killed processes left."""
        for name in self.names() - kept:
            self.path(name).rename(self._folder / f"{_REMOVED}{name}")
        for path in self._folder.glob(f"{_REMOVED}*"):
            shutil.rmtree(path)
        for path in self._folder.glob(f"{_STAGING}*"):
            if _is_abandoned(path):
                shutil.rmtree(path, ignore_errors=True)

    def manifest(self, name: str) -> dict[str, Any]:
        """Read what explains a version."""
        return read_manifest(self.path(name))


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
