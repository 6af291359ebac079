"""A folder with a model in it, which explains and verifies itself."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import flush_to_disk, sha256_of, write_json
from taxi_fare.core.manifest import parse_manifest
from taxi_fare.core.registry_files import MANIFEST


def read_manifest(folder: Path) -> dict[str, Any]:
    """
    Read what explains a model.

    Raises
    ------
    RegistryConflictError
        If it is missing or damaged.
    """
    path = folder / MANIFEST
    try:
        return parse_manifest(path.read_bytes())
    except (OSError, ValueError) as error:
        raise unexplained(folder.name, place=str(path), why=error) from error


def unexplained(
    name: str, *, place: str, why: Exception
) -> RegistryConflictError:
    """Return the error of a model whose manifest cannot be read."""
    return RegistryConflictError(
        f"The model {name} cannot be explained: {why}",
        expected=f"a readable {place}",
        remedy="run `taxi-fare registry rollback`, or restore the folder.",
    )


def damaged_files(folder: Path) -> list[str]:
    """Return the paths that are missing or do not fit the manifest."""
    try:
        manifest = read_manifest(folder)
    except RegistryConflictError:
        return [MANIFEST]
    return changed_files(folder, manifest)


def changed_files(folder: Path, manifest: Mapping[str, Any]) -> list[str]:
    """Compare a model's files with the hashes of a manifest that was read."""
    expected = manifest.get("files")
    if not isinstance(expected, dict):
        return [MANIFEST]
    return [
        path
        for path, digest in expected.items()
        if not (folder / path).is_file() or sha256_of(folder / path) != digest
    ]


def require_whole(folder: Path) -> dict[str, Any]:
    """
    Read what explains a model whose files are those that were registered.

    Raises
    ------
    RegistryConflictError
        If its manifest cannot be read, or another file is damaged.
    """
    manifest = read_manifest(folder)
    if damaged := changed_files(folder, manifest):
        raise damaged_model(folder.name, damaged)
    return manifest


def damaged_model(name: str, files: Iterable[str]) -> RegistryConflictError:
    """Return the error of a model whose files are not what they were."""
    return RegistryConflictError(
        f"The model {name} is damaged: {', '.join(files)}.",
        expected="the files that its manifest lists",
        remedy="run `taxi-fare registry rollback`, or name another model.",
    )


def seal(staged: Path, manifest: dict[str, Any]) -> None:
    """Flush a staged version to disk, and write its manifest last."""
    hashes: dict[str, str] = {}
    for path in sorted(staged.rglob("*")):
        flush_to_disk(path)
        if path.is_file():
            hashes[path.relative_to(staged).as_posix()] = sha256_of(path)
    write_json(staged / MANIFEST, manifest | {"files": hashes})
