"""The versions of a registry in an S3 store, and copies of them."""

import atexit
import logging
import shutil
import tempfile
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from taxi_fare.core.errors import (
    RegistryConflictError,
    TaxiFareError,
    TemporaryError,
)
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import MANIFEST, VERSIONS
from taxi_fare.core.version_files import (
    Damage,
    DamagedModelError,
    compare_files,
    found_objects,
    unexplained,
)
from taxi_fare.registry.contract import ModelVersions
from taxi_fare.registry.in_store.objects import AT_ONCE, StoreObjects
from taxi_fare.registry.model_folder import damaged_files

UPLOADS = "uploads"
_logger = logging.getLogger(__name__)


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

        Raises
        ------
        DamagedModelError
            If other objects are there than its manifest names.
        """
        if self._copies is None:
            self._copies = scratch_folder()
        folder = self._copies / name
        if not (folder / MANIFEST).is_file():
            self._fetch(name, folder)
        return folder

    def damaged_files(self, name: str) -> list[Damage]:
        """Compare the objects of a version with its manifest."""
        try:
            return damaged_files(self.path(name))
        except DamagedModelError as error:
            return error.damage

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

    def publish(self, staged: Path) -> str:
        """
        Make a sealed folder a version, its manifest last.

        Raises
        ------
        TemporaryError
            If there is such a version: it never changes.
        """
        name = staged.name
        folder = f"{VERSIONS}/{name}"
        paths = {
            f"{folder}/{path.relative_to(staged).as_posix()}": path
            for path in staged.rglob("*")
            if path.is_file()
        }
        key = f"{folder}/{MANIFEST}"
        manifest = paths.pop(key).read_bytes()

        def put(each: str) -> None:
            """Upload one file."""
            self._objects.put(each, paths[each].read_bytes())

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(put, paths))  # raises what went wrong
        if self._objects.put_new(key, manifest):
            return name
        # When an answer gets lost, the client asks again, and finds its own.
        found = self._objects.get(key)
        if found is None or found[0] != manifest:
            raise TemporaryError(
                f"There is a version {name} already.",
                expected="a name that no other run uses",
                remedy="run the command again.",
            )
        return name

    def remove(self, names: Collection[str]) -> None:
        """Remove versions, their manifest first, and what is left of them."""
        there = self._objects.by_folder(VERSIONS) if names else {}
        for name in set(names) & there.keys():
            manifest = f"{VERSIONS}/{name}/{MANIFEST}"
            keys = {each.key for each in there[name]}
            self._objects.delete(keys & {manifest})
            self._objects.delete(sorted(keys - {manifest}))

    def remove_upload(self, name: str) -> None:
        """Remove what Spark's workers wrote."""
        found = self._objects.below(f"{UPLOADS}/{name}")
        self._objects.delete(each.key for each in found)

    def abandoned(self, folder: str, *, hours: float) -> set[str]:
        """Return what nobody has written to for long."""
        limit = datetime.now(UTC) - timedelta(hours=hours)
        return {
            name
            for name, found in self._objects.by_folder(folder).items()
            if max(each.modified for each in found) < limit
        }

    def manifest(self, name: str) -> dict[str, Any]:
        """Read what explains a version."""
        key = f"{VERSIONS}/{name}/{MANIFEST}"
        found = self._objects.get(key)
        try:
            if found is None:
                raise ValueError("there is none")  # as a damaged one
            return parse_manifest(found[0], model=name)
        except ValueError as error:
            place = f"{self._objects.url}/{key}"
            raise unexplained(name, place=place, why=error) from error

    def _fetch(self, name: str, folder: Path) -> None:
        prefix = f"{VERSIONS}/{name}"
        sizes = {
            str(PurePosixPath(each.key).relative_to(prefix)): each.size
            for each in self._objects.below(prefix)
        }
        if MANIFEST not in sizes:
            return  # it was pruned
        try:
            named = self.manifest(name)["files"]
        except RegistryConflictError:
            named = {}  # whoever reads the copy of it finds out why
        else:
            found = found_objects(sizes, named=named)
            # Bytes are compared where the copy is used.
            names = compare_files(named, found=found, digest=named.__getitem__)
            if names:
                raise DamagedModelError(name, names)

        def fetch(each: str) -> None:
            """Copy one file; one that is gone is seen by its absence."""
            got = self._objects.get(f"{prefix}/{each}")
            if got is not None:
                path = folder / each
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(got[0])

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(fetch, {MANIFEST, *named}))


@contextmanager
def tidying() -> Iterator[None]:
    """Go on when something cannot be removed: it is removed later."""
    try:
        yield
    except TaxiFareError as error:
        _logger.warning("Not tidied up yet: %s", error)


def scratch_folder() -> Path:
    """Make an empty folder that is removed when the process ends."""
    return Path(tempfile.mkdtemp(dir=_scratch()))


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="taxi-fare-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
