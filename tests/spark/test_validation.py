"""The rules on trips, counted in one pass."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.arrow import TRIP_SCHEMA
from taxi_fare.core.columns import PICKUP_MONTH, TRIP_COLUMNS
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.run.trips import ValidTrips, read_valid_trips
from taxi_fare.validation.checks import valid_trips, validate
from taxi_fare.validation.rules import check_columns, trip_rules
from taxi_fare.workflows.gates.data import check_legacy_months
from taxi_fare.workflows.gates.report import GateReport

pytestmark = pytest.mark.spark

RULES = trip_rules(ValidationSettings())
FEBRUARY, MARCH, APRIL = map(Month, ("2023-02", "2023-03", "2023-04"))
NOON = datetime(2023, 6, 1, 12)
SCHEMA = (
    "tpep_pickup_datetime timestamp, tpep_dropoff_datetime timestamp,"
    " passenger_count bigint, trip_distance double, PULocationID bigint,"
    " DOLocationID bigint, store_and_fwd_flag string, total_amount double,"
    " month string"
)
GOOD = {
    "tpep_pickup_datetime": NOON,
    "tpep_dropoff_datetime": NOON + timedelta(minutes=10),
    "passenger_count": 1,
    "trip_distance": 2.5,
    "PULocationID": 132,
    "DOLocationID": 230,
    "store_and_fwd_flag": "N",
    "total_amount": 20.0,
    "month": "2023-06",
}
# Far beyond what the difference of two 64-bit integers can hold.
YEAR_290000 = 9_200_000_000_000_000_000
ALLOWED = [
    {},
    {"passenger_count": None},
    {"passenger_count": 0},
    {"trip_distance": 0.0},
    {"total_amount": 0.0},
    {"total_amount": 1000.0},
    {"store_and_fwd_flag": None},
    {"store_and_fwd_flag": " "},
    {"tpep_dropoff_datetime": NOON + timedelta(seconds=1)},
    {"tpep_dropoff_datetime": NOON + timedelta(hours=24, seconds=-1)},
]
BROKEN = [
    ("time_missing", {"tpep_pickup_datetime": None}),
    ("time_missing", {"tpep_dropoff_datetime": None}),
    (
        "pickup_outside_month",
        {"tpep_pickup_datetime": NOON.replace(day=31, month=5, hour=23)},
    ),
    (
        "pickup_outside_month",
        {
            "tpep_pickup_datetime": NOON.replace(month=7, hour=0),
            "tpep_dropoff_datetime": NOON.replace(month=7),
        },
    ),
    ("pickup_after_dropoff", {"tpep_dropoff_datetime": NOON.replace(hour=11)}),
    ("duration_out_of_range", {"tpep_dropoff_datetime": NOON}),
    (
        "duration_out_of_range",
        {"tpep_dropoff_datetime": NOON + timedelta(hours=24)},
    ),
    ("location_missing", {"PULocationID": None}),
    ("location_missing", {"DOLocationID": None}),
    ("distance_missing_or_negative", {"trip_distance": None}),
    ("distance_missing_or_negative", {"trip_distance": float("nan")}),
    ("distance_missing_or_negative", {"trip_distance": float("inf")}),
    ("distance_missing_or_negative", {"trip_distance": -0.1}),
    ("passenger_count_negative", {"passenger_count": -1}),
    ("flag_unknown", {"store_and_fwd_flag": "@SUM(A1)"}),
    ("total_missing_or_negative", {"total_amount": None}),
    ("total_missing_or_negative", {"total_amount": float("nan")}),
    ("total_missing_or_negative", {"total_amount": -4.3}),
    ("total_above_limit", {"total_amount": 1000.01}),
]


def _trips(spark: SparkSession, changes: list[dict[str, object]]) -> DataFrame:
    rows = [Row(**(GOOD | change)) for change in changes]
    return spark.createDataFrame(rows, SCHEMA)


def _in_year(year: int, trip: dict[str, object]) -> dict[str, object]:
    """Move a trip and its month to another year."""
    moved = {
        name: value.replace(year=year)
        if isinstance(value, datetime)
        else value
        for name, value in trip.items()
    }
    return moved | {"month": f"{year}-06"}


def test_each_rule_counts_just_its_own_trips(spark: SparkSession) -> None:
    """Every broken trip is counted under its rule and under no other; one
    that is counted alone is kept."""
    trips = _trips(
        spark,
        [
            _in_year(2000 + number, GOOD | change)
            for number, (_, change) in enumerate(BROKEN)
        ],
    )
    found = validate(trips, rules=RULES)
    broken = {
        month: [name for name, count in each.violations.items() if count]
        for month, each in found.items()
    }
    assert broken == {
        f"{2000 + number}-06": [name]
        for number, (name, _) in enumerate(BROKEN)
    }
    assert [each.valid_rows for each in found.values()] == [
        int(name == "flag_unknown") for name, _ in BROKEN
    ]


def test_limits_themselves_are_allowed(spark: SparkSession) -> None:
    """Nulls are values, zero is no negative number, 1,000 dollars are."""
    trips = _trips(spark, ALLOWED)
    found = validate(trips, rules=RULES)["2023-06"]
    assert found.rows == found.valid_rows == len(ALLOWED)
    assert set(found.violations.values()) == {0}
    assert valid_trips(trips, rules=RULES).count() == len(ALLOWED)


def test_a_trip_may_break_several_rules(spark: SparkSession) -> None:
    """It is counted under each, and rejected once."""
    trips = _trips(spark, [{}, {"total_amount": -1.0, "trip_distance": -1.0}])
    found = validate(trips, rules=RULES)["2023-06"]
    assert (found.rows, found.valid_rows, found.rejected_rows) == (2, 1, 1)
    assert found.violations["total_missing_or_negative"] == 1
    assert found.violations["distance_missing_or_negative"] == 1


def test_months_are_counted_apart_in_one_job(spark: SparkSession) -> None:
    """A window of many months costs one Spark job."""
    trips = _trips(spark, [{}, {"month": "2023-05"}, {"month": "2023-05"}])
    context = spark.sparkContext
    context.setJobGroup("one-job", "")
    found = validate(trips, rules=RULES)
    context.setLocalProperty("spark.jobGroup.id", None)
    assert {month: each.rows for month, each in found.items()} == {
        "2023-05": 2,
        "2023-06": 1,
    }
    jobs = context.statusTracker().getJobIdsForGroup("one-job")
    assert len(jobs) == 1


def _lay(
    lake: Path, month: Month, *, of: dict[Month, int], flag: str = "N"
) -> None:
    """Lay a month of the lake with trips of some months."""
    file = lake / month.path / "trips.parquet"
    file.parent.mkdir(parents=True)
    codes = {"VendorID": 1, "RatecodeID": 1, "payment_type": 1}
    trips = [
        GOOD
        | codes
        | {
            "tpep_pickup_datetime": each.start + timedelta(hours=number),
            "tpep_dropoff_datetime": each.start + timedelta(hours=number + 1),
            "store_and_fwd_flag": flag,
        }
        for each, count in of.items()
        for number in range(count)
    ]
    pq.write_table(pa.Table.from_pylist(trips, schema=TRIP_SCHEMA), file)


def _read(spark: SparkSession, lake: Path, month: Month) -> ValidTrips:
    """Read it whoever counts: both must find the same, or refuse alike."""
    read = partial(
        read_valid_trips,
        spark,
        months=[read_catalog(lake).months[month]],
        log=PipelineLogger(__name__),
    )
    trips, alone = (
        _tried(partial(read, settings=Settings(prediction={"engine": each})))
        for each in ("spark", "auto")
    )
    if isinstance(trips, DataRefusedError):
        assert str(trips) == str(alone)
        raise trips
    assert isinstance(alone, ValidTrips)
    assert trips.months == alone.months
    return trips


def _tried(
    read: Callable[[], ValidTrips],
) -> ValidTrips | DataRefusedError:
    try:
        return read()
    except DataRefusedError as error:
        return error


def _gate(lake: Path) -> GateReport:
    """What the gate says of a month."""
    return check_legacy_months(lake, months=[FEBRUARY], settings=Settings())


def test_trips_of_the_test_month_in_a_train_month_are_no_leak(
    spark: SparkSession, tmp_path: Path
) -> None:
    """They are counted and left out."""
    _lay(tmp_path, FEBRUARY, of={FEBRUARY: 95, APRIL: 5})
    read = _read(spark, tmp_path, FEBRUARY)
    counts = read.months["2023-02"]
    assert (counts.valid_rows, counts.rejected_rows) == (95, 5)
    assert counts.violations["pickup_outside_month"] == 5
    months = read.features.select(PICKUP_MONTH).distinct().collect()
    assert [row[PICKUP_MONTH] for row in months] == [2.0]


def test_a_month_of_other_months_is_refused_by_their_names(
    spark: SparkSession, tmp_path: Path
) -> None:
    """By the gate as by the run; the most frequent month is the first."""
    _lay(tmp_path, FEBRUARY, of={FEBRUARY: 20, APRIL: 75, MARCH: 5})
    told = re.escape("2023-04 (75), 2023-02 (20), 2023-03 (5)")
    with pytest.raises(DataRefusedError) as error:
        _read(spark, tmp_path, FEBRUARY)
    assert re.search(f"2023-02: .*: {told}", str(error.value))
    assert error.value.month == "2023-02"
    gate = _gate(tmp_path)
    assert not gate.passed
    assert re.search(f"2023-02: .*: {told}", str(gate.error()))


def test_no_gate_refuses_trips_that_are_kept(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Flags of another program are counted alone, be it all of them."""
    _lay(tmp_path, FEBRUARY, of={FEBRUARY: 20}, flag="no")
    assert _gate(tmp_path).passed


def test_missing_columns_are_named() -> None:
    """Case does not matter, absence does."""
    names = [each.name.lower() for each in TRIP_COLUMNS]
    check_columns("2023-06", columns=names)
    names.remove("pulocationid")
    with pytest.raises(DataRefusedError, match=r"2023-06 lacks.*PULocationID"):
        check_columns("2023-06", columns=names)


def test_times_beyond_every_calendar_are_out_of_range(
    spark: SparkSession,
) -> None:
    """Other programs' months hold them: they are counted, not fatal."""
    row = dict(GOOD)
    for name in ("tpep_pickup_datetime", "tpep_dropoff_datetime"):
        row.pop(name)
    frame = spark.createDataFrame([Row(**row)]).select(
        "*",
        F.timestamp_micros(F.lit(-YEAR_290000)).alias("tpep_pickup_datetime"),
        F.timestamp_micros(F.lit(YEAR_290000)).alias("tpep_dropoff_datetime"),
    )
    found = validate(frame, rules=RULES)["2023-06"]
    assert found.valid_rows == 0
    assert found.violations["duration_out_of_range"] == 1
