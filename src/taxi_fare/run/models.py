"""Which model it is: found, checked, and loaded once."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.intervals import (
    INTERVALS_FILE,
    Intervals,
    parse_intervals,
)
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.core.registry_slots import version_behind
from taxi_fare.core.settings import Settings
from taxi_fare.core.usage import note_read
from taxi_fare.core.usual_places import LEGACY_MODEL, USUAL_REGISTRY
from taxi_fare.core.version_files import read_named
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.model_folder import require_whole
from taxi_fare.registry.opening import (
    full_place,
    open_existing,
    open_registry,
)
from taxi_fare.scoring.compatibility import require_understood
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
class FoundModel:
    """
    A model that is there; its files were not looked at yet.

    Parameters
    ----------
    url : str or None
        Where Spark's workers find it, when it is in a store.
    manifest : mapping
        What explains it, where a registry has it; else empty as yet.
    """

    folder: Path
    url: str | None = None
    legacy: bool = False
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckedModel:
    """
    A whole model that this code understands, loaded where it is asked.

    Parameters
    ----------
    manifest : mapping
        What explains it; empty for a model that another program saved.
    portable : PortableModel or None
        The same model without Spark, which registration found to predict the
        same; None for a model that another program saved.
    intervals : Intervals or None
        None for a model that was tested on too few trips, or made before
        there were any.
    """

    folder: Path
    url: str | None = None
    manifest: Mapping[str, Any] = field(default_factory=dict)
    portable: PortableModel | None = None
    intervals: Intervals | None = None

    @property
    def model_id(self) -> str:
        """The version."""
        return str(self.manifest.get("model_id", self.folder.name))

    @property
    def train_months(self) -> tuple[str, ...]:
        """What it was trained on."""
        return tuple(self.manifest.get("data", {}).get("train_months", ()))

    @property
    def simulated(self) -> bool:
        """Whether it learnt from simulated trips."""
        return bool(self.manifest.get("simulated", False))

    @cached_property
    def pipeline(self) -> "PipelineModel":
        """From the 12 features to a prediction; where Spark is running."""
        from taxi_fare.run.pipelines import load_pipeline

        return load_pipeline(self.folder, self.url, manifest=self.manifest)


def choose_model(choice: ModelChoice, settings: Settings) -> FoundModel:
    """
    Find the model that predicts.

    Raises
    ------
    DataMissingError
        If there is none.
    RegistryConflictError
        If the registry or the model's manifest cannot be read.
    """
    # Spark's JVM may have been started in another working directory.
    legacy = LEGACY_MODEL.absolute()
    if choice.path is not None:
        refuse_secret(choice.path, "The model's path")
        path = choice.path.absolute()
        return FoundModel(version_behind(path) or path, legacy=path == legacy)
    if choice.legacy:
        return FoundModel(legacy, legacy=True)
    if choice.registry is not None:
        return require_current(open_existing(choice.registry, settings))
    place = full_place(USUAL_REGISTRY)
    current = current_model(open_registry(place, settings))
    if current is not None:
        return current
    if legacy.exists():
        _logger.info("No current model in %s: the legacy one predicts", place)
        return FoundModel(legacy, legacy=True)
    raise _no_model(place)


def current_model(registry: ModelRegistry) -> FoundModel | None:
    """Find the model in production; None when there is none yet."""
    model_id = registry.read().current
    return None if model_id is None else model_version(registry, model_id)


def model_version(registry: ModelRegistry, model_id: str) -> FoundModel:
    """Find a version of the registry, which must be there."""
    versions = registry.versions
    return FoundModel(
        versions.path(model_id),
        url=versions.url(model_id),
        manifest=versions.manifest(model_id),
    )


def require_current(registry: ModelRegistry) -> FoundModel:
    """
    Find the model in production, which must be there.

    Raises
    ------
    DataMissingError
        If there is none yet.
    """
    found = current_model(registry)
    if found is None:
        raise _no_model("the registry")
    return found


def _no_model(place: str) -> DataMissingError:
    return DataMissingError(
        f"There is no model yet: {place} has no current model.",
        expected="a model that passed the quality gates",
        remedy="run `taxi-fare train`, or name another registry.",
    )


def check_model(found: FoundModel) -> CheckedModel:
    """
    Find out that a model is whole, and that this code understands it.

    Raises
    ------
    DataMissingError
        If there is no model.
    RegistryConflictError
        If its files are damaged.
    IncompatibleModelError
        If another version of this code, or of a library, made it.
    """
    # The name may be a link, which another run may turn meanwhile.
    folder = found.folder.resolve()
    note_read(found.url or folder, found.manifest.get("model_id"))
    foreign = not found.manifest and not (folder / PORTABLE_FILE).exists()
    if foreign and not (folder / MANIFEST).exists():
        if not (folder / "metadata").is_dir():
            raise DataMissingError(
                f"There is no model in {folder}.",
                expected="a folder with metadata/ and stages/",
                remedy="train one with `taxi-fare train`, or name another.",
            )
        _logger.warning("%s has no manifest: nothing to check", folder)
        return CheckedModel(folder)
    manifest = require_whole(folder)
    require_understood(manifest)
    portable = None
    if "portable" in manifest:
        content = read_named(folder, PORTABLE_FILE, named=manifest["files"])
        portable = parse_portable_model(content)
    intervals = None
    if INTERVALS_FILE in manifest["files"]:
        content = read_named(folder, INTERVALS_FILE, named=manifest["files"])
        intervals = parse_intervals(content, place=folder / INTERVALS_FILE)
    return CheckedModel(folder, found.url, manifest, portable, intervals)
