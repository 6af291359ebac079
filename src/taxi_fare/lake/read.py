"""Read months of the lake with Spark, each part cast as it is written."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import reduce
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import MONTH
from taxi_fare.core.errors import DataRefusedError, TaxiFareError
from taxi_fare.core.spark.faults import known_fault
from taxi_fare.core.spark.paths import reader_of_paths
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.part import PartSchema
from taxi_fare.lake.spark_casts import read_schema, trip_columns

# As in an address: a space is %20.
_FAILED_READ = re.compile(
    r"FAILED_READ_FILE.* reading file (?:file:/*(?=/))?(\S+)\."
)
# Where a page that has no checksum misleads whoever decodes it.
_UNDECODED = re.compile(
    r"most recent failure: ([^\n]*)\n(?:\tat [^\n]*\n){0,4}?\tat org\.apache\."
    r"(?:parquet|spark\.sql\.execution\.(?:datasources\.parquet|vectorized))\."
    r"(?![^\n]*Write)"
)


def read_trips(spark: SparkSession, months: Sequence[LakeMonth]) -> DataFrame:
    """
    Read the trips of some months.

    Parts of other programs differ in columns, their case, types and zones:
    those that are written alike are read and cast together.

    Returns
    -------
    DataFrame
        The declared columns (null where a part lacks one) and
        ``month``, such as ``2023-06``. Wall-clock times are kept.
    """
    return reduce(
        DataFrame.unionByName, (_read_month(spark, each) for each in months)
    )


def paths_of(months: Sequence[LakeMonth]) -> list[str]:
    """Return what a session must be able to read."""
    return [path for month in months for path in month.paths]


def require_all_rows(
    months: Sequence[LakeMonth], rows: Mapping[str, int]
) -> None:
    """
    Check that what the footers of some months count was seen.

    Raises
    ------
    DataRefusedError
        If fewer trips of one were, or more.
    """
    for each in months:
        seen = rows.get(str(each.month), 0)
        if seen != each.rows:
            raise DataRefusedError(
                f"{seen:,} of the {each.rows:,} trips of {each.month} are"
                " found.",
                expected="as many as its files count",
                remedy="see to it that all of its files are reached under"
                " their names, by Spark's workers too.",
            )


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
        fault = known_fault(error)
        if fault is not None:
            raise fault from error
        found = _unreadable(str(error))
        if found is None:
            raise
        raise DataRefusedError(
            f"{found} cannot be read to its end.",
            expected="a whole parquet file",
            remedy="remove it, then make it again (ingest, predict).",
        ) from error


def _unreadable(words: str) -> str | None:
    """Return what Spark says that it cannot read."""
    named = _FAILED_READ.search(words)
    if named:
        return unquote(named[1])
    undecoded = _UNDECODED.search(words)
    return "A file of these months" if undecoded else None


def _read_month(spark: SparkSession, month: LakeMonth) -> DataFrame:
    alike: dict[PartSchema, list[str]] = defaultdict(list)
    for part in month.parts:
        alike[part.schema].append(part.file.address)
    with refusing_damage():
        parts = [
            reader_of_paths(spark)
            .schema(read_schema(schema))
            .parquet(*paths)
            .select(*trip_columns(schema))
            for schema, paths in alike.items()
        ]
    trips = reduce(DataFrame.unionByName, parts)
    return trips.withColumn(MONTH, F.lit(str(month.month)))
