"""Months whose pages were damaged after they were written."""

import random
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.parquet import write_parquet
from taxi_fare.lake.raw.file import open_parts, read_raw
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.lake.read import read_trips, refusing_damage
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = pytest.mark.spark

MONTH = Month("2023-02")
TRIALS = 12
# A space, a percent sign and a name that is not ASCII: it is told whole.
LAKE = "a lake of 50 % März"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of the lake, as ingest writes it."""
    place = tmp_path_factory.mktemp("damaged")
    simulate_month(place / "raw.parquet", month=MONTH, trips=2_000, seed=1)
    file = place / LAKE / "2023" / "02" / "trips.parquet"
    file.parent.mkdir(parents=True)
    (raw,) = open_parts([place / "raw.parquet"], MONTH)
    with write_parquet(file, LAKE_SCHEMA) as writer:
        for batch in read_raw(raw):
            writer.write_batch(batch)
    return file


def _seen(spark: SparkSession, file: Path) -> list[tuple[object, ...]]:
    """What Spark makes of every value of the month."""
    month = read_catalog(file.parents[2]).months[MONTH]
    with refusing_damage():
        trips = read_trips(spark, [month])
        sums = (F.sum(F.hash(name)) for name in trips.columns)
        return [tuple(row) for row in trips.agg(*sums).collect()]


def _pages(file: Path) -> list[int]:
    """Where the first and the last byte of each column's pages are."""
    footer = pq.read_metadata(file)
    chunks = [
        footer.row_group(group).column(column)
        for group in range(footer.num_row_groups)
        for column in range(footer.num_columns)
    ]
    starts = [
        chunk.dictionary_page_offset or chunk.data_page_offset
        for chunk in chunks
    ]
    ends = [
        start + chunk.total_compressed_size
        for start, chunk in zip(starts, chunks, strict=True)
    ]
    return [min(starts), max(ends) - 1]


def test_flipped_bits_give_no_other_trips(
    spark: SparkSession, file: Path
) -> None:
    """Wherever one is, it is the same month, or the fault of the file."""
    whole = file.read_bytes()
    seen = _seen(spark, file)
    first, last = _pages(file)
    draw = random.Random(7)
    refused = 0
    try:
        for _ in range(TRIALS):
            damaged = bytearray(whole)
            place = draw.randint(first, last)
            damaged[place] ^= 1 << draw.randrange(8)
            file.write_bytes(damaged)
            try:
                assert _seen(spark, file) == seen, f"byte {place}"
            except DataRefusedError as error:
                assert f"{LAKE}/2023/02/trips.parquet" in str(error)
                refused += 1
    finally:
        file.write_bytes(whole)
    assert refused >= TRIALS / 2
