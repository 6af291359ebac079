"""The 12 features and their encoding."""

from datetime import datetime

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.testing import assertDataFrameEqual

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES
from taxi_fare.features.derive import derive_features
from taxi_fare.features.encode import (
    VECTOR,
    fit_encoder,
    frequent_levels,
    known_levels,
    slot_features,
)

pytestmark = pytest.mark.spark

TRIPS = (
    "VendorID bigint, tpep_pickup_datetime timestamp,"
    " tpep_dropoff_datetime timestamp, passenger_count bigint,"
    " trip_distance double, RatecodeID bigint, store_and_fwd_flag string,"
    " PULocationID bigint, DOLocationID bigint, payment_type bigint,"
    " fare_amount double, tip_amount double, total_amount double,"
    " month string"
)
FEATURE_TYPES = (
    "trip_distance double, passenger_count double, trip_duration_min double,"
    " pickup_hour double, pickup_dayofweek double, pickup_month double,"
    " VendorID string, RatecodeID string, payment_type string,"
    " store_and_fwd_flag string, PULocationID string, DOLocationID string"
)


def _levels(spark: SparkSession, *zones: str) -> DataFrame:
    rows = [
        (1.0, 1.0, 5.0, 8.0, 0.0, 6.0, "1", "1", "1", "N", zone, "230")
        for zone in zones
    ]
    return spark.createDataFrame(rows, FEATURE_TYPES)


def _all(share: float) -> dict[str, float]:
    return dict.fromkeys(CATEGORICAL_FEATURES, share)


def test_features_are_those_of_the_description(spark: SparkSession) -> None:
    """Monday is 0, Sunday is 6; minutes may be fractions; no money; blank
    is unknown."""
    monday = datetime(2023, 6, 5, 23, 59)
    sunday = datetime(2023, 6, 11, 0, 0)
    trips = spark.createDataFrame(
        [
            (1, monday, datetime(2023, 6, 6, 0, 14, 30), 2, 3.5, 1, "N",
             132, 230, 1, 15.0, 3.0, 22.5, "2023-06"),
            (2, sunday, datetime(2023, 6, 11, 0, 1), None, 0.0, None, None,
             1, 265, 0, 70.0, 0.0, 70.0, "2023-06"),
            (2, sunday, datetime(2023, 6, 11, 0, 1), 0, 0.0, 1, "  ",
             1, 265, 0, 70.0, 0.0, 70.0, "2023-06"),
        ],
        TRIPS,
    )  # fmt: skip
    expected = spark.createDataFrame(
        [
            (3.5, 2.0, 15.5, 23.0, 0.0, 6.0, "1", "1", "1", "N",
             "132", "230", 22.5, "2023-06"),
            (0.0, 0.0, 1.0, 0.0, 6.0, 6.0, "2", "unknown", "0", "unknown",
             "1", "265", 70.0, "2023-06"),
            (0.0, 0.0, 1.0, 0.0, 6.0, 6.0, "2", "1", "0", "unknown",
             "1", "265", 70.0, "2023-06"),
        ],
        f"{FEATURE_TYPES}, total_amount double, month string",
    )  # fmt: skip
    assertDataFrameEqual(derive_features(trips), expected)


def test_trips_without_a_total_have_the_same_features(
    spark: SparkSession,
) -> None:
    """Prediction derives what training derived."""
    moment = datetime(2023, 6, 5, 12)
    row = (1, moment, moment, 1, 1.0, 1, "N", 4, 5, 1, 5.0, 0.0, 9.0, "x")
    trips = spark.createDataFrame([row], TRIPS)
    features = derive_features(trips.drop("total_amount", "month"))
    assert tuple(features.columns) == FEATURES


def test_rare_levels_have_no_slot(spark: SparkSession) -> None:
    """A quarter of the trips is enough, less is not."""
    features = _levels(spark, "4", "4", "4", "7", "7", "9", "132", "1")
    levels = frequent_levels(features, min_shares=_all(0.25))
    assert levels["PULocationID"] == ["4", "7"]
    assert levels["DOLocationID"] == ["230"]


def test_zones_may_need_another_share(spark: SparkSession) -> None:
    """Each feature has its own limit."""
    features = _levels(spark, "4", "4", "7").withColumn(
        "RatecodeID", F.when(F.col("PULocationID") == "7", "2").otherwise("1")
    )
    shares = _all(0.3) | {"PULocationID": 0.5}
    levels = frequent_levels(features, min_shares=shares)
    assert levels["PULocationID"] == ["4"]
    assert levels["RatecodeID"] == ["1", "2"]


def test_the_most_frequent_level_is_always_kept(spark: SparkSession) -> None:
    """Even where no level reaches the share."""
    features = _levels(spark, "1", "2", "2", "3")
    levels = frequent_levels(features, min_shares=_all(0.9))
    assert levels["PULocationID"] == ["2"]


def test_rare_and_unseen_levels_look_the_same(spark: SparkSession) -> None:
    """Both go to the bucket that has no slot of its own."""
    train = _levels(spark, *["4"] * 5, *["7"] * 4, "9")
    encoder = fit_encoder(train, min_shares=_all(0.3))
    assert known_levels(encoder)["PULocationID"] == ["4", "7"]
    rows = encoder.transform(_levels(spark, "4", "9", "264")).collect()
    known, rare, unseen = (row[VECTOR].toArray().tolist() for row in rows)
    assert rare == unseen != known


def test_slots_name_their_features(spark: SparkSession) -> None:
    """As many names as the vector is long, in its order."""
    train = _levels(spark, "4", "7")
    encoder = fit_encoder(train, min_shares=_all(0.1))
    slots = slot_features(encoder)
    vector = encoder.transform(train).first()[VECTOR]
    assert len(slots) == len(vector) == 6 + 5 + 2
    assert slots[6:] == [
        "VendorID",
        "RatecodeID",
        "payment_type",
        "store_and_fwd_flag",
        "PULocationID",
        "PULocationID",
        "DOLocationID",
    ]
    assert vector[slots.index("PULocationID")] == 1.0  # zone 4 comes first


def test_levels_are_counted_in_one_job(spark: SparkSession) -> None:
    """Six features cost one pass over the trips."""
    context = spark.sparkContext
    features = _levels(spark, "4", "7")
    context.setJobGroup("levels", "")
    levels = frequent_levels(features, min_shares=_all(0.1))
    context.setLocalProperty("spark.jobGroup.id", None)
    assert set(levels) == set(CATEGORICAL_FEATURES)
    assert len(context.statusTracker().getJobIdsForGroup("levels")) == 1
