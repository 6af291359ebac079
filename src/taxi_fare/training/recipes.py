"""Recipes: named ways to build a model."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.ml.regression import GBTRegressor

from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.sections import RecipeSettings


@dataclass(frozen=True)
class Recipe:
    """
    A named way to build a model.

    Parameters
    ----------
    name : str
        Its name in manifests and reports.
    algorithm, encoding : str
        The two choices that the name stands for.
    estimator : callable
        Makes the estimator from hyper-parameters and the vector's column.
    """

    name: str
    algorithm: str
    encoding: str
    estimator: Callable[[RecipeSettings, str], GBTRegressor]


def _gbt(settings: RecipeSettings, vector: str) -> GBTRegressor:
    return GBTRegressor(
        featuresCol=vector,
        labelCol=LABEL,
        predictionCol=PREDICTION,
        maxDepth=settings.max_depth,
        maxIter=settings.max_iter,
        maxBins=settings.max_bins,
        minInstancesPerNode=settings.min_instances_per_node,
        seed=settings.seed,
    )


DEFAULT_RECIPE = Recipe("gbt-onehot", "gbt", "onehot", _gbt)
