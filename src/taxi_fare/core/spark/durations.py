"""How long a trip takes, as a Spark column."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_MICROSECONDS_PER_MINUTE = 60_000_000


def minutes_between(start: str, end: str) -> Column:
    """
    Return the minutes from one wall-clock time to another.

    Returns
    -------
    Column
        Minutes as a double; negative when ``end`` is the earlier one, null
        when one is null.
    """
    # As doubles, which are exact up to the year 2255: other programs' months
    # hold times whose difference does not fit into an integer.
    first, last = (
        F.unix_micros(F.col(name)).cast("double") for name in (start, end)
    )
    return (last - first) / _MICROSECONDS_PER_MINUTE
