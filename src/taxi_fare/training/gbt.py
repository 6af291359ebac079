"""MLlib's gradient-boosted trees."""

from pyspark.ml.regression import GBTRegressionModel, GBTRegressor
from pyspark.sql import DataFrame

from taxi_fare.core.columns import LABEL
from taxi_fare.core.spark.scoped import cached
from taxi_fare.training.algorithms import Fitting
from taxi_fare.training.progress import tree_progress


def fit_gbt(
    encoded: DataFrame, fitting: Fitting
) -> tuple[GBTRegressionModel, list[float]]:
    """Fit GBTRegressor."""
    section = fitting.settings.gbt
    progress = tree_progress(
        encoded.sparkSession.sparkContext,
        trees=section.max_iter,
        depth=section.max_depth,
        report=fitting.on_tree,
    )
    regressor = gbt_regressor(fitting)
    with cached(encoded) as rows, progress:
        model: GBTRegressionModel = regressor.fit(rows)
    return model, model.featureImportances.toArray().tolist()


def gbt_regressor(fitting: Fitting) -> GBTRegressor:
    """Make the specification's estimator."""
    section = fitting.settings.gbt
    return GBTRegressor(
        featuresCol=fitting.vector,
        labelCol=LABEL,
        predictionCol=fitting.output,
        maxDepth=section.max_depth,
        maxIter=section.max_iter,
        maxBins=section.max_bins,
        minInstancesPerNode=section.min_instances_per_node,
        seed=fitting.settings.training.seed,
    )
