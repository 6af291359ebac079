"""The sums of each day by Spark: all figures of some models in one action."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL, PICKUP_DAY
from taxi_fare.evaluation.day_sums import DAYS, OVERALL, SUMS, DaySums
from taxi_fare.evaluation.metrics import Metrics, no_trip, read_metrics
from taxi_fare.evaluation.slices import Slice
from taxi_fare.evaluation.spark_metrics import metric_sums


def scored_sums(
    scored: DataFrame,
    *,
    models: Sequence[str],
    baselines: Sequence[str],
    ways: Sequence[Slice],
) -> tuple[dict[str, Metrics], dict[str, DaySums]]:
    """
    Measure some models on the same trips, and by day.

    Parameters
    ----------
    scored : DataFrame
        Features, label, the day of the month and predictions.
    models, baselines : sequence of str
        Columns of their predictions; only models have metrics.

    Raises
    ------
    DataRefusedError
        If there is no trip, or all cost the same.
    ModelRefusedError
        If a prediction is missing, NaN or infinite.
    """
    codes = [each.by.spark().alias(_code(each)) for each in ways]
    names_of_all = [*models, *baselines]
    trips = scored.select(LABEL, *names_of_all, PICKUP_DAY, *codes)
    names = [_code(each) for each in ways]
    groups = [[PICKUP_DAY, name] for name in names]
    rows = (
        trips.groupingSets([[], [PICKUP_DAY], *groups], PICKUP_DAY, *names)
        .agg(
            *metric_sums(models),
            *(each for name in names_of_all for each in _sums(name)),
        )
        .collect()
    )
    whole = [row for row in rows if row[PICKUP_DAY] is None]
    if not whole:
        raise no_trip()
    found: dict[str, Any] = whole[0].asDict()
    days = [row for row in rows if row[PICKUP_DAY] is not None]
    return (
        {name: read_metrics(found, name) for name in models},
        {name: _read(name, days, ways) for name in names_of_all},
    )


def _code(way: Slice) -> str:
    return f"in {way.name}"


def _sums(prediction: str) -> list[Column]:
    error, paid = F.col(LABEL) - F.col(prediction), F.col(LABEL)
    return [
        F.sum(each.spark(error, paid)).alias(f"{prediction} {name}")
        for name, each in SUMS.items()
    ]


def _read(
    prediction: str, rows: Sequence[Row], ways: Sequence[Slice]
) -> DaySums:
    groups = {OVERALL: np.zeros((DAYS, 1, len(SUMS)))} | {
        each.name: np.zeros((DAYS, len(each.levels), len(SUMS)))
        for each in ways
    }
    for row in rows:
        name, level = next(
            (
                (each.name, row[_code(each)])
                for each in ways
                if row[_code(each)] is not None
            ),
            (OVERALL, 0),
        )
        groups[name][row[PICKUP_DAY] - 1, level] = [
            row[f"{prediction} {sum_}"] for sum_ in SUMS
        ]
    return DaySums(groups)
