"""Read the portable model of a version, and verify it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.errors import (
    DataMissingError,
    RegistryConflictError,
    TaxiFareError,
)
from taxi_fare.core.files import read_bounded
from taxi_fare.core.intervals import (
    INTERVALS_FILE,
    Intervals,
    parse_intervals,
)
from taxi_fare.core.json_text import LARGEST_JSON_BYTES
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import (
    CURRENT,
    MANIFEST,
    STATE_FILE,
    VERSIONS,
)
from taxi_fare.core.registry_slots import version_behind, version_named
from taxi_fare.core.routes import ROUTES_FILE, RouteTable, parse_routes
from taxi_fare.core.settings import load_settings
from taxi_fare.core.store.client import (
    is_store_url,
    open_store,
    store_errors,
)
from taxi_fare.core.store.listing import list_objects
from taxi_fare.core.usage import note_read
from taxi_fare.core.version_files import (
    CHANGED,
    Damage,
    DamagedModelError,
    Named,
    compare_files,
    compare_folder,
    found_objects,
    unexplained,
)
from taxi_fare.scoring.compatibility import require_understood
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

# A version has about forty small objects: the way there and back counts.
_AT_ONCE = 8


@dataclass(frozen=True)
class _Files:
    """
    The files of a version that a registry may say is there, or of a registry.

    ``read`` raises FileNotFoundError for one that is not there; ``damage``
    compares them with what a manifest names.
    """

    name: str
    place: str
    read: Callable[[str], bytes]
    damage: Callable[[Named], list[Damage]]
    registered: bool = False


@dataclass(frozen=True)
class ReadVersion:
    """What prices trips, what explains it, how sure it is, and the ways."""

    model: PortableModel
    manifest: dict[str, Any]
    intervals: Intervals | None
    routes: RouteTable | None


def read_version(place: Path | str) -> ReadVersion:
    """
    Read what prices trips, and what explains it.

    Raises
    ------
    DataMissingError
        If there is no model, or none that can do without Spark.
    EnvironmentLackError
        If it is in a store that cannot be reached.
    RegistryConflictError
        If its files are not those that were registered, or it needs other
        features.
    """
    refuse_secret(place, "The model's place")
    note_read(place)
    in_store = is_store_url(str(place))
    files = _in_store(str(place)) if in_store else _in_folder(Path(place))
    manifest = _read_manifest(files, asked=place)
    require_understood(manifest)
    named = manifest["files"]
    if damage := files.damage(named):
        raise DamagedModelError(files.name, damage)
    if PORTABLE_FILE not in named:
        raise _without_portable(files)
    model = parse_portable_model(_read(files, PORTABLE_FILE, named))
    intervals = None
    if INTERVALS_FILE in named:
        content = _read(files, INTERVALS_FILE, named)
        place = f"{files.place}/{INTERVALS_FILE}"
        intervals = parse_intervals(content, place=place)
    routes = None
    if ROUTES_FILE in named:
        content = _read(files, ROUTES_FILE, named)
        place = f"{files.place}/{ROUTES_FILE}"
        routes = RouteTable(parse_routes(content, place=place))
    return ReadVersion(model, manifest, intervals, routes)


def _read(files: _Files, name: str, named: Named) -> bytes:
    """Read a file that must be what the manifest says: these very bytes."""
    content = files.read(name)
    if named[name] != sha256(content).hexdigest():
        raise DamagedModelError(files.name, [Damage(name, CHANGED)])
    return content


def _in_folder(folder: Path) -> _Files:
    version = version_behind(folder)
    is_model = (folder / MANIFEST).is_file()
    if version is None and not is_model and (folder / CURRENT).is_symlink():
        version = folder / CURRENT
    registered = version is not None
    folder = (version or folder).resolve()
    return _Files(
        folder.name,
        str(folder),
        lambda name: read_bounded(folder / name, at_most=LARGEST_JSON_BYTES),
        partial(compare_folder, folder),
        registered,
    )


def _in_store(url: str) -> _Files:
    files = _objects(url.rstrip("/"))
    try:
        # A store has no links: the state says what is current.
        state = files.read(STATE_FILE)
    except FileNotFoundError:
        return files
    place = f"{files.place}/{STATE_FILE}"
    current = version_named(state, place=place, slot=CURRENT)
    version = f"{files.place}/{VERSIONS}/{current}"
    return replace(_objects(version), registered=True) if current else files


def _objects(url: str) -> _Files:
    settings = load_settings()
    store = open_store(url, settings)

    def read(name: str) -> bytes:
        """Read one object."""
        with store_errors(url, settings):
            return bytes(store.get(name).bytes())

    def damage(named: Named) -> list[Damage]:
        """List the objects, and fetch what the manifest names."""
        listed = list_objects(store, url=url, settings=settings)
        sizes = {each.key or ".": each.size for each in listed}
        found = found_objects(sizes, named=named)
        there = [name for name in named if found.get(name) == ""]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            contents = pool.map(read, there)
            digests = {
                name: sha256(content).hexdigest()
                for name, content in zip(there, contents, strict=True)
            }
        return compare_files(named, found=found, digest=digests.__getitem__)

    return _Files(url.rpartition("/")[2], url, read, damage)


def _read_manifest(files: _Files, *, asked: Path | str) -> dict[str, Any]:
    try:
        return parse_manifest(files.read(MANIFEST), model=files.name)
    except (FileNotFoundError, NotADirectoryError) as error:
        if files.registered:
            raise _unexplained(files, error) from error
        raise DataMissingError(
            f"There is no model in {asked}.",
            expected="a version of a registry, or a registry with a current"
            " model",
            remedy="train one with `taxi-fare train`, or name another.",
        ) from error
    except ValueError as error:
        raise _unexplained(files, error) from error


def _unexplained(files: _Files, why: Exception) -> RegistryConflictError:
    place = f"{files.place}/{MANIFEST}"
    return unexplained(files.name, place=place, why=why)


def _without_portable(files: _Files) -> TaxiFareError:
    return DataMissingError(
        f"The model {files.name} has no portable model.",
        expected=f"{PORTABLE_FILE}, which training writes",
        remedy="train again with `taxi-fare train --force`, or name another"
        " model.",
    )
