"""Lay train rows out the same way on every machine."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

_KEY = "row_hash"


def arrange(rows: DataFrame, *, partitions: int) -> DataFrame:
    """
    Spread rows over partitions by their content, in a fixed order.

    MLlib samples rows for its bins by partition and position. Rows as they
    were read would be laid out by the number of cores, and the same trips
    would give another model on another machine.
    """
    return (
        rows.withColumn(_KEY, F.xxhash64(*rows.columns))
        .repartition(partitions, _KEY)
        .sortWithinPartitions(_KEY)
        .drop(_KEY)
    )
