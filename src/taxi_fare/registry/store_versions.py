"""The versions of a registry in an S3 store: published, fetched, removed."""

import atexit
import json
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.registry.model_folder import (
    MANIFEST,
    damaged_files,
    unexplained,
)
from taxi_fare.registry.state_file import VERSIONS
from taxi_fare.registry.store_objects import StoredObject, StoreObjects

# A version has about forty small objects: the way there and back counts.
_AT_ONCE = 8


class StoreVersions:
    """
    The objects below ``versions/``.

    A version exists when its manifest does: that is written last and deleted
    first.

    Parameters
    ----------
    objects : StoreObjects
        The registry's place.
    """

    def __init__(self, objects: StoreObjects) -> None:
        self._objects = objects
        self._copies: Path | None = None

    def names(self) -> set[str]:
        """
        Return the published versions.

        Returns
        -------
        set of str
            Their names.
        """
        return {
            name
            for name, found in self._listed().items()
            if any(each.key.endswith(f"/{MANIFEST}") for each in found)
        }

    def path(self, name: str) -> Path:
        """
        Return a copy of a version on this machine.

        Versions do not change: it is fetched once and removed when the
        process ends.

        Parameters
        ----------
        name : str
            Its name.

        Returns
        -------
        Path
            A folder; missing when there is no such version.
        """
        if self._copies is None:
            self._copies = temporary_folder()
        folder = self._copies / name
        if not (folder / MANIFEST).is_file():
            self._fetch(name, folder)
        return folder

    def url(self, name: str) -> str:
        """
        Return where Spark's workers find a version.

        Parameters
        ----------
        name : str
            Its name; it need not be published yet.

        Returns
        -------
        str
            Such as ``s3a://models/registry/versions/2023-05_…``.
        """
        _, _, place = self._objects.url.partition("://")
        return f"s3a://{place}/{VERSIONS}/{name}"

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
        key = f"{VERSIONS}/{name}/{MANIFEST}"
        found = self._objects.get(key)
        try:
            if found is None:
                raise ValueError("there is none")  # as a damaged one
            document: dict[str, Any] = json.loads(found[0])
        except ValueError as error:
            place = f"{self._objects.url}/{key}"
            raise unexplained(name, place, why=error) from error
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
        return damaged_files(self.path(name))

    def publish(self, staged: Path, name: str) -> None:
        """
        Make a sealed folder a version.

        Parameters
        ----------
        staged : Path
            With everything in it.
        name : str
            The version that it becomes.

        Raises
        ------
        RegistryConflictError
            If there is such a version: it never changes.
        """
        folder = f"{VERSIONS}/{name}"
        files = [path for path in staged.rglob("*") if path.is_file()]
        paths = {
            f"{folder}/{path.relative_to(staged).as_posix()}": path
            for path in files
        }
        manifest = paths.pop(f"{folder}/{MANIFEST}").read_bytes()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            done = pool.map(
                lambda key: self._objects.put(key, paths[key].read_bytes()),
                paths,
            )
            list(done)  # raises what went wrong
        key = f"{folder}/{MANIFEST}"
        if self._objects.put_new(key, manifest):
            return
        # When an answer gets lost, the client asks again, and finds its own.
        found = self._objects.get(key)
        if found is None or found[0] != manifest:
            raise RegistryConflictError(
                f"There is a version {name} already.",
                expected="a name that no other run uses",
                remedy="run the command again.",
            )

    def remove(self, names: Iterable[str]) -> None:
        """
        Remove versions, and what is left of them.

        Parameters
        ----------
        names : iterable of str
            Versions that the state has given up.
        """
        there = self._listed()
        for name in set(names) & there.keys():
            manifest = f"{VERSIONS}/{name}/{MANIFEST}"
            keys = {each.key for each in there[name]}
            self._objects.delete(keys & {manifest})
            self._objects.delete(sorted(keys - {manifest}))

    def abandoned(self, *, known: set[str], hours: float) -> set[str]:
        """
        Return what processes that ended have left half-done.

        Parameters
        ----------
        known : set of str
            Versions that a state names.
        hours : float
            How long nothing was written to the others.

        Returns
        -------
        set of str
            Their names.
        """
        limit = datetime.now(UTC) - timedelta(hours=hours)
        return {
            name
            for name, found in self._listed().items()
            if name not in known
            and max(each.modified for each in found) < limit
        }

    def _listed(self) -> dict[str, list[StoredObject]]:
        found: dict[str, list[StoredObject]] = defaultdict(list)
        for each in self._objects.below(VERSIONS):
            _, name, *inside = PurePosixPath(each.key).parts
            if inside:
                found[name].append(each)
        return found

    def _fetch(self, name: str, folder: Path) -> None:
        prefix = f"{VERSIONS}/{name}"
        keys = _files(self._objects.below(prefix))

        def fetch(key: str) -> None:
            """Copy one file; one that is gone is seen by its absence."""
            found = self._objects.get(key)
            if found is not None:
                path = folder / PurePosixPath(key).relative_to(prefix)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(found[0])

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(fetch, keys))


def _files(found: Iterable[StoredObject]) -> list[str]:
    """Leave out the empty objects that Hadoop writes for folders."""
    keys = {each.key: each.size for each in found}
    folders = {
        str(parent) for key in keys for parent in PurePosixPath(key).parents
    }
    return [key for key, size in keys.items() if size or key not in folders]


def temporary_folder() -> Path:
    """
    Make a folder that is removed when the process ends.

    Returns
    -------
    Path
        An empty folder.
    """
    return Path(tempfile.mkdtemp(dir=_scratch()))


@cache
def _scratch() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="taxi-fare-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
