"""Read months of the lake with Spark, each cast to the declared schema."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import MONTH, TRIP_COLUMNS, Kind
from taxi_fare.core.errors import DataRefusedError, TaxiFareError
from taxi_fare.core.spark.faults import store_fault
from taxi_fare.lake.month import LakeMonth

_FAILED_READ = re.compile(
    r"FAILED_READ_FILE.* reading file (?:file:/*)?(s3a://\S+|/\S+)\."
)
_SPARK_TYPES: dict[Kind, str] = {
    "timestamp": "timestamp",
    "integer": "bigint",
    "number": "double",
    "text": "string",
}


def read_trips(spark: SparkSession, months: Sequence[LakeMonth]) -> DataFrame:
    """
    Read the trips of some months.

    Each month is read and cast on its own: months that other programs wrote
    differ in integer widths and in the case of column names.

    Returns
    -------
    DataFrame
        The declared columns (null where a month lacks an optional one) and
        ``month``, such as ``2023-06``. Wall-clock times are kept.
    """
    return reduce(
        DataFrame.unionByName, (_read_month(spark, each) for each in months)
    )


def paths_of(months: Sequence[LakeMonth]) -> list[str]:
    """Return what a session must be able to read."""
    return [path for month in months for path in month.paths]


@contextmanager
def refusing_damage() -> Iterator[None]:
    """
    Turn what Spark says of a file or its store into an error for people.

    A footer can be read although the pages before it are damaged; only the
    action that reads them finds out.

    Raises
    ------
    DataRefusedError
        If a file cannot be read to its end.
    TemporaryError
        If a file in a store was removed or replaced meanwhile.
    EnvironmentLackError
        If the store cannot be reached or refuses, or a disk is full.
    """
    try:
        yield
    except TaxiFareError:
        raise
    except Exception as error:
        fault = store_fault(error)
        if fault is not None:
            raise fault from error
        found = _FAILED_READ.search(str(error))
        if found is None:
            raise
        raise DataRefusedError(
            f"{found[1]} cannot be read to its end.",
            expected="a whole parquet file",
            remedy="remove it, then make it again (ingest, predict).",
        ) from error


def _read_month(spark: SparkSession, month: LakeMonth) -> DataFrame:
    with refusing_damage():
        trips = spark.read.parquet(*month.paths)
    written = {name.lower(): name for name in trips.columns}
    columns = []
    for column in TRIP_COLUMNS:
        kind = _SPARK_TYPES[column.kind]
        name = written.get(column.name.lower())
        # A value that is no such number becomes null, and null is judged by
        # the rules; a plain cast would end the whole run.
        value = F.col(name).try_cast(kind) if name else F.lit(None).cast(kind)
        columns.append(value.alias(column.name))
    return trips.select(*columns, F.lit(str(month.month)).alias(MONTH))
