"""The versions of a registry in an S3 store, and copies of them."""

import atexit
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import MANIFEST, VERSIONS
from taxi_fare.registry.contract import ModelVersions
from taxi_fare.registry.in_store.objects import AT_ONCE, StoreObjects
from taxi_fare.registry.model_folder import (
    unexplained,
)

UPLOADS = "uploads"


class StoreVersions(ModelVersions):
    """
    The objects below ``versions/``.

    A version exists when its manifest does: that is written last and deleted
    first.
    """

    def __init__(self, objects: StoreObjects) -> None:
        self._objects = objects
        self._copies: Path | None = None

    def names(self) -> set[str]:
        """Return the published versions."""
        return {
            name
            for name, found in self._objects.by_folder(VERSIONS).items()
            if any(each.key.endswith(f"/{MANIFEST}") for each in found)
        }

    def path(self, name: str) -> Path:
        """
        Return a copy of a version on this machine.

        Versions do not change: it is fetched once and removed when the
        process ends.
        """
        if self._copies is None:
            self._copies = scratch_folder()
        folder = self._copies / name
        if not (folder / MANIFEST).is_file():
            self._fetch(name, folder)
        return folder

    def url(self, name: str) -> str:
        """Return where Spark's workers find a version."""
        return self._s3a(f"{VERSIONS}/{name}")

    def upload_url(self, name: str) -> str:
        """
        Return where Spark's workers may write what becomes a version.

        Hadoop leaves marks of its folders there, which must not get among
        the versions: this client can neither read nor delete them.
        """
        return self._s3a(f"{UPLOADS}/{name}")

    def _s3a(self, key: str) -> str:
        _, _, place = self._objects.url.partition("://")
        return f"s3a://{place}/{key}"

    def manifest(self, name: str) -> dict[str, Any]:
        """
        Read what explains a version.

        Raises
        ------
        RegistryConflictError
            If it is missing or damaged.
        """
        key = f"{VERSIONS}/{name}/{MANIFEST}"
        found = self._objects.get(key)
        try:
            if found is None:
                raise ValueError("there is none")  # as a damaged one
            return parse_manifest(found[0])
        except ValueError as error:
            place = f"{self._objects.url}/{key}"
            raise unexplained(name, place=place, why=error) from error

    def _fetch(self, name: str, folder: Path) -> None:
        prefix = f"{VERSIONS}/{name}"
        keys = [each.key for each in self._objects.below(prefix)]

        def fetch(key: str) -> None:
            """Copy one file; one that is gone is seen by its absence."""
            found = self._objects.get(key)
            if found is not None:
                path = folder / PurePosixPath(key).relative_to(prefix)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found[0])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fetch, keys))


def scratch_folder() -> Path:
    """Make an empty folder that is removed when the process ends."""
    return Path(tempfile.mkdtemp(dir=_scratch()))


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="taxi-fare-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
