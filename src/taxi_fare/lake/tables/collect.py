"""Bring the rows of a Spark table to the driver, as Arrow batches."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import TimestampType

from taxi_fare.core.files import temporary_folder
from taxi_fare.core.spark.scoped import configured
from taxi_fare.core.spark.session import has_own_python

_PACKING = "spark.sql.execution.arrow.compression.codec"

Batches = Iterable[pa.RecordBatch]
Change = Callable[[Batches], Iterator[pa.RecordBatch]]


@contextmanager
def collected(
    rows: DataFrame, *, beside: Path, change: Change = iter
) -> Iterator[Batches]:
    """
    Compute a table in one Spark action, and give its batches.

    The driver alone writes files of its machine: the workers of a cluster
    have other disks. Where they are this machine's own, each leaves its
    batches in a temporary file instead, which is read without a copy.

    Parameters
    ----------
    rows : DataFrame
        What to compute; its times are wall-clock times and stay so.
    """
    rows = _without_zone(rows)
    # Spark's workers may have been started in another working directory.
    with temporary_folder(beside.absolute()) as folder:
        if has_own_python(rows.sparkSession):
            keep = partial(_keep, folder=folder, change=change)
            rows.mapInArrow(keep, "kept long").collect()
            batches = _kept(sorted(folder.iterdir()))
        else:
            # The driver's memory holds them all, packed.
            with configured(rows.sparkSession, _PACKING, "zstd"):
                batches = change(rows.toArrow().to_batches())
        first = next(batches, None)
        if first is None:
            first = _empty(rows, change)
        yield _and_then(first, batches)


def _without_zone(rows: DataFrame) -> DataFrame:
    # The session's time zone is UTC: the wall-clock time stays as it is.
    times = {
        field.name: F.col(field.name).cast("timestamp_ntz")
        for field in rows.schema.fields
        if isinstance(field.dataType, TimestampType)
    }
    return rows.withColumns(times)


def _keep(
    batches: Batches, *, folder: Path, change: Change
) -> Iterator[pa.RecordBatch]:
    """Write what a worker computes; run in the worker's process."""
    context = TaskContext.get()
    partition = context.partitionId() if context else 0
    changed = change(batches)
    first = next(changed, None)
    if first is not None:
        file = str(folder / f"{partition:06}.arrow")
        with pa.ipc.new_stream(file, first.schema) as writer:
            for batch in _and_then(first, changed):
                writer.write_batch(batch)
    yield from ()


def _kept(files: Iterable[Path]) -> Iterator[pa.RecordBatch]:
    for file in files:
        with pa.memory_map(str(file)) as content:
            yield from pa.ipc.open_stream(content)


def _empty(rows: DataFrame, change: Change) -> pa.RecordBatch:
    """Return a batch without a row, which still has the columns."""
    schema = rows.limit(0).toArrow().schema
    return next(change([pa.RecordBatch.from_pylist([], schema=schema)]))


def _and_then(
    first: pa.RecordBatch, others: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    yield first
    yield from others
