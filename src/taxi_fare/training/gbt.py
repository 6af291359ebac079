"""MLlib's gradient-boosted trees."""

from collections.abc import Callable

from pyspark.ml.regression import GBTRegressionModel, GBTRegressor
from pyspark.sql import DataFrame

from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.sections import RecipeSettings
from taxi_fare.core.spark.scoped import cached
from taxi_fare.training.progress import tree_progress


def fit_gbt(
    encoded: DataFrame,
    *,
    settings: RecipeSettings,
    vector: str,
    on_tree: Callable[[int], None] | None = None,
) -> GBTRegressionModel:
    """Fit GBTRegressor."""
    progress = tree_progress(
        encoded.sparkSession.sparkContext,
        trees=settings.max_iter,
        depth=settings.max_depth,
        report=on_tree,
    )
    with cached(encoded) as rows, progress:
        model: GBTRegressionModel = gbt_regressor(settings, vector).fit(rows)
    return model


def gbt_regressor(settings: RecipeSettings, vector: str) -> GBTRegressor:
    """Make the description's estimator."""
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
