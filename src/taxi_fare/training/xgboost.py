"""XGBoost's trees, grown by the workers of the same Spark session."""

from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from xgboost.spark import SparkXGBRegressor, SparkXGBRegressorModel

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    LABEL,
    NUMERIC_FEATURES,
    PREDICTION,
)
from taxi_fare.training.algorithms import Fitting

_FEATURE_TYPES = ["q"] * len(NUMERIC_FEATURES) + ["c"] * len(
    CATEGORICAL_FEATURES
)


def fit_xgboost(
    encoded: DataFrame, fitting: Fitting
) -> tuple[SparkXGBRegressorModel, list[float]]:
    """Fit SparkXGBRegressor: each partition is a worker."""
    rows, columns = encoded, fitting.columns
    if columns is not None:
        # XGBoost computes in 32 bits: half as much goes to Python.
        narrow = [F.col(name).cast("float").alias(name) for name in columns]
        rows = encoded.select(*narrow, F.col(LABEL).cast("float"))
    workers = rows.rdd.getNumPartitions()
    model: SparkXGBRegressorModel = _regressor(fitting, workers).fit(rows)
    return model, _total_gains(model)


def _regressor(fitting: Fitting, workers: int) -> SparkXGBRegressor:
    section, columns = fitting.settings.xgboost, fitting.columns
    more: dict[str, Any] = {}
    if columns is not None:
        more["feature_types"] = _FEATURE_TYPES
    return SparkXGBRegressor(
        features_col=fitting.vector if columns is None else list(columns),
        label_col=LABEL,
        prediction_col=PREDICTION,
        num_workers=workers,
        tree_method="hist",
        max_depth=section.max_depth,
        n_estimators=section.max_iter,
        max_bin=section.max_bins,
        # The hessian of the squared error is 1: this counts trips.
        min_child_weight=section.min_instances_per_node,
        learning_rate=section.learning_rate,
        colsample_bytree=section.features_per_tree,
        random_state=fitting.settings.training.seed,
        verbose=False,
        verbosity=0,
        **more,
    )


def _total_gains(model: SparkXGBRegressorModel) -> list[float]:
    """Return by how many squared dollars each slot's splits reduced errors."""
    booster = model.get_booster()
    slots = range(booster.num_features())
    names = booster.feature_names or [f"f{slot}" for slot in slots]
    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    return [float(gains.get(name, 0.0)) for name in names]
