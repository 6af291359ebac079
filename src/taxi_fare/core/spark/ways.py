"""Ways between two zones, numbered by Spark as ``core.ways`` does."""

from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import DROPOFF_ZONE, PICKUP_ZONE
from taxi_fare.core.ways import ZONES


def way_number() -> Column:
    """Number the pair of zones of a trip, from the features."""
    return _zone(PICKUP_ZONE) * ZONES + _zone(DROPOFF_ZONE)


def _zone(name: str) -> Column:
    number = F.col(name).try_cast("bigint")
    return F.when(number.between(1, ZONES - 1), number).otherwise(F.lit(0))
