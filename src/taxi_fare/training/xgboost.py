"""XGBoost's trees, grown by Spark's workers or by this process."""

from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from xgboost import Booster, XGBRegressor
from xgboost.callback import TrainingCallback
from xgboost.spark import SparkXGBRegressor, SparkXGBRegressorModel

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    LABEL,
    NUMERIC_FEATURES,
)
from taxi_fare.training.algorithms import EncodedTrips, Fitting
from taxi_fare.training.row_order import bring_together

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


def fit_xgboost_here(
    encoded: EncodedTrips, fitting: Fitting
) -> tuple[SparkXGBRegressorModel, list[float]]:
    """
    Fit the same regressor with all cores of this process.

    No trip is handed to another process, and the trees are the same however
    many cores there are. The trips are put into another order.
    """
    told = parameters(fitting)
    bring_together(encoded, told)
    calls = [_Telling(fitting.on_tree)] if fitting.on_tree else None
    native = XGBRegressor(
        callbacks=calls,
        # The very same trees, grown node by node instead of level by level: a
        # node's trips stay in the processor's cache. On a cluster, each node
        # would be a talk of all workers.
        grow_policy="lossguide",
        **told,
    )
    native.fit(encoded.matrix, encoded.paid)
    native.get_booster().feature_names = list(fitting.columns or ()) or None
    # What the estimator does with the trees that its workers have grown.
    model = _regressor(fitting, workers=1)._copyValues(
        SparkXGBRegressorModel(native)
    )
    return model, _total_gains(model)


class _Telling(TrainingCallback):
    """Tells which tree is growing."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        super().__init__()
        self._tell = tell

    def before_iteration(
        self, model: Booster, epoch: int, evals_log: dict[str, Any]
    ) -> bool:
        """Count from one; and go on."""
        del model, evals_log
        self._tell(epoch + 1)
        return False


def _regressor(fitting: Fitting, workers: int) -> SparkXGBRegressor:
    columns = fitting.columns
    return SparkXGBRegressor(
        features_col=fitting.vector if columns is None else list(columns),
        label_col=LABEL,
        prediction_col=fitting.output,
        num_workers=workers,
        verbose=False,
        **parameters(fitting),
    )


def parameters(fitting: Fitting) -> dict[str, Any]:
    """Return what XGBoost is told, whoever grows the trees."""
    section = fitting.settings.xgboost
    types = (
        {} if fitting.columns is None else {"feature_types": _FEATURE_TYPES}
    )
    return (
        types
        | _loss(fitting)
        | {
            "tree_method": "hist",
            "max_depth": section.max_depth,
            "n_estimators": section.max_iter,
            "max_bin": section.max_bins,
            "learning_rate": section.learning_rate,
            "colsample_bytree": section.features_per_tree,
            "random_state": fitting.settings.training.seed,
            "verbosity": 0,
        }
    )


def _loss(fitting: Fitting) -> dict[str, Any]:
    """Return the squared error, or beyond a tariff one that is robust."""
    tariff = fitting.tariff
    if tariff is None:
        # The hessian of the squared error is 1: this counts trips.
        least = fitting.settings.xgboost.min_instances_per_node
        return {"min_child_weight": least}
    return {
        "objective": "reg:pseudohubererror",
        "huber_slope": tariff.huber_slope,
        "base_score": 0.0,
        # A trip counts the less, the farther it lies from what is predicted.
        "min_child_weight": tariff.min_weight_per_node,
    }


def _total_gains(model: SparkXGBRegressorModel) -> list[float]:
    """Return by how many squared dollars each slot's splits reduced errors."""
    booster = model.get_booster()
    slots = range(booster.num_features())
    names = booster.feature_names or [f"f{slot}" for slot in slots]
    gains: dict[str, Any] = booster.get_score(importance_type="total_gain")
    return [float(gains.get(name, 0.0)) for name in names]
