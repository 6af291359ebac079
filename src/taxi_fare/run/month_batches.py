"""Work on the trips of a month, batch by batch, whoever reads them."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import read_trips, refusing_damage
from taxi_fare.lake.tables.collect import collected
from taxi_fare.run.local_month import Result, map_batches, needs_no_spark


def map_month(
    work: Callable[[pa.RecordBatch], Result],
    month: LakeMonth,
    *names: str,
    settings: Settings,
) -> Iterator[Result]:
    """
    Work on some columns of a month's trips, whoever reads them.

    Raises
    ------
    DataRefusedError
        If a file is damaged.
    """
    if needs_no_spark(month, settings):
        yield from map_batches(work, month, *names)
        return
    spark = spark_session(settings, paths=month.paths)
    trips = read_trips(spark, [month]).select(*names)
    beside = Path(tempfile.gettempdir()) / f"taxi-fare-{month.month}"
    with refusing_damage(), collected(trips, beside=beside) as batches:
        yield from map(work, batches)
