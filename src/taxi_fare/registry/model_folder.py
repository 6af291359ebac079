"""A folder with a model in it, which explains and verifies itself."""

from pathlib import Path
from typing import Any

from taxi_fare.core.errors import (
    IncompatibleModelError,
    RegistryConflictError,
)
from taxi_fare.core.files import (
    flush_to_disk,
    read_bounded,
    sha256_of,
    write_json,
)
from taxi_fare.core.json_text import LARGEST_JSON_BYTES
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.core.version_files import (
    Damage,
    DamagedModelError,
    compare_folder,
    unexplained,
)


def read_manifest(folder: Path) -> dict[str, Any]:
    """
    Read what explains a model.

    Raises
    ------
    RegistryConflictError
        If it is missing or damaged.
    IncompatibleModelError
        If it is of a layout that this release does not read.
    """
    path = folder / MANIFEST
    try:
        content = read_bounded(path, at_most=LARGEST_JSON_BYTES)
        return parse_manifest(content, model=folder.name)
    except (OSError, ValueError) as error:
        raise unexplained(folder.name, place=str(path), why=error) from error


def damaged_files(folder: Path) -> list[Damage]:
    """
    Compare a model's files with its manifest.

    Raises
    ------
    IncompatibleModelError
        If it is of a layout that this release does not read.
    """
    try:
        manifest = read_manifest(folder)
    except IncompatibleModelError:
        raise
    except RegistryConflictError:
        return [Damage(MANIFEST)]
    return compare_folder(folder, manifest["files"])


def require_whole(folder: Path) -> dict[str, Any]:
    """
    Read what explains a model whose files are those that were registered.

    Raises
    ------
    RegistryConflictError
        If its manifest cannot be read, or its files are not those.
    """
    manifest = read_manifest(folder)
    if damage := compare_folder(folder, manifest["files"]):
        raise DamagedModelError(folder.name, damage)
    return manifest


def seal(staged: Path, manifest: dict[str, Any]) -> None:
    """Flush a staged version to disk, and write its manifest last."""
    (staged / MANIFEST).unlink(missing_ok=True)
    hashes: dict[str, str] = {}
    for path in sorted(staged.rglob("*")):
        flush_to_disk(path)
        if path.is_file():
            hashes[path.relative_to(staged).as_posix()] = sha256_of(path)
    write_json(staged / MANIFEST, manifest | {"files": hashes})
