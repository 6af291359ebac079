"""How long a trip takes, as a Spark column."""

from pyspark.sql import Column
from pyspark.sql import functions as F

_MICROSECONDS_PER_MINUTE = 60_000_000


def minutes_between(start: str, end: str) -> Column:
    """
    Return the minutes from one wall-clock time to another.

    Parameters
    ----------
    start, end : str
        Names of timestamp columns.

    Returns
    -------
    Column
        Minutes as a double; negative when ``end`` is the earlier one, null
        when one is null.
    """
    microseconds = F.unix_micros(F.col(end)) - F.unix_micros(F.col(start))
    return microseconds / _MICROSECONDS_PER_MINUTE
