"""
Derive the 12 features from a trip, row by row.

The same function serves training, testing and prediction, so that a feature
never means two things.
"""

from collections.abc import Callable, Sequence
from functools import partial

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DROPOFF_AT,
    DURATION,
    FEATURES,
    FLAGS,
    LABEL,
    MONTH,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    STORED,
    TRIP_FEATURES,
    Feature,
)
from taxi_fare.core.spark.durations import minutes_between

PACKED_TRIP = "trip"


def _level(name: str) -> Column:
    text = F.col(name).cast("string")
    # MLlib refuses a level without a name.
    return F.when(F.trim(text) != "", text)


def _flag() -> Column:
    return F.when(F.col(STORED).isin(*FLAGS), F.col(STORED))


# Null where a source is null: what a feature is then, its record says.
DEFINITIONS: dict[str, Callable[[], Column]] = {
    DISTANCE: lambda: F.col(DISTANCE),
    PASSENGERS: lambda: F.col(PASSENGERS),
    DURATION: lambda: minutes_between(PICKUP_AT, DROPOFF_AT),
    PICKUP_HOUR: lambda: F.hour(PICKUP_AT),
    PICKUP_WEEKDAY: lambda: F.weekday(PICKUP_AT),
    PICKUP_MONTH: lambda: F.month(PICKUP_AT),
    **{name: partial(_level, name) for name in CATEGORICAL_FEATURES},
    STORED: _flag,
}


def derive_features(
    trips: DataFrame, *, keep: Sequence[str] = (LABEL, MONTH)
) -> DataFrame:
    """
    Derive the features of the specification.

    Parameters
    ----------
    trips : DataFrame
        Trips with the declared columns; times are wall-clock times.

    Returns
    -------
    DataFrame
        The 12 features and the columns that are kept. Numbers are doubles:
        miles, minutes, hour 0-23, day of week 0 (Monday) to 6, month 1-12;
        an unknown passenger count is 0, as the TLC writes it. Categories are
        strings; null, blank, and a flag that is neither Y nor N are the level
        ``unknown``.
    """
    columns = {each.name: _column(each) for each in TRIP_FEATURES}
    kept = [name for name in keep if name in trips.columns]
    return trips.select(*(columns[name] for name in FEATURES), *kept)


def derive_beside(trips: DataFrame, *, columns: Sequence[str]) -> DataFrame:
    """
    Derive the features of trips that are kept as they are.

    Some features bear a column's name and mean something else, so that the
    trip is packed away while they are there.
    """
    packed = trips.withColumn(PACKED_TRIP, F.struct(*columns))
    return derive_features(packed, keep=[PACKED_TRIP])


def _column(feature: Feature) -> Column:
    kind = "double" if feature.kind == "number" else "string"
    value = DEFINITIONS[feature.name]().cast(kind)
    if feature.if_null is not None:
        value = F.coalesce(value, F.lit(feature.if_null).cast(kind))
    return value.alias(feature.name)
