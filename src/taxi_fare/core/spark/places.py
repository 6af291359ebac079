"""Where a value lies among limits, or a level among levels, by Spark."""

from collections.abc import Mapping, Sequence

from pyspark.sql import Column
from pyspark.sql import functions as F


def limits_below(
    value: Column, limits: Sequence[float], *, or_at: bool = False
) -> Column:
    """Count the limits that a value is above, as ``searchsorted`` does."""
    number = F.lit(0)
    for limit in limits:
        above = value >= limit if or_at else value > limit
        number = number + above.cast("int")
    return number


def place_of(level: Column, places: Mapping[str, int], *, last: int) -> Column:
    """Return the place of a level; what has none shares the last."""
    pairs = [F.lit(each) for pair in places.items() for each in pair]
    found = F.try_element_at(F.create_map(*pairs), level)
    return F.coalesce(found, F.lit(last))
