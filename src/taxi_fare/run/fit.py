"""Fit a whole pipeline: encoder and estimator."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from taxi_fare.core.columns import LABEL
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.metrics import require_spread
from taxi_fare.core.settings import Settings
from taxi_fare.features.encode import (
    INDEX_COLUMNS,
    VECTOR,
    fit_encoder,
    slot_features,
)
from taxi_fare.features.levels import Levels, choose_levels
from taxi_fare.features.tariff import FittedTariff, adding_up, fit_tariff
from taxi_fare.run.learnt import Learnt
from taxi_fare.run.train_trips import TARIFF_TRIPS, TrainTrips
from taxi_fare.training.algorithms import Fitted, Fitting
from taxi_fare.training.arrange import arrange
from taxi_fare.training.importance import feature_importance
from taxi_fare.training.recipes import Recipe
from taxi_fare.training.require import require_algorithm


@dataclass(frozen=True)
class FittedPipeline:
    """A fitted model and what it learnt from."""

    model: PipelineModel
    levels: Levels
    importance: dict[str, float]
    learnt: Learnt


def require_recipe(
    recipe: Recipe, *, spark: SparkSession, settings: Settings
) -> None:
    """
    Check that a recipe can be trained here, before anything is read.

    Raises
    ------
    EnvironmentLackError
        If this machine or a worker lacks what it needs.
    """
    partitions = settings.training.partitions
    require_algorithm(recipe.record, spark=spark, partitions=partitions)


def fit_pipeline(
    trips: TrainTrips,
    *,
    recipe: Recipe,
    settings: Settings,
    log: PipelineLogger,
    on_tree: Callable[[int], None] | None = None,
) -> FittedPipeline:
    """
    Fit the encoder and the estimator on train trips.

    Raises
    ------
    DataRefusedError
        If all trips cost the same.
    """
    log.stage_start("encode")
    onehot = recipe.encoding == "onehot"
    chosen = recipe.settings(settings)
    # What a tariff leaves is known only when the tariff is.
    keep = recipe.fits_here and not recipe.tariff
    learnt, trips = trips.summed_up(keep=keep)
    levels = choose_levels(
        learnt.levels,
        min_share=chosen.min_level_share,
        # Only a column costs time.
        min_variance=chosen.min_level_variance if onehot else 0.0,
    )
    require_spread(levels.variance, trips="train")
    tariff, trips = _with_tariff(trips, recipe=recipe, settings=settings)
    _check_bins(recipe, settings=settings, levels=levels.told_apart)
    encoder = fit_encoder(
        trips.features.sparkSession,
        levels=levels.told_apart,
        onehot=onehot,
        vector=recipe.takes_vector,
    )
    slots = slot_features(encoder)
    columns = None if recipe.takes_vector else INDEX_COLUMNS
    partitions = settings.training.partitions
    fit = _encoded(trips, recipe, levels, encoder, partitions)
    log.stage_end("encode", slots=len(slots))
    log.stage_start("fit", recipe=recipe.name)
    beyond = settings.tariff if recipe.tariff else None
    fitting = Fitting(settings, VECTOR, columns, on_tree, beyond)
    estimator, importances = fit(fitting)
    log.stage_end("fit")
    importance = feature_importance(importances, slots)
    stages = [*encoder.stages, estimator]
    if tariff is not None:
        importance = tariff.importance_with(importance)
        stages = [tariff.stage, *stages, adding_up()]
    return FittedPipeline(PipelineModel(stages), levels, importance, learnt)


def _encoded(
    trips: TrainTrips,
    recipe: Recipe,
    levels: Levels,
    encoder: PipelineModel,
    partitions: int,
) -> Callable[[Fitting], Fitted]:
    """Encode trips, and return what fits them: this process, or Spark."""
    load_here = recipe.record.load_here if recipe.fits_here else None
    if load_here is not None:
        here = trips.encoded_here(levels.told_apart)
        if here is not None:
            return partial(load_here(), here)
    rows = arrange(trips.features, partitions=partitions)
    columns = [VECTOR] if recipe.takes_vector else INDEX_COLUMNS
    encoded = encoder.transform(rows).select(*columns, LABEL)
    return partial(recipe.record.load(), encoded)


def _with_tariff(
    trips: TrainTrips, *, recipe: Recipe, settings: Settings
) -> tuple[FittedTariff | None, TrainTrips]:
    """Fit the tariff of a recipe that has one; return what it leaves."""
    if not recipe.tariff:
        return None, trips
    tariff = fit_tariff(trips.sample(TARIFF_TRIPS))
    most = settings.tariff.outlier_dollars
    return tariff, trips.beyond(tariff, most=most)


def _check_bins(
    recipe: Recipe, *, settings: Settings, levels: dict[str, list[str]]
) -> None:
    """Refuse what MLlib would refuse with a stack trace."""
    feature = max(levels, key=lambda name: len(levels[name]))
    needed = len(levels[feature]) + 1  # the shared bucket is one more
    name, section = recipe.algorithm, recipe.settings(settings)
    costly = recipe.record.level_needs_bin and recipe.encoding == "index"
    if costly and needed > section.max_bins:
        raise WrongUsageError(
            f"The category {feature} has {needed} levels, and {name}.max_bins"
            f" is {section.max_bins}.",
            expected=f"at least one bin for each level with {recipe.name}",
            remedy=f"set TAXI_FARE_{name.upper()}__MAX_BINS={needed}, or raise"
            f" {name}.min_level_share.",
        )
