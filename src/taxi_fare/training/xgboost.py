"""XGBoost's trees, grown by the workers of the same Spark session."""

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    LABEL,
    NUMERIC_FEATURES,
    PREDICTION,
)
from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.sections import XgboostSettings

if TYPE_CHECKING:
    from xgboost.spark import SparkXGBRegressor, SparkXGBRegressorModel

# The second is what `xgboost.spark` is written with.
_PACKAGES = ("xgboost", "sklearn")
# What `xgboost.spark` hands rows over with, on workers of other machines.
WORKER_PACKAGES = (*_PACKAGES, "pandas", "pyarrow")
# Spark's words for workers without Python, or with another one.
_NO_PYTHON = ("Cannot run program", "PYTHON_VERSION_MISMATCH")
_FEATURE_TYPES = ["q"] * len(NUMERIC_FEATURES) + ["c"] * len(
    CATEGORICAL_FEATURES
)


def missing_packages() -> list[str]:
    """Tell what XGBoost lacks here."""
    return [name for name in _PACKAGES if find_spec(name) is None]


def require_xgboost() -> None:
    """
    Check that XGBoost is installed here.

    Raises
    ------
    EnvironmentLackError
        If it is not.
    """
    missing = missing_packages()
    if missing:
        raise EnvironmentLackError(
            f"Not installed: {', '.join(missing)}.",
            expected="what the algorithm xgboost needs",
            remedy="pip install 'taxi-fare[xgboost]', or use --algorithm gbt.",
        )


def require_workers(spark: SparkSession, *, workers: int) -> None:
    """
    Check that so many workers can train at once, and have what they need.

    Raises
    ------
    EnvironmentLackError
        If there are fewer, or one lacks XGBoost.
    """
    context = spark.sparkContext
    slots = context.defaultParallelism
    if slots < workers:
        raise EnvironmentLackError(
            f"Spark runs {slots} task(s) at once on {context.master}.",
            expected=f"{workers} for the algorithm xgboost, as its workers"
            " (training.partitions) wait for each other",
            remedy=f"set SPARK_MASTER=local[{workers}], or"
            f" TAXI_FARE_TRAINING__PARTITIONS={slots}.",
        )
    if str(context.master).startswith("local"):
        return
    lacking = _missing_on_workers(spark, tasks=slots * 4)
    if lacking:
        raise EnvironmentLackError(
            f"Workers of {context.master} lack {', '.join(lacking)}.",
            expected="what the algorithm xgboost needs, on every worker",
            remedy="install it there, or use --algorithm gbt.",
        )


def _missing_on_workers(spark: SparkSession, *, tasks: int) -> list[str]:
    """Ask executors, which may have other packages than this process."""
    context = spark.sparkContext
    packages = WORKER_PACKAGES
    asked = context.parallelize(range(tasks), tasks).flatMap(
        lambda _: [name for name in packages if not find_spec(name)]
    )
    try:
        return sorted(set(asked.collect()))
    except Exception as error:
        if not any(name in str(error) for name in _NO_PYTHON):
            raise
        python = ".".join(map(str, sys.version_info[:2]))
        return [f"Python {python} (as {context.pythonExec})"]


def fit_xgboost(
    encoded: DataFrame,
    *,
    settings: XgboostSettings,
    columns: Sequence[str] | None,
    vector: str,
) -> "SparkXGBRegressorModel":
    """
    Fit SparkXGBRegressor: each partition is a worker.

    Parameters
    ----------
    columns : sequence of str or None
        Numeric features, then indices of categories; None for the vector.
    """
    rows = encoded
    if columns is not None:
        # XGBoost computes in 32 bits: half as much goes to Python.
        narrow = [F.col(name).cast("float").alias(name) for name in columns]
        rows = encoded.select(*narrow, F.col(LABEL).cast("float"))
    workers = rows.rdd.getNumPartitions()
    regressor = xgboost_regressor(
        settings, columns=columns, vector=vector, workers=workers
    )
    model: SparkXGBRegressorModel = regressor.fit(rows)
    return model


def xgboost_regressor(
    settings: XgboostSettings,
    *,
    columns: Sequence[str] | None,
    vector: str,
    workers: int,
) -> "SparkXGBRegressor":
    """
    Make the estimator.

    Parameters
    ----------
    columns : sequence of str or None
        Numeric features, then indices of categories; None for the vector.
    workers : int
        How many workers share the rows.
    """
    from xgboost.spark import SparkXGBRegressor

    more: dict[str, Any] = {}
    if columns is not None:
        more["feature_types"] = _FEATURE_TYPES
    return SparkXGBRegressor(
        features_col=vector if columns is None else list(columns),
        label_col=LABEL,
        prediction_col=PREDICTION,
        num_workers=workers,
        tree_method="hist",
        max_depth=settings.max_depth,
        n_estimators=settings.max_iter,
        max_bin=settings.max_bins,
        # The hessian of the squared error is 1: this counts trips.
        min_child_weight=settings.min_instances_per_node,
        learning_rate=settings.learning_rate,
        colsample_bytree=settings.features_per_tree,
        random_state=settings.seed,
        verbose=False,
        verbosity=0,
        **more,
    )


def total_gains(model: "SparkXGBRegressorModel", *, slots: int) -> list[float]:
    """
    Return how much the splits on each slot reduced the error.

    Returns
    -------
    list of float
        Squared dollars, one for each slot; 0 where no tree asks for it.
    """
    booster = model.get_booster()
    names = booster.feature_names or [f"f{slot}" for slot in range(slots)]
    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    return [float(gains.get(name, 0.0)) for name in names]
