"""Read the portable model of a version, and verify it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.errors import (
    DataMissingError,
    RegistryConflictError,
    TaxiFareError,
)
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import (
    CURRENT,
    MANIFEST,
    STATE_FILE,
    VERSIONS,
)
from taxi_fare.core.settings import load_settings
from taxi_fare.core.store.client import (
    is_store_url,
    open_store,
    store_errors,
)
from taxi_fare.scoring.compatibility import require_understood
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)


class _State(BaseModel):
    """As much of a registry's state as says what is current."""

    slots: dict[str, str | None]


@dataclass(frozen=True)
class _Files:
    """
    The files of a version that a registry may say is there, or of a registry.

    ``read`` raises FileNotFoundError for one that is not there.
    """

    name: str
    place: str
    read: Callable[[str], bytes]
    registered: bool = False


def read_version(place: Path | str) -> tuple[PortableModel, dict[str, Any]]:
    """
    Read what prices trips, and what explains it.

    Only these two files are verified: a version that Spark could no longer
    load can still be priced with.

    Raises
    ------
    DataMissingError
        If there is no model, or none that can do without Spark.
    EnvironmentLackError
        If it is in a store that cannot be reached.
    RegistryConflictError
        If its file is not the one that was registered, or needs other
        features.
    """
    refuse_secret(place, "The model's place")
    in_store = is_store_url(str(place))
    files = _in_store(str(place)) if in_store else _in_folder(Path(place))
    manifest = _read_manifest(files, asked=place)
    require_understood(manifest)
    digest = manifest.get("files", {}).get(PORTABLE_FILE)
    try:
        content = files.read(PORTABLE_FILE)
    except FileNotFoundError as error:
        raise (_damaged if digest else _without_portable)(files) from error
    if digest != sha256(content).hexdigest():
        raise _damaged(files)
    return parse_portable_model(content), manifest


def _in_folder(folder: Path) -> _Files:
    registered = not (folder / MANIFEST).is_file() and (
        (folder / CURRENT).is_symlink()
    )
    if registered:
        folder /= CURRENT
    folder = folder.resolve()
    return _Files(
        folder.name,
        str(folder),
        lambda name: (folder / name).read_bytes(),
        registered,
    )


def _in_store(url: str) -> _Files:
    files = _objects(url.rstrip("/"))
    try:
        # A store has no links: the state says what is current.
        state = _State.model_validate_json(files.read(STATE_FILE))
    except (FileNotFoundError, ValidationError):
        return files
    current = state.slots.get(CURRENT)
    version = f"{files.place}/{VERSIONS}/{current}"
    return replace(_objects(version), registered=True) if current else files


def _objects(url: str) -> _Files:
    settings = load_settings()
    store = open_store(url, settings)

    def read(name: str) -> bytes:
        """Read one object."""
        with store_errors(url, settings):
            return bytes(store.get(name).bytes())

    return _Files(url.rpartition("/")[2], url, read)


def _read_manifest(files: _Files, *, asked: Path | str) -> dict[str, Any]:
    try:
        return parse_manifest(files.read(MANIFEST))
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
    return RegistryConflictError(
        f"The model {files.name} cannot be explained: {why}",
        expected=f"a readable {files.place}/{MANIFEST}",
        remedy="run `taxi-fare registry rollback`, or name another model.",
    )


def _without_portable(files: _Files) -> TaxiFareError:
    return DataMissingError(
        f"The model {files.name} has no portable model.",
        expected=f"{PORTABLE_FILE}, which training writes",
        remedy="train again with `taxi-fare train --force`, or name another"
        " model.",
    )


def _damaged(files: _Files) -> RegistryConflictError:
    return RegistryConflictError(
        f"The model {files.name} is damaged: {PORTABLE_FILE}.",
        expected="the bytes that its manifest lists",
        remedy="run `taxi-fare registry rollback`, or name another model.",
    )
