"""A folder of raw months: each as the TLC or as another program names it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import (
    DataRefusedError,
    NotPublishedError,
    WrongUsageError,
)
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.workflows.ingest import IngestOptions, IngestResult, ingest

JUNE = Month("2023-06")
MAY = Month("2023-05")


def _trips(rows: int = 20) -> pa.Table:
    start = JUNE.start + timedelta(days=3)
    trip: dict[str, Any] = {
        "tpep_pickup_datetime": start,
        "tpep_dropoff_datetime": start + timedelta(minutes=10),
        "trip_distance": 2.0,
        "PULocationID": 1,
        "DOLocationID": 2,
        "total_amount": 12.5,
    }
    return pa.Table.from_pylist([trip] * rows, schema=LAKE_SCHEMA)


def _put(file: Path, table: pa.Table) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, file)


def _ingest(folder: Path, lake: Path, month: Month = JUNE) -> IngestResult:
    return ingest(
        [month],
        lake=lake,
        source=str(folder),
        options=IngestOptions(reports_dir=lake.with_name("reports")),
        settings=Settings(),
    )


@pytest.mark.parametrize(
    "place",
    [
        "yellow_tripdata_2023-06.parquet",
        "yellow_tripdata_2023-06",
        "year=2023/month=6",
        "puYear=2023/puMonth=6",
        "2023/06",
        "2023/06/trips.parquet",
        "2023-06",
        "deeper/2023-06",
    ],
)
def test_a_folder_of_parts_is_a_month(place: str, tmp_path: Path) -> None:
    """With Spark's marks, its checksums, and a part without a row."""
    folder = tmp_path / "raw"
    _put(folder / place / "part-00000.snappy.parquet", _trips(0))
    _put(folder / place / "part-00001.snappy.parquet", _trips(20))
    lacking = _trips(10).drop_columns(["airport_fee"])
    _put(folder / place / "part-00002.snappy.parquet", lacking)
    (folder / place / "_SUCCESS").touch()
    (folder / place / ".part-00001.snappy.parquet.crc").write_bytes(b"crc")
    (month,) = _ingest(folder, tmp_path / "lake").months
    assert month.record.valid_rows == month.record.raw_rows == 30
    assert month.record.source.startswith(str(folder))
    (again,) = _ingest(folder, tmp_path / "lake").months
    assert again.status == "unchanged"
    _put(folder / place / "part-00002.snappy.parquet", _trips(11))
    (changed,) = _ingest(folder, tmp_path / "lake").months
    assert (changed.status, changed.record.valid_rows) == ("written", 31)


def test_what_a_lake_s_message_says_works(tmp_path: Path) -> None:
    """The lake is its own source."""
    lake = tmp_path / "lake"
    _put(lake / "year=2023" / "month=6" / "part-0.parquet", _trips())
    (month,) = _ingest(lake, lake).months
    assert month.path == lake / "2023" / "06" / "trips.parquet"
    assert pq.read_metadata(str(month.path)).num_rows == 20


@pytest.mark.parametrize(
    "others",
    [
        ["2023-06/part-0.parquet"],
        ["yellow_tripdata_2023-06/part-0.parquet"],
        ["yellow_tripdata_2023-06 (1).parquet"],
        ["2023/06/trips.parquet"],
    ],
)
def test_several_candidates_are_refused_by_name(
    others: list[str], tmp_path: Path
) -> None:
    """A file and a folder of one month: nobody guesses which is meant."""
    folder = tmp_path / "raw"
    names = ["yellow_tripdata_2023-06.parquet", *others]
    for name in names:
        _put(folder / name, _trips())
    with pytest.raises(DataRefusedError, match="more than once") as caught:
        _ingest(folder, tmp_path / "lake")
    for name in names:
        assert name.split("/part-")[0].split("/trips")[0] in str(caught.value)
    assert not (tmp_path / "lake").exists()


def test_what_lies_beside_or_deeper_is_no_candidate(tmp_path: Path) -> None:
    """Other cabs, notes of a download, a copy in another folder."""
    folder = tmp_path / "raw"
    _put(folder / "yellow_tripdata_2023-06.parquet", _trips())
    _put(folder / "green_tripdata_2023-06.parquet", _trips(1))
    _put(folder / "old" / "yellow_tripdata_2023-06.parquet", _trips(1))
    (folder / "yellow_tripdata_2023-06.parquet.http.json").write_text("{}")
    (month,) = _ingest(folder, tmp_path / "lake").months
    assert month.record.raw_rows == 20


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("yellow_tripdata_2023-06.csv", "and no .parquet"),
        ("2023-06/day=1/a.parquet", "lie deeper"),
        ("2023-06/_temporary/0/a.parquet", "not finished"),
    ],
)
def test_what_cannot_be_taken_is_said(
    name: str, words: str, tmp_path: Path
) -> None:
    """By its name; an unfinished write is no month."""
    _put(tmp_path / "raw" / name, _trips())
    with pytest.raises(DataRefusedError, match=words):
        _ingest(tmp_path / "raw", tmp_path / "lake")


def test_a_month_that_is_not_there_is_late_or_missing(tmp_path: Path) -> None:
    """The months that are there are named, in whatever layout."""
    _put(tmp_path / "raw" / "year=2023" / "month=5" / "a.parquet", _trips())
    with pytest.raises(NotPublishedError, match="there: 2023-05"):
        _ingest(tmp_path / "raw", tmp_path / "lake")


def test_a_part_that_is_damaged_is_named(tmp_path: Path) -> None:
    """The others are whole."""
    folder = tmp_path / "raw"
    _put(folder / "2023-06" / "part-0.parquet", _trips())
    (folder / "2023-06" / "part-1.parquet").write_bytes(b"PAR1")
    with pytest.raises(DataRefusedError, match=r"part-1\.parquet is not read"):
        _ingest(folder, tmp_path / "lake")


@pytest.mark.parametrize("month", ["2009-01", "2010-12"])
def test_months_without_zones_are_refused_before_any_download(
    month: str, tmp_path: Path
) -> None:
    """Programs are told what the command line is told."""
    with pytest.raises(WrongUsageError, match="2011-01"):
        _ingest(tmp_path / "raw", tmp_path / "lake", Month(month))
