"""Load a model, once it is known to be usable."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from pyspark.ml import PipelineModel

from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.errors import DataMissingError, RegistryConflictError
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.model_folder import (
    MANIFEST,
    damaged_files,
    read_manifest,
)
from taxi_fare.run.model_choice import (
    ChosenModel,
    current_model,
)
from taxi_fare.run.pipelines import load_pipeline
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

_logger = logging.getLogger(__name__)


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
    load: Callable[[], PipelineModel]
    portable: PortableModel | None = None

    @cached_property
    def model(self) -> PipelineModel:
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
    load = partial(load_pipeline, folder, chosen.url)
    return _loaded(folder, manifest=manifest, load=load)


def load_current(registry: ModelRegistry) -> LoadedModel | None:
    """
    Load the model in production.

    Returns
    -------
    LoadedModel or None
        None when there is none yet.

    Raises
    ------
    RegistryConflictError
        As ``check_model`` does; every version has a manifest.
    """
    found = current_model(registry)
    if found is None:
        return None
    manifest = check_model(found.folder)
    model = load_pipeline(found.folder, found.url)
    return _loaded(found.folder, manifest=manifest, load=lambda: model)


def _loaded(
    folder: Path,
    *,
    manifest: Mapping[str, Any],
    load: Callable[[], PipelineModel],
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
