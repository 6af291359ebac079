"""
Derive the 12 features from a trip, row by row.

The same function serves training, testing and prediction, so that a feature
never means two things.
"""

from collections.abc import Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DROPOFF_AT,
    DURATION,
    FEATURES,
    LABEL,
    MONTH,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    UNKNOWN_LEVEL,
)
from taxi_fare.core.spark.durations import minutes_between

PACKED_TRIP = "trip"


def derive_features(
    trips: DataFrame, *, keep: Sequence[str] = (LABEL, MONTH)
) -> DataFrame:
    """
    Derive the features of the description.

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
        strings; null and blank are the level ``unknown``.
    """
    definitions: dict[str, Column] = {
        DISTANCE: F.col(DISTANCE),
        PASSENGERS: F.coalesce(F.col(PASSENGERS), F.lit(0)),
        DURATION: minutes_between(PICKUP_AT, DROPOFF_AT),
        PICKUP_HOUR: F.hour(PICKUP_AT),
        PICKUP_WEEKDAY: F.weekday(PICKUP_AT),
        PICKUP_MONTH: F.month(PICKUP_AT),
    }
    columns = [
        value.cast("double").alias(name) for name, value in definitions.items()
    ]
    columns += [_level(name).alias(name) for name in CATEGORICAL_FEATURES]
    kept = [name for name in keep if name in trips.columns]
    return trips.select(*columns, *kept).select(*FEATURES, *kept)


def derive_beside(trips: DataFrame, *, columns: Sequence[str]) -> DataFrame:
    """
    Derive the features of trips that are kept as they are.

    Some features bear a column's name and mean something else, so that the
    trip is packed away while they are there.
    """
    packed = trips.withColumn(PACKED_TRIP, F.struct(*columns))
    return derive_features(packed, keep=[PACKED_TRIP])


def _level(name: str) -> Column:
    text = F.col(name).cast("string")
    # MLlib refuses a level without a name.
    known = F.when(F.trim(text) != "", text)
    return F.coalesce(known, F.lit(UNKNOWN_LEVEL))
