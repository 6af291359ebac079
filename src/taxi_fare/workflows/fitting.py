"""Fit a whole pipeline: encoder and estimator."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame

from taxi_fare.core.columns import CATEGORICAL_FEATURES, LABEL, ZONE_FEATURES
from taxi_fare.core.logging_config import PipelineLogger
from taxi_fare.core.sections import RecipeSettings
from taxi_fare.core.settings import Settings
from taxi_fare.features.encode import (
    VECTOR,
    fit_encoder,
    known_levels,
    slot_features,
)
from taxi_fare.training.arrange import arrange
from taxi_fare.training.fit import feature_importance, fit
from taxi_fare.training.recipes import Recipe


@dataclass(frozen=True)
class FittedPipeline:
    """
    A fitted model and what it learnt from.

    Parameters
    ----------
    model : PipelineModel
        From the 12 features to a prediction.
    levels : dict of str to list of str
        Levels of each categorical feature that the model tells apart.
    importance : dict of str to float
        Importance of the 12 features, summing to 1.
    """

    model: PipelineModel
    levels: dict[str, list[str]]
    importance: dict[str, float]


def fit_pipeline(
    features: DataFrame,
    *,
    recipe: Recipe,
    settings: Settings,
    log: PipelineLogger,
    on_tree: Callable[[int], None] | None = None,
) -> FittedPipeline:
    """
    Fit the encoder and the estimator on train trips.

    Parameters
    ----------
    features : DataFrame
        The 12 features and ``total_amount`` of the train trips.
    recipe : Recipe
        How the model is built.
    settings : Settings
        Hyper-parameters and layout.
    log : PipelineLogger
        Is told the two stages.
    on_tree : callable, optional
        Called with the number of the tree that is growing.

    Returns
    -------
    FittedPipeline
        The model.
    """
    log.stage_start("encode")
    rows = arrange(features, partitions=settings.training.partitions)
    encoder = fit_encoder(features, min_shares=_min_shares(settings.recipe))
    encoded = encoder.transform(rows).select(VECTOR, LABEL).cache()
    slots = slot_features(encoder)
    log.stage_end("encode", slots=len(slots))
    log.stage_start("fit", recipe=recipe.name)
    estimator = fit(
        encoded,
        recipe=recipe,
        settings=settings.recipe,
        vector=VECTOR,
        on_tree=on_tree,
    )
    encoded.unpersist()
    log.stage_end("fit")
    return FittedPipeline(
        model=PipelineModel([*encoder.stages, estimator]),
        levels=known_levels(encoder),
        importance=feature_importance(
            estimator.featureImportances.toArray().tolist(), slots
        ),
    )


def _min_shares(settings: RecipeSettings) -> dict[str, float]:
    shares = dict.fromkeys(CATEGORICAL_FEATURES, settings.min_level_share)
    zones = dict.fromkeys(ZONE_FEATURES, settings.min_zone_share)
    return shares | zones
