"""Fit a whole pipeline: encoder and estimator."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.ml import Model, PipelineModel
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.columns import LABEL
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.settings import Settings
from taxi_fare.features.encode import (
    INDEX_COLUMNS,
    VECTOR,
    fit_encoder,
    slot_features,
)
from taxi_fare.features.levels import Levels, choose_levels
from taxi_fare.training.arrange import arrange
from taxi_fare.training.gbt import fit_gbt
from taxi_fare.training.importance import feature_importance
from taxi_fare.training.recipes import Recipe
from taxi_fare.training.xgboost import (
    WORKER_PACKAGES,
    fit_xgboost,
    require_workers,
    require_xgboost,
    total_gains,
)


@dataclass(frozen=True)
class FittedPipeline:
    """A fitted model and what it learnt from."""

    model: PipelineModel
    levels: Levels
    importance: dict[str, float]


def worker_packages(recipe: Recipe) -> tuple[str, ...]:
    """
    Tell what a recipe needs on Spark's workers beside Spark.

    Returns
    -------
    tuple of str
        Modules of the Python that workers run; empty when they run none.
    """
    return WORKER_PACKAGES if recipe.algorithm == "xgboost" else ()


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
    if recipe.algorithm == "xgboost":
        require_xgboost()
        require_workers(spark, workers=settings.training.partitions)


def fit_pipeline(
    features: DataFrame,
    *,
    recipe: Recipe,
    settings: Settings,
    log: PipelineLogger,
    on_tree: Callable[[int], None] | None = None,
) -> FittedPipeline:
    """Fit the encoder and the estimator on train trips."""
    log.stage_start("encode")
    rows = arrange(features, partitions=settings.training.partitions)
    onehot = recipe.encoding == "onehot"
    chosen = recipe.settings(settings)
    levels = choose_levels(
        features,
        min_share=chosen.min_level_share,
        # Only a column costs time.
        min_variance=chosen.min_level_variance if onehot else 0.0,
    )
    _check_bins(recipe, settings=settings, levels=levels.told_apart)
    encoder = fit_encoder(
        features.sparkSession,
        levels=levels.told_apart,
        onehot=onehot,
        vector=recipe.takes_vector,
    )
    slots = slot_features(encoder)
    inputs = [VECTOR] if recipe.takes_vector else INDEX_COLUMNS
    encoded = encoder.transform(rows).select(*inputs, LABEL)
    log.stage_end("encode", slots=len(slots))
    log.stage_start("fit", recipe=recipe.name)
    estimator, importances = _fit(
        encoded,
        recipe=recipe,
        settings=settings,
        slots=len(slots),
        on_tree=on_tree,
    )
    log.stage_end("fit")
    return FittedPipeline(
        model=PipelineModel([*encoder.stages, estimator]),
        levels=levels,
        importance=feature_importance(importances, slots),
    )


def _fit(
    encoded: DataFrame,
    *,
    recipe: Recipe,
    settings: Settings,
    slots: int,
    on_tree: Callable[[int], None] | None,
) -> tuple[Model, list[float]]:
    """Fit the estimator; return it and the importance of each slot."""
    if recipe.algorithm == "gbt":
        gbt = fit_gbt(
            encoded, settings=settings.recipe, vector=VECTOR, on_tree=on_tree
        )
        return gbt, gbt.featureImportances.toArray().tolist()
    xgboost = fit_xgboost(
        encoded,
        settings=settings.xgboost,
        columns=None if recipe.takes_vector else INDEX_COLUMNS,
        vector=VECTOR,
    )
    return xgboost, total_gains(xgboost, slots=slots)


def _check_bins(
    recipe: Recipe, *, settings: Settings, levels: dict[str, list[str]]
) -> None:
    """Refuse what MLlib would refuse with a stack trace."""
    feature = max(levels, key=lambda name: len(levels[name]))
    needed = len(levels[feature]) + 1  # the shared bucket is one more
    bins = settings.recipe.max_bins
    if recipe.name == "gbt-index" and needed > bins:
        raise WrongUsageError(
            f"The category {feature} has {needed} levels, and recipe.max_bins"
            f" is {bins}.",
            expected="at least one bin for each level with gbt-index",
            remedy=f"set TAXI_FARE_RECIPE__MAX_BINS={needed}, or raise"
            " recipe.min_level_share.",
        )
