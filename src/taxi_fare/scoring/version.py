"""Read the portable model of a version, and verify it."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import DataMissingError, RegistryConflictError
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

_MANIFEST = "manifest.json"
_CURRENT = "current"


def read_version(folder: Path) -> tuple[PortableModel, dict[str, Any]]:
    """
    Read what prices trips, and what explains it.

    Only these two files are verified: a version that Spark could no longer
    load can still be priced with.

    Parameters
    ----------
    folder : Path
        A version, or a registry whose ``current`` is one. A link is followed
        once: another run may turn it meanwhile.

    Returns
    -------
    tuple of PortableModel and dict
        The model and its manifest.

    Raises
    ------
    DataMissingError
        If there is no model, or none that can do without Spark.
    RegistryConflictError
        If its file is not the one that was registered, or needs other
        features.
    """
    path = folder
    if not (path / _MANIFEST).is_file():
        path /= _CURRENT
    path = path.resolve()
    manifest = _read_manifest(path, asked=folder)
    content = _read_portable(path)
    digest = manifest.get("files", {}).get(PORTABLE_FILE)
    if digest != sha256(content).hexdigest():
        raise RegistryConflictError(
            f"The model {path.name} is damaged: {PORTABLE_FILE}.",
            expected="the bytes that its manifest lists",
            remedy="run `taxi-fare registry rollback`, or name another model.",
        )
    return parse_portable_model(content), manifest


def _read_manifest(folder: Path, *, asked: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(
            (folder / _MANIFEST).read_bytes()
        )
    except (FileNotFoundError, NotADirectoryError) as error:
        raise DataMissingError(
            f"There is no model in {asked}.",
            expected="a version of a registry, or a registry with a current"
            " model",
            remedy="train one with `taxi-fare train`, or name another.",
        ) from error
    except ValueError as error:
        raise RegistryConflictError(
            f"The model {folder.name} cannot be explained: {error}",
            expected=f"a readable {folder / _MANIFEST}",
            remedy="run `taxi-fare registry rollback`, or name another model.",
        ) from error
    return document


def _read_portable(folder: Path) -> bytes:
    try:
        return (folder / PORTABLE_FILE).read_bytes()
    except FileNotFoundError as error:
        raise DataMissingError(
            f"The model {folder.name} has no portable model.",
            expected=f"{PORTABLE_FILE}, which training writes",
            remedy="train again with `taxi-fare train --force`, or name"
            " another model.",
        ) from error
