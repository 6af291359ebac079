"""Read a month of a folder without a JVM, on all cores."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import would_be_local
from taxi_fare.lake.arrow_casts import read_part
from taxi_fare.lake.in_folder import FoundFile
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.part import Part, PartSchema

# A batch of all columns is 20 MB; some wait for each worker.
_ROWS_AT_ONCE, _AHEAD = 131_072, 2

Item = TypeVar("Item")
Result = TypeVar("Result")


def needs_no_spark(month: LakeMonth, settings: Settings) -> bool:
    """Tell whether this process alone may look at the trips of a month."""
    return (
        settings.prediction.engine != "spark"
        and would_be_local(settings)
        and all(isinstance(each.file, FoundFile) for each in month.parts)
    )


def read_batches(month: LakeMonth, *names: str) -> Iterator[pa.RecordBatch]:
    """
    Read trips as the lake declares them.

    Parameters
    ----------
    *names : str
        Columns; others are null. None for every column.

    Raises
    ------
    DataRefusedError
        If a file is damaged.
    """
    for part in month.parts:
        schema = _only(part.schema, names) if names else part.schema
        file = _location(part)
        with _refusing(file):
            yield from read_part(file, schema=schema, batch_rows=_ROWS_AT_ONCE)


def map_batches(
    work: Callable[[pa.RecordBatch], Result], month: LakeMonth, *names: str
) -> Iterator[Result]:
    """
    Work on all trips of a month, some batches at once, in their order.

    Parameters
    ----------
    *names : str
        Columns; others are null. None for every column.

    Raises
    ------
    DataRefusedError
        If a file is damaged.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from _in_order(pool, work, read_batches(month, *names))


def _in_order(
    pool: ThreadPoolExecutor,
    work: Callable[[Item], Result],
    items: Iterable[Item],
) -> Iterator[Result]:
    """Work on some items at once, a few ahead of what is asked for."""
    ahead = _AHEAD * (os.cpu_count() or 1)
    waiting: deque[Future[Result]] = deque()
    for item in items:
        waiting.append(pool.submit(work, item))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _location(part: Part) -> Path:
    if not isinstance(part.file, FoundFile):
        raise TypeError(f"{part.file} is in no folder")
    return part.file.location


def _only(schema: PartSchema, names: Iterable[str]) -> PartSchema:
    return PartSchema(
        tuple(each for each in schema.stored if each.column.name in names)
    )


@contextmanager
def _refusing(file: Path) -> Iterator[None]:
    try:
        yield
    except UnreadableFileError as error:
        raise DataRefusedError(
            f"{file} cannot be read to its end ({error}).",
            expected="a whole parquet file",
            remedy="remove it, then make it again (ingest, predict).",
        ) from error
