"""What some trips look like, and which of them are drawn."""

import random
from datetime import datetime

import pytest
from pyspark.sql import DataFrame, Row, SparkSession
from pyspark.testing import assertDataFrameEqual

from taxi_fare.core.columns import TRIP_COLUMNS
from taxi_fare.evaluation.description import Description, describe
from taxi_fare.evaluation.trip_groups import (
    by_weekday_and_hour,
    summed_by,
)
from taxi_fare.lake.tables.sample import draw_rows

pytestmark = pytest.mark.spark

SCHEMA = (
    "VendorID bigint, tpep_pickup_datetime timestamp,"
    " tpep_dropoff_datetime timestamp, passenger_count bigint,"
    " trip_distance double, RatecodeID bigint, store_and_fwd_flag string,"
    " PULocationID bigint, DOLocationID bigint, payment_type bigint,"
    " fare_amount double, extra double, mta_tax double, tip_amount double,"
    " tolls_amount double, improvement_surcharge double,"
    " total_amount double, congestion_surcharge double, airport_fee double,"
    " month string, pickup_hour int, pickup_dayofweek int"
)
# A Monday, a quarter past eight.
MONDAY = datetime(2023, 6, 5, 8, 15)
GOOD = {
    "VendorID": 1,
    "tpep_pickup_datetime": MONDAY,
    "tpep_dropoff_datetime": datetime(2023, 6, 5, 8, 30),
    "passenger_count": 1,
    "trip_distance": 2.5,
    "RatecodeID": 1,
    "store_and_fwd_flag": "N",
    "PULocationID": 132,
    "DOLocationID": 230,
    "payment_type": 1,
    "fare_amount": 12.0,
    "extra": 0.0,
    "mta_tax": 0.5,
    "tip_amount": 0.0,
    "tolls_amount": 0.0,
    "improvement_surcharge": 1.0,
    "total_amount": 20.0,
    "congestion_surcharge": 2.5,
    "airport_fee": 0.0,
    "month": "2023-06",
    "pickup_hour": 8,
    "pickup_dayofweek": 0,
}
SUNDAY_NIGHT = {
    "tpep_pickup_datetime": datetime(2023, 6, 11, 23, 59, 58),
    "pickup_hour": 23,
    "pickup_dayofweek": 6,
}


def _trips(spark: SparkSession, changes: list[dict[str, object]]) -> DataFrame:
    rows = [Row(**(GOOD | change)) for change in changes]
    return spark.createDataFrame(rows, SCHEMA)


@pytest.fixture(scope="module")
def description(spark: SparkSession) -> Description:
    """Four trips that cost 10, 20, 30 and 100 dollars."""
    return describe(
        _trips(
            spark,
            [
                {"total_amount": 10.0, "passenger_count": None},
                {"total_amount": 20.0, "tip_amount": float("nan")},
                {"total_amount": 30.0, "tip_amount": None},
                {"total_amount": 100.0, "payment_type": None} | SUNDAY_NIGHT,
            ],
        )
    )


def test_null_and_nan_are_missing(description: Description) -> None:
    """Fractions of the trips, of every declared column."""
    ratios = description.missing_ratio
    assert list(ratios) == [column.name for column in TRIP_COLUMNS]
    assert {name: ratio for name, ratio in ratios.items() if ratio} == {
        "passenger_count": 0.25,
        "payment_type": 0.25,
        "tip_amount": 0.5,
    }


def test_figures_of_the_label(description: Description) -> None:
    """Percentiles lie between two totals, as numpy's do."""
    assert description.rows == 4
    assert description.target == {
        "name": "total_amount",
        "unit": "dollars",
        "count": 4,
        "mean": 40.0,
        "std": 40.824829,
        "min": 10.0,
        "p25": 17.5,
        "median": 25.0,
        "p75": 47.5,
        "p95": 89.5,
        "p99": 97.9,
        "max": 100.0,
    }


def test_pickups_are_wall_clock_times(description: Description) -> None:
    """First and last, as the trips have them."""
    assert description.first_pickup == "2023-06-05T08:15:00"
    assert description.last_pickup == "2023-06-11T23:59:58"


def test_groups_are_summed_up(description: Description) -> None:
    """Every hour and weekday is there, a missing payment type is last."""
    hours = summed_by(description.groups, "hour")
    assert [each["hour"] for each in hours] == list(range(24))
    assert hours[8] == {"hour": 8, "count": 3, "mean_total_dollars": 20.0}
    assert hours[9] == {"hour": 9, "count": 0, "mean_total_dollars": None}
    days = summed_by(description.groups, "weekday")
    assert [each["count"] for each in days] == [3, 0, 0, 0, 0, 0, 1]
    payments = summed_by(description.groups, "payment_type")
    assert [each["payment_type"] for each in payments] == [1, None]
    assert payments[1]["mean_total_dollars"] == 100.0
    counts = by_weekday_and_hour(description.groups)
    assert (counts[0][8], counts[6][23]) == (3, 1)
    assert sum(map(sum, counts)) == 4


def test_no_trip_has_no_figures(spark: SparkSession) -> None:
    """Nothing is divided by zero, and nothing is NaN."""
    description = describe(_trips(spark, [{}]).where("total_amount < 0"))
    assert description.rows == 0
    assert set(description.missing_ratio.values()) == {0.0}
    assert description.first_pickup is None
    assert description.target["p95"] is None
    assert description.groups == ()


def test_trips_are_described_in_one_job(spark: SparkSession) -> None:
    """Figures and groups cost one Spark job together."""
    trips = _trips(spark, [{}, SUNDAY_NIGHT])
    context = spark.sparkContext
    context.setJobGroup("described", "")
    describe(trips)
    context.setLocalProperty("spark.jobGroup.id", None)
    assert len(context.statusTracker().getJobIdsForGroup("described")) == 1


# Rows that share a hash, as a null is passed over, and rows that are equal.
NUMBERS: list[tuple[int | None, int | None]] = [
    *((number, number % 7) for number in range(200)),
    (None, 5),
    (5, None),
    (3, 3),
]


def _numbers(spark: SparkSession, partitions: int, shuffle: int) -> DataFrame:
    rows = random.Random(shuffle).sample(NUMBERS, k=len(NUMBERS))
    table = spark.createDataFrame(rows, "first bigint, second bigint")
    return table.repartition(partitions)


@pytest.mark.parametrize("rows", [1, 50, 202, len(NUMBERS)])
def test_a_draw_does_not_depend_on_the_layout(
    spark: SparkSession, rows: int
) -> None:
    """The same rows in the same order, and just as many as asked for."""
    first, second = (
        draw_rows(_numbers(spark, partitions, shuffle), rows=rows, seed=42)
        for partitions, shuffle in ((1, 1), (5, 2))
    )
    assertDataFrameEqual(first, second, checkRowOrder=True)
    assert first.count() == rows


def test_a_draw_depends_on_the_seed_and_a_larger_one_holds_it(
    spark: SparkSession,
) -> None:
    """Another seed draws others; more rows are more of the same order."""
    table = _numbers(spark, 2, 0)
    few = draw_rows(table, rows=20, seed=42).collect()
    assert draw_rows(table, rows=20, seed=43).collect() != few
    assert draw_rows(table, rows=40, seed=42).collect()[:20] == few
    everything = draw_rows(table, rows=10_000, seed=42)
    assertDataFrameEqual(everything, table)
