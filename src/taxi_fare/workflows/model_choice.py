"""Which model predicts: a named one, the legacy one, or the current one."""

import logging
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.settings import Settings
from taxi_fare.registry.store import Registry

USUAL_REGISTRY = Path("models/registry")
LEGACY_MODEL = Path("models/ex05_spark_model")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelChoice:
    """
    What was asked for.

    Parameters
    ----------
    registry : Path or None
        Whose current model predicts; None for the usual one.
    path : Path or None
        Folder of a model.
    legacy : bool
        Whether the legacy model predicts.
    """

    registry: Path | None = None
    path: Path | None = None
    legacy: bool = False


@dataclass(frozen=True)
class ChosenModel:
    """
    The model that predicts.

    Parameters
    ----------
    folder : Path
        Where it is.
    legacy : bool
        Whether it is the legacy model.
    """

    folder: Path
    legacy: bool


def choose_model(choice: ModelChoice, settings: Settings) -> ChosenModel:
    """
    Find the model that predicts.

    Parameters
    ----------
    choice : ModelChoice
        What was asked for.
    settings : Settings
        How the registry is read.

    Returns
    -------
    ChosenModel
        The legacy model where nothing was named and the usual registry has
        no current model.

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
    root = (choice.registry or USUAL_REGISTRY).absolute()
    current = current_folder(Registry(root, settings.registry))
    if current is not None:
        return ChosenModel(current, legacy=False)
    if choice.registry is None and legacy.exists():
        _logger.info("No current model in %s: the legacy one predicts", root)
        return ChosenModel(legacy, legacy=True)
    raise DataMissingError(
        f"There is no model yet: {root} has no current model.",
        expected="a model that passed the quality gates",
        remedy="run `taxi-fare train` or `taxi-fare train-legacy`.",
    )


def current_folder(registry: Registry) -> Path | None:
    """
    Find the model in production.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    Path or None
        Folder of its version; None when there is none yet.
    """
    model_id = registry.read().current
    return registry.versions.path(model_id) if model_id else None


def require_current(registry: Registry) -> Path:
    """
    Find the model in production, which must be there.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    Path
        Folder of its version.

    Raises
    ------
    DataMissingError
        If there is none yet.
    """
    folder = current_folder(registry)
    if folder is None:
        raise DataMissingError(
            "The registry has no current model.",
            expected="a model that passed the quality gates",
            remedy="run `taxi-fare train`, or name another registry.",
        )
    return folder
