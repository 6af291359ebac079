"""The rules on trips, counted in one pass."""

from datetime import datetime, timedelta

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import TRIP_COLUMNS
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.validation.checks import valid_trips, validate
from taxi_fare.validation.rules import check_columns, trip_rules

pytestmark = pytest.mark.spark

RULES = trip_rules(ValidationSettings())
NOON = datetime(2023, 6, 1, 12)
SCHEMA = (
    "tpep_pickup_datetime timestamp, tpep_dropoff_datetime timestamp,"
    " passenger_count bigint, trip_distance double, PULocationID bigint,"
    " DOLocationID bigint, total_amount double, month string"
)
GOOD = {
    "tpep_pickup_datetime": NOON,
    "tpep_dropoff_datetime": NOON + timedelta(minutes=10),
    "passenger_count": 1,
    "trip_distance": 2.5,
    "PULocationID": 132,
    "DOLocationID": 230,
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
    {"tpep_dropoff_datetime": NOON + timedelta(seconds=1)},
    {"tpep_dropoff_datetime": NOON + timedelta(hours=24, seconds=-1)},
]
BROKEN = [
    ("time_missing", {"tpep_pickup_datetime": None}),
    ("time_missing", {"tpep_dropoff_datetime": None}),
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
    ("total_missing_or_negative", {"total_amount": None}),
    ("total_missing_or_negative", {"total_amount": float("nan")}),
    ("total_missing_or_negative", {"total_amount": -4.3}),
    ("total_above_limit", {"total_amount": 1000.01}),
]


def _trips(spark: SparkSession, changes: list[dict[str, object]]) -> DataFrame:
    rows = [Row(**(GOOD | change)) for change in changes]
    return spark.createDataFrame(rows, SCHEMA)


def test_each_rule_counts_just_its_own_trips(spark: SparkSession) -> None:
    """Every broken trip is counted under its rule and under no other."""
    trips = _trips(
        spark,
        [
            change | {"month": f"2023-{number + 1:02d}"}
            for number, (_, change) in enumerate(BROKEN)
        ],
    )
    found = validate(trips, rules=RULES)
    broken = {
        month: [name for name, count in each.violations.items() if count]
        for month, each in found.items()
    }
    assert broken == {
        f"2023-{number + 1:02d}": [name]
        for number, (name, _) in enumerate(BROKEN)
    }
    assert all(each.valid_rows == 0 for each in found.values())


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
