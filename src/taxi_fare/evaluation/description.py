"""Describe trips: missing values, the label's figures, counts by group."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    LABEL,
    PAYMENT,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    TRIP_COLUMNS,
)
from taxi_fare.core.metrics import PERCENTILES
from taxi_fare.evaluation.trip_groups import TripGroup

_ISO_SECONDS = "yyyy-MM-dd'T'HH:mm:ss"
# Sums of doubles depend in their last digits on which partition is done
# first: what is below a millionth of a dollar is not told.
_DIGITS = 6

_FIGURES = "figures"
_MISSING = "missing"
_GROUP = "trip_group"


@dataclass(frozen=True)
class Description:
    """
    What some trips look like.

    Parameters
    ----------
    first_pickup, last_pickup : str or None
        Wall-clock times in ISO 8601; None when there is no trip.
    missing_ratio : dict of str to float
        Fraction in [0, 1] of null or NaN, by declared column.
    target : dict
        Figures of ``total_amount`` in dollars; None what is not defined.
    """

    rows: int
    first_pickup: str | None
    last_pickup: str | None
    missing_ratio: dict[str, float]
    target: dict[str, Any]
    groups: tuple[TripGroup, ...]


def describe(trips: DataFrame) -> Description:
    """Describe trips in one Spark action."""
    figures = trips.agg(F.struct(*_figures()).alias(_FIGURES))
    rows = figures.unionByName(_groups(trips), allowMissingColumns=True)
    found = rows.collect()
    overall = next(row[_FIGURES] for row in found if row[_FIGURES])
    groups = (row[_GROUP] for row in found if row[_GROUP])
    return Description(
        rows=overall["count"],
        first_pickup=overall["first_pickup"],
        last_pickup=overall["last_pickup"],
        missing_ratio=_missing_ratio(overall),
        target=_target(overall),
        groups=tuple(TripGroup(**group.asDict()) for group in groups),
    )


def _figures() -> list[Column]:
    pickup = F.col(PICKUP_AT)
    named = {
        "count": F.count(F.lit(1)),
        "mean": F.avg(LABEL),
        "std": F.stddev(LABEL),
        "min": F.min(LABEL),
        "max": F.max(LABEL),
        # Exact ones are cheap: totals are in cents, so that there are few
        # different ones however many trips there are.
        "percentiles": F.percentile(LABEL, list(PERCENTILES.values())),
        "first_pickup": F.date_format(F.min(pickup), _ISO_SECONDS),
        "last_pickup": F.date_format(F.max(pickup), _ISO_SECONDS),
        _MISSING: F.struct(*_missing_counts()),
    }
    return [figure.alias(name) for name, figure in named.items()]


def _missing_counts() -> list[Column]:
    counts = []
    for column in TRIP_COLUMNS:
        value = F.col(column.name)
        missing = value.isNull()
        if column.kind == "number":
            missing = missing | F.isnan(value)
        counts.append(F.count_if(missing).alias(column.name))
    return counts


def _groups(trips: DataFrame) -> DataFrame:
    fields = (
        F.col(PICKUP_WEEKDAY).cast("int").alias("weekday"),
        F.col(PICKUP_HOUR).cast("int").alias("hour"),
        F.col(PAYMENT).alias("payment_type"),
        F.col("count"),
        F.col("dollars"),
    )
    return (
        trips.groupBy(PICKUP_WEEKDAY, PICKUP_HOUR, PAYMENT)
        .agg(F.count(F.lit(1)).alias("count"), F.sum(LABEL).alias("dollars"))
        .select(F.struct(*fields).alias(_GROUP))
    )


def _missing_ratio(overall: Row) -> dict[str, float]:
    rows = overall["count"]
    return {
        name: count / rows if rows else 0.0
        for name, count in overall[_MISSING].asDict().items()
    }


def _target(overall: Row) -> dict[str, Any]:
    # Without any trip there are no percentiles either.
    values = overall["percentiles"] or [None] * len(PERCENTILES)
    figures = {name: overall[name] for name in ("mean", "std", "min")}
    figures |= dict(zip(PERCENTILES, values, strict=True))
    figures["max"] = overall["max"]
    return {"name": LABEL, "unit": "dollars", "count": overall["count"]} | {
        name: None if value is None else round(value, _DIGITS)
        for name, value in figures.items()
    }
