"""Load the model in production, once it is known to be usable."""

from dataclasses import dataclass

from pyspark.ml import PipelineModel

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.registry.store import Registry


@dataclass(frozen=True)
class CurrentModel:
    """
    The model in production, loaded.

    Parameters
    ----------
    model_id : str
        Its version.
    model : PipelineModel
        From the 12 features to a prediction.
    train_months : tuple of str
        What it was trained on.
    """

    model_id: str
    model: PipelineModel
    train_months: tuple[str, ...]


def check_current(registry: Registry) -> str | None:
    """
    Check that the model in production can be compared with.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    str or None
        Its version; None when there is none yet.

    Raises
    ------
    RegistryConflictError
        If its files are damaged, or it needs other features than this code
        derives.
    """
    model_id = registry.read().current
    if model_id is None:
        return None
    remedy = "run `taxi-fare registry rollback`, or name another registry."
    damaged = registry.versions.damaged_files(model_id)
    if damaged:
        raise RegistryConflictError(
            f"The current model {model_id} is damaged: {', '.join(damaged)}.",
            expected="the files that its manifest lists",
            remedy=remedy,
        )
    version = registry.versions.manifest(model_id)["features"]["version"]
    if version != FEATURES_VERSION:
        raise RegistryConflictError(
            f"The current model {model_id} uses features version {version}.",
            expected=f"features version {FEATURES_VERSION}, which this code"
            " derives",
            remedy=remedy,
        )
    return model_id


def load_current(registry: Registry) -> CurrentModel | None:
    """
    Load the model in production.

    Parameters
    ----------
    registry : Registry
        Where it is.

    Returns
    -------
    CurrentModel or None
        None when there is none yet.

    Raises
    ------
    RegistryConflictError
        As ``check_current`` does.
    """
    model_id = check_current(registry)
    if model_id is None:
        return None
    manifest = registry.versions.manifest(model_id)
    return CurrentModel(
        model_id,
        PipelineModel.load(str(registry.versions.path(model_id))),
        tuple(manifest["data"]["train_months"]),
    )
