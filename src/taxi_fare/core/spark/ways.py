"""Ways between two zones, and hours, numbered as ``core.ways`` does: Spark."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
)
from taxi_fare.core.ways import SATURDAY, SLOTS, ZONES


def way_number() -> Column:
    """Number the pair of zones of a trip, from the features."""
    return _zone(PICKUP_ZONE) * ZONES + _zone(DROPOFF_ZONE)


def slot_number() -> Column:
    """Number the hour of a trip, from the features."""
    weekend = F.when(F.col(PICKUP_WEEKDAY) >= SATURDAY, SLOTS / 2)
    hour = F.col(PICKUP_HOUR) + F.coalesce(weekend, F.lit(0.0))
    return hour.cast("long")


def _zone(name: str) -> Column:
    number = F.col(name).try_cast("bigint")
    return F.when(number.between(1, ZONES - 1), number).otherwise(F.lit(0))
