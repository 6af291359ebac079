"""``taxi-fare eda`` and ``taxi-fare prepare``, as their users call them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import csv
from pyspark.sql import SparkSession

from taxi_fare.core.columns import FEATURES, TRIP_COLUMNS
from taxi_fare.lake.tables.file import read_origin
from taxi_fare.reports.documents.trips import FeatureTable

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]

KEYS = {
    "schema_version",
    "run_id",
    "timestamp",
    "simulated",
    "date_range",
    "months",
    "rows",
    "columns",
    "validation",
    "missing_ratio",
    "target",
    "by_hour",
    "by_weekday",
    "by_payment_type",
    "by_weekday_and_hour",
    "sample",
    "figures",
}
FIGURES = {
    "eda_target_distribution.svg",
    "eda_total_by_distance.svg",
    "eda_trips_by_hour_and_weekday.svg",
    "eda_missing_ratio.svg",
}
DERIVED = [
    "trip_duration_min",
    "pickup_hour",
    "pickup_dayofweek",
    "pickup_month",
]


@pytest.fixture
def two_months(
    lake: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Lake of two simulated months, which a test may change."""
    monkeypatch.setenv("TAXI_FARE_EXPLORATION__SAMPLE_ROWS", "500")
    for month in ("2023/01", "2023/03"):
        shutil.copytree(lake / month, home / "lake" / month)
    return Path("lake")


def test_an_exploration_writes_its_files(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """Every month of the lake; the second time draws the same trips."""
    answer = command("eda", "--data-base-path=lake", "--json")
    assert answer.code == 0, answer.err
    summary = answer.document
    assert summary.keys() >= KEYS
    assert summary == json.loads(Path("reports/eda_summary.json").read_text())
    assert summary["simulated"] is True
    assert summary["timestamp"].endswith(("Z", "+00:00"))
    assert summary["months"] == ["2023-01", "2023-03"]
    assert summary["date_range"]["min"].startswith("2023-01-01T")
    assert summary["date_range"]["max"].startswith("2023-03-31T")
    assert set(summary["figures"]) == {f"figures/{name}" for name in FIGURES}
    assert {path.name for path in Path("reports/figures").iterdir()} == FIGURES
    sample = Path("reports/eda_sample.csv").read_bytes()
    again = command("eda", "--data-base-path=lake")
    assert again.code == 0, again.err
    assert "Simulated trips" in again.out
    assert Path("reports/eda_sample.csv").read_bytes() == sample


def test_the_figures_of_an_exploration_agree(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """Rows add up over months, hours, weekdays and payment types."""
    summary = command("eda", "--data-base-path=lake", "--json").document
    months = summary["validation"].values()
    assert summary["rows"] == sum(each["valid_rows"] for each in months)
    assert all(
        each["rows"] == each["valid_rows"] + each["rejected_rows"]
        for each in months
    )
    for name in ("by_hour", "by_weekday", "by_payment_type"):
        assert sum(each["count"] for each in summary[name]) == summary["rows"]
    target = summary["target"]
    order = ("min", "p25", "median", "p75", "p95", "p99", "max")
    assert [target[name] for name in order] == sorted(
        target[name] for name in order
    )
    assert 0 <= target["min"] <= target["mean"] <= target["max"] <= 1000
    assert all(0 <= each <= 1 for each in summary["missing_ratio"].values())


def test_the_sample_is_a_table_for_anybody(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """As many trips as asked for, with what a model would be told of them."""
    answer = command("eda", "--data-base-path=lake", "--months=2023-03")
    assert answer.code == 0, answer.err
    table = csv.read_csv("reports/eda_sample.csv")
    names = [column.name for column in TRIP_COLUMNS]
    assert table.column_names == ["month", *names, *DERIVED]
    assert table.num_rows == 500
    for trip in table.slice(0, 50).to_pylist():
        pickup = trip["tpep_pickup_datetime"]
        duration = trip["tpep_dropoff_datetime"] - pickup
        assert trip["month"] == "2023-03"
        assert trip["trip_duration_min"] == pytest.approx(
            duration.total_seconds() / 60
        )
        assert trip["pickup_hour"] == pickup.hour
        assert trip["pickup_dayofweek"] == pickup.weekday()
        assert trip["pickup_month"] == 3


def test_optional_columns_may_be_missing_required_ones_not(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """The first are told as missing, the others refuse the month: exit 4."""
    file = two_months / "2023/03/trips.parquet"
    trips = pq.read_table(file)
    pq.write_table(trips.drop_columns(["airport_fee", "tip_amount"]), file)
    answer = command(
        "eda", "--data-base-path=lake", "--months=2023-03", "--json"
    )
    assert answer.code == 0, answer.err
    assert answer.document["missing_ratio"]["tip_amount"] == 1.0
    pq.write_table(trips.drop_columns(["PULocationID"]), file)
    for arguments in (("eda",), ("prepare", "--months=2023-03")):
        answer = command(*arguments, "--data-base-path=lake")
        assert answer.code == 4
        assert "2023-03 lacks the column(s) PULocationID" in answer.err


def test_trips_that_are_all_rejected_are_refused(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """Exit 4 with the rules; a bad month among good ones is looked at."""
    file = two_months / "2023/03/trips.parquet"
    trips = pq.read_table(file)
    place = trips.column_names.index("total_amount")
    minus = pa.array([-1.0] * trips.num_rows)
    pq.write_table(trips.set_column(place, "total_amount", minus), file)
    answer = command("eda", "--data-base-path=lake", "--months=2023-03")
    assert answer.code == 4
    assert "2023-03 total_missing_or_negative" in answer.err
    assert not Path("reports").exists()
    both = command("eda", "--data-base-path=lake", "--json")
    assert both.code == 0, both.err
    assert both.document["validation"]["2023-03"]["valid_rows"] == 0


def test_missing_months_are_named(command: Command, two_months: Path) -> None:
    """Exit 3, with the months that are there; nothing is written."""
    for arguments in (
        ("eda", "--months=2023-01..2023-03"),
        ("prepare", "--months=2023-01..2023-03"),
    ):
        answer = command(*arguments, "--data-base-path=lake")
        assert answer.code == 3
        assert "Missing months: ['2023/02']" in answer.err
        assert "['2023/01', '2023/03']" in answer.err
    empty = command("eda", "--data-base-path=nowhere")
    assert empty.code == 3
    assert "taxi-fare ingest" in empty.err
    assert not Path("reports").exists()


def test_a_damaged_month_is_left_out_with_a_warning(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """Unless it is asked for: then it is missing."""
    (two_months / "2023/03/trips.parquet").write_bytes(b"no parquet")
    answer = command("eda", "--data-base-path=lake", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["months"] == ["2023-01"]
    assert "2023-03 is left out: trips.parquet is not readable" in answer.err
    asked = command("eda", "--data-base-path=lake", "--months=2023-03")
    assert asked.code == 3
    assert "trips.parquet is not readable" in asked.err


def test_a_feature_table_holds_every_valid_trip(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """The file says of which months, by which features, how many rows."""
    arguments = ("prepare", "--months=2023-01,2023-03", "--json")
    answer = command(*arguments, "--data-base-path=lake")
    assert answer.code == 0, answer.err
    document = answer.document
    file = Path("data/features/2023-01_2023-03.parquet")
    assert Path(document["output"]) == file
    table = pq.read_table(file)
    assert table.column_names == ["month", *FEATURES, "total_amount"]
    explored = command("eda", "--data-base-path=lake", "--json").document
    assert table.num_rows == document["rows"] == explored["rows"]
    origin = read_origin(file, FeatureTable)
    assert origin is not None
    metadata = origin.to_document()
    assert metadata["months"] == ["2023-01", "2023-03"]
    assert set(metadata["fingerprints"]) == {"2023-01", "2023-03"}
    assert metadata["sample"] is None
    assert metadata["simulated"] is True
    assert metadata["features_version"] >= 1
    assert [each.name for each in file.parent.iterdir()] == [file.name]


def test_a_sampled_feature_table_is_the_same_each_time(
    command: Command, two_months: Path, spark: SparkSession
) -> None:
    """Just as many rows as asked for, in a file of its own name."""
    arguments = ("prepare", "--months=2023-01", "--data-base-path=lake")
    answer = command(*arguments, "--sample-rows=300")
    assert answer.code == 0, answer.err
    file = Path("data/features/2023-01_2023-01_sample300.parquet")
    assert str(file) in answer.out
    table = pq.read_table(file)
    assert table.num_rows == 300
    other = command(
        *arguments, "--sample-rows=300", "--output=other.parquet", "--json"
    )
    assert pq.read_table("other.parquet").equals(table)
    assert other.document["rows"] == 300
    assert other.document["sample"]["of"] > 2_000
    everything = command(*arguments, "--sample-rows=1000000", "--json")
    assert everything.document["rows"] == other.document["sample"]["of"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("eda", "--months="),
        ("prepare",),
        ("prepare", "--months=2023-01", "--sample-rows=0"),
        ("prepare", "--months=2023-01", "--sample-rows=-5"),
        ("prepare", "--months=2023-01", "--output=lake"),
    ],
)
def test_wrong_usage_ends_before_spark(
    command: Command, two_months: Path, arguments: tuple[str, ...]
) -> None:
    """Exit 2, and nothing is written."""
    answer = command(*arguments, "--data-base-path=lake")
    assert answer.code == 2
    assert "validate started" not in answer.err
    assert [each.name for each in Path.cwd().iterdir()] == ["lake"]
