"""Open a model registry: in a folder, or in an S3 store."""

from difflib import get_close_matches
from pathlib import Path

from taxi_fare.core.addresses import refuse_secret, shown_address
from taxi_fare.core.errors import DataMissingError, WrongUsageError
from taxi_fare.core.registry_files import STATE_FILE
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import is_store_url, split_store_url
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.in_store.objects import StoreObjects
from taxi_fare.registry.in_store.registry import StoreRegistry
from taxi_fare.registry.nearby import registries_beside, registries_near

_FILE = "file://"
_NAMED = 3


def open_registry(place: Path | str, settings: Settings) -> ModelRegistry:
    """
    Open a model registry; nothing is read or written yet.

    Parameters
    ----------
    place : Path or str
        A folder, or an address such as ``s3a://models/registry``.
    settings : Settings
        How the registry is kept, and how the store is reached.

    Returns
    -------
    ModelRegistry
        The registry, which may be missing.

    Raises
    ------
    WrongUsageError
        If it is neither.
    EnvironmentLackError
        If it is in a store, and no keys are set.

    Examples
    --------
    >>> registry = open_registry("models/registry", load_settings())
    >>> [entry.event for entry in registry.read().history]
    ['promoted', 'promoted']
    """
    address = full_place(place)
    if is_store_url(address):
        objects = StoreObjects(address, settings)
        return StoreRegistry(objects, settings.registry)
    return FolderRegistry(Path(address), settings.registry)


def open_existing(place: Path | str, settings: Settings) -> ModelRegistry:
    """
    Open a model registry that must be there.

    Raises
    ------
    DataMissingError
        If it is not; registries nearby are named.
    RegistryConflictError
        If it is damaged.
    """
    registry = open_registry(place, settings)
    if registry.exists():
        return registry
    raise _not_there(place, _near(place, settings))


def open_or_new(place: Path | str, settings: Settings) -> ModelRegistry:
    """
    Open a model registry that may not be there yet, unless it is misspelt.

    Raises
    ------
    DataMissingError
        If it is not there, and others are nearby.
    RegistryConflictError
        If it is damaged.
    """
    registry = open_registry(place, settings)
    if not registry.exists() and (close := _near(place, settings)):
        raise _not_there(place, close)
    return registry


def _near(place: Path | str, settings: Settings) -> list[str]:
    address = full_place(place)
    nearby = (
        registries_beside(address, settings)
        if is_store_url(address)
        else registries_near(Path(address))
    )
    return get_close_matches(address, nearby, n=_NAMED, cutoff=0)


def _not_there(place: Path | str, close: list[str]) -> DataMissingError:
    return DataMissingError(
        f"There is no model registry in {full_place(place)}.",
        expected=f"a place with {STATE_FILE}, which `taxi-fare train` makes",
        remedy=f"did you mean {' or '.join(close)}?"
        if close
        else "correct --model-registry-path, or run `taxi-fare train`.",
    )


def full_place(place: Path | str) -> str:
    """
    Say where a registry is, for every working directory.

    Raises
    ------
    WrongUsageError
        If it is neither.
    """
    refuse_secret(place, "The registry")
    text = str(place).removeprefix(_FILE)
    if is_store_url(text):
        split_store_url(text)
        return text
    if "://" in text:
        raise WrongUsageError(
            f"A registry cannot be kept in {shown_address(text)}.",
            expected="a folder, or s3a://bucket/prefix",
            remedy="correct the path of the registry.",
        )
    # Spark's JVM may have been started in another working directory.
    return str(Path(text).absolute())
