"""Which model predicts: a named one, the legacy one, or the current one."""

import logging
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.settings import Settings
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.opening import full_place, open_registry

USUAL_REGISTRY = Path("models/registry")
LEGACY_MODEL = Path("models/ex05_spark_model")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelChoice:
    """
    What was asked for.

    Parameters
    ----------
    registry : Path, str or None
        Whose current model predicts: a folder, or an address in a store.
        None for the usual one.
    path : Path or None
        Folder of a model.
    legacy : bool
        Whether the legacy model predicts.
    """

    registry: Path | str | None = None
    path: Path | None = None
    legacy: bool = False


@dataclass(frozen=True)
class ChosenModel:
    """The model that predicts."""

    folder: Path
    legacy: bool = False
    url: str | None = None


def choose_model(choice: ModelChoice, settings: Settings) -> ChosenModel:
    """
    Find the model that predicts.

    Raises
    ------
    DataMissingError
        If there is none.
    RegistryConflictError
        If the registry cannot be read.
    """
    # Spark's JVM may have been started in another working directory.
    legacy = LEGACY_MODEL.absolute()
    if choice.path is not None:
        path = choice.path.absolute()
        return ChosenModel(path, legacy=path == legacy)
    if choice.legacy:
        return ChosenModel(legacy, legacy=True)
    place = full_place(choice.registry or USUAL_REGISTRY)
    current = current_model(open_registry(place, settings))
    if current is not None:
        return current
    if choice.registry is None and legacy.exists():
        _logger.info("No current model in %s: the legacy one predicts", place)
        return ChosenModel(legacy, legacy=True)
    raise DataMissingError(
        f"There is no model yet: {place} has no current model.",
        expected="a model that passed the quality gates",
        remedy="run `taxi-fare train` or `taxi-fare train-legacy`.",
    )


def current_model(registry: ModelRegistry) -> ChosenModel | None:
    """
    Find the model in production.

    Returns
    -------
    ChosenModel or None
        Its version; None when there is none yet.
    """
    model_id = registry.read().current
    if model_id is None:
        return None
    versions = registry.versions
    return ChosenModel(versions.path(model_id), url=versions.url(model_id))


def require_current(registry: ModelRegistry) -> ChosenModel:
    """
    Find the model in production, which must be there.

    Raises
    ------
    DataMissingError
        If there is none yet.
    """
    found = current_model(registry)
    if found is None:
        raise DataMissingError(
            "The registry has no current model.",
            expected="a model that passed the quality gates",
            remedy="run `taxi-fare train`, or name another registry.",
        )
    return found
