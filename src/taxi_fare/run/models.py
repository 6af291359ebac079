"""Which model it is: found, checked, loaded."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.errors import DataMissingError, RegistryConflictError
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.core.settings import Settings
from taxi_fare.core.usual_places import LEGACY_MODEL, USUAL_REGISTRY
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.model_folder import damaged_files, read_manifest
from taxi_fare.registry.opening import full_place, open_registry
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

if TYPE_CHECKING:  # a quote finds a model without Spark's imports
    from pyspark.ml import PipelineModel

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ModelChoice:
    """
    Which model was asked for.

    Parameters
    ----------
    registry : Path, str or None
        Whose current model predicts: a folder, or an address in a store.
        None for the usual one.
    path : Path or None
        Folder of a model.
    legacy : bool
        Whether the legacy model predicts.

    Examples
    --------
    >>> ModelChoice(registry="models/registry").legacy
    False
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
    """Find the model in production; None when there is none yet."""
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


@dataclass(frozen=True)
class LoadedModel:
    """
    A model that can predict.

    Parameters
    ----------
    manifest : mapping
        What explains it; empty for a model that another program saved.
    portable : PortableModel or None
        The same model without Spark, which registration found to predict the
        same; None for a model that another program saved.
    """

    model_id: str
    manifest: Mapping[str, Any]
    load: Callable[[], "PipelineModel"]
    portable: PortableModel | None = None

    @cached_property
    def model(self) -> "PipelineModel":
        """From the 12 features to a prediction; loaded where it is asked."""
        return self.load()

    @property
    def train_months(self) -> tuple[str, ...]:
        """What it was trained on."""
        return tuple(self.manifest.get("data", {}).get("train_months", ()))

    @property
    def simulated(self) -> bool:
        """Whether it learnt from simulated trips."""
        return bool(self.manifest.get("simulated", False))


def check_model(folder: Path) -> Mapping[str, Any]:
    """
    Check that a model can be predicted and compared with.

    Raises
    ------
    RegistryConflictError
        If its files are damaged, or it needs other features than this code
        derives.
    """
    remedy = "run `taxi-fare registry rollback`, or name another model."
    damaged = damaged_files(folder)
    if damaged:
        raise RegistryConflictError(
            f"The model {folder.name} is damaged: {', '.join(damaged)}.",
            expected="the files that its manifest lists",
            remedy=remedy,
        )
    manifest = read_manifest(folder)
    version = manifest["features"]["version"]
    if version != FEATURES_VERSION:
        raise RegistryConflictError(
            f"The model {folder.name} uses features version {version}.",
            expected=f"features version {FEATURES_VERSION}, which this code"
            " derives",
            remedy=remedy,
        )
    return manifest


def load_model(chosen: ChosenModel) -> LoadedModel:
    """
    Load a model.

    Raises
    ------
    DataMissingError
        If there is no model.
    RegistryConflictError
        As ``check_model`` does.
    """
    # The name may be a link, which another run may turn meanwhile.
    folder = chosen.folder.resolve()
    manifest: Mapping[str, Any] = {}
    if (folder / MANIFEST).is_file():
        manifest = check_model(folder)
    elif (folder / "metadata").is_dir():
        _logger.warning("%s has no manifest: nothing to check", folder)
    else:
        raise DataMissingError(
            f"There is no model in {folder}.",
            expected="a folder with metadata/ and stages/",
            remedy="train one with `taxi-fare train`, or name another.",
        )
    # Where its portable copy predicts, Spark's own is not asked.
    load = partial(_load_pipeline, folder, chosen.url)
    return _loaded(folder, manifest=manifest, load=load)


def load_current(registry: ModelRegistry) -> LoadedModel | None:
    """
    Load the model in production; None when there is none yet.

    Raises
    ------
    RegistryConflictError
        As ``check_model`` does; every version has a manifest.
    """
    found = current_model(registry)
    if found is None:
        return None
    manifest = check_model(found.folder)
    model = _load_pipeline(found.folder, found.url)
    return _loaded(found.folder, manifest=manifest, load=lambda: model)


def _load_pipeline(folder: Path, url: str | None) -> "PipelineModel":
    from taxi_fare.run.pipelines import (
        load_pipeline,
    )

    return load_pipeline(folder, url)


def _loaded(
    folder: Path,
    *,
    manifest: Mapping[str, Any],
    load: Callable[[], "PipelineModel"],
) -> LoadedModel:
    portable = None
    if "portable" in manifest:
        portable = parse_portable_model((folder / PORTABLE_FILE).read_bytes())
    return LoadedModel(
        str(manifest.get("model_id", folder.name)),
        manifest,
        load,
        portable,
    )
