"""Draw rows that are the same on every machine."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F


def draw_rows(table: DataFrame, *, rows: int, seed: int) -> DataFrame:
    """
    Draw rows by the hash of their content.

    ``DataFrame.sample`` depends on how rows are spread over partitions, and
    so on the number of cores; what a row holds does not.
    """
    # A null leaves a hash as it was, so that two rows may share one: what
    # they hold settles their order.
    order = F.xxhash64(F.lit(seed), *table.columns)
    return table.orderBy(order, *table.columns).limit(rows)
