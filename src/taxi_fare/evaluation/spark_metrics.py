"""Measure predictions with Spark, in one action."""

from collections.abc import Sequence
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL
from taxi_fare.evaluation.metrics import Metrics, no_trip, read_metrics


def score(
    scored: DataFrame, *, predictions: Sequence[str]
) -> dict[str, Metrics]:
    """
    Compute the metrics of one or more models in one action.

    Raises
    ------
    DataRefusedError
        If there is no trip, or all cost the same.
    ModelRefusedError
        If a prediction is missing, NaN or infinite.

    Notes
    -----
    R² is 1 - SS_res / SS_tot, as in ``pyspark.ml``'s RegressionEvaluator;
    where all trips cost the same it is not defined.
    """
    found = aggregate(scored, metric_sums(predictions))
    return {name: read_metrics(found, name) for name in predictions}


def aggregate(scored: DataFrame, sums: Sequence[Column]) -> dict[str, Any]:
    """
    Find figures of scored trips, in one Spark action.

    Raises
    ------
    DataRefusedError
        If there is no trip.
    """
    row = scored.agg(*sums).first()
    found = row.asDict() if row else {}
    if not found.get("rows"):
        raise no_trip()
    return found


def metric_sums(predictions: Sequence[str]) -> list[Column]:
    """Return the aggregates that ``read_metrics`` takes."""
    sums = [F.count(F.lit(1)).alias("rows"), F.var_pop(LABEL).alias("var")]
    for name in predictions:
        error = F.col(LABEL) - F.col(name)
        finite = (
            error.isNotNull()
            & ~F.isnan(error)
            & (F.abs(error) != float("inf"))
        )
        sums += [
            F.count_if(~finite).alias(f"{name}.unusable"),
            F.avg(error * error).alias(f"{name}.squared"),
            F.avg(F.abs(error)).alias(f"{name}.absolute"),
            F.avg(error).alias(f"{name}.signed"),
        ]
    return sums
