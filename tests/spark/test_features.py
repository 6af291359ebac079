"""The 12 features and their encoding."""

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.testing import assertDataFrameEqual

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES, LABEL
from taxi_fare.features.derive import derive_features
from taxi_fare.features.encode import (
    VECTOR,
    fit_encoder,
    slot_features,
)
from taxi_fare.features.levels import (
    LevelSums,
    added_up,
    choose_levels,
    collected_sums,
    level_sums,
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


def _trips(
    spark: SparkSession, *zones: str, prices: Sequence[float] = ()
) -> DataFrame:
    rows = [
        (1.0, 1.0, 5.0, 8.0, 0.0, 6.0, "1", "1", "1", "N", zone, "230", price)
        for zone, price in zip_longest(zones, prices, fillvalue=10.0)
    ]
    return spark.createDataFrame(rows, f"{FEATURE_TYPES}, {LABEL} double")


def _sums(trips: DataFrame) -> LevelSums:
    """As Spark finds them; what needs no Spark must find the same."""
    found = level_sums(trips)
    table = trips.toArrow()
    paid = table[LABEL].to_numpy()
    halves = [
        collected_sums(table.slice(start, size), paid[start : start + size])
        for start, size in ((0, 2), (2, len(paid)))
        if start < len(paid)
    ]
    alone = added_up(halves)
    assert {name: set(levels) for name, levels in alone.items()} == {
        name: set(levels) for name, levels in found.items()
    }
    for feature, levels in found.items():
        for level, sums in levels.items():
            assert alone[feature][level] == pytest.approx(sums, rel=1e-12)
    return found


def _encoder(
    trips: DataFrame, *, min_share: float, min_variance: float = 0.0
) -> PipelineModel:
    levels = choose_levels(
        level_sums(trips), min_share=min_share, min_variance=min_variance
    )
    return fit_encoder(trips.sparkSession, levels=levels.told_apart)


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


def test_rare_levels_are_not_told_apart(spark: SparkSession) -> None:
    """A quarter of the trips is enough, less is not."""
    trips = _trips(spark, "4", "4", "4", "7", "7", "9", "132", "1")
    levels = choose_levels(_sums(trips), min_share=0.25)
    assert levels.told_apart["PULocationID"] == ["4", "7"]
    assert levels.told_apart["DOLocationID"] == ["230"]
    assert levels.usual == levels.told_apart


def test_levels_are_told_apart_by_what_their_trips_cost(
    spark: SparkSession,
) -> None:
    """A frequent one that costs what others cost teaches little."""
    # Mean 20, and squares around it sum up to 450: zones 4 and 8 account for
    # 10² each, zone 7 for 2 * 10², and zone 9 for nothing.
    prices = [30.0, 10.0, 10.0, 20.0, 25.0, 15.0, 30.0]
    zones = ["4", "7", "7", "9", "9", "9", "8"]
    trips = _trips(spark, *zones, prices=prices)
    assert trips.agg(F.avg(LABEL)).first() == (20.0,)
    for share, expected in (
        (0.0, ["4", "7", "8", "9"]),
        (1 / 450, ["4", "7", "8"]),
        (100 / 450 - 1e-9, ["4", "7", "8"]),
        (101 / 450, ["7"]),
        (1.0, ["9"]),  # the most frequent, as none accounts for all
    ):
        levels = choose_levels(_sums(trips), min_share=0.0, min_variance=share)
        assert levels.told_apart["PULocationID"] == expected
        assert levels.usual["PULocationID"] == ["4", "7", "8", "9"]


def test_one_price_for_all_trips_tells_nothing_apart(
    spark: SparkSession,
) -> None:
    """No variance is no error; a feature keeps its most frequent level."""
    trips = _trips(spark, "1", "2", "2", prices=[9.9, 9.9, 9.9])
    levels = choose_levels(_sums(trips), min_share=0.5, min_variance=0.01)
    assert levels.told_apart["PULocationID"] == ["2"]


def test_the_most_frequent_level_is_always_kept(spark: SparkSession) -> None:
    """Even where no level reaches the share."""
    trips = _trips(spark, "1", "2", "2", "3")
    levels = choose_levels(_sums(trips), min_share=0.9)
    assert levels.told_apart["PULocationID"] == ["2"]
    assert levels.usual["PULocationID"] == ["2"]


def test_rare_and_unseen_levels_look_the_same(spark: SparkSession) -> None:
    """Both go to the bucket that has no slot of its own."""
    encoder = _encoder(
        _trips(spark, *["4"] * 5, *["7"] * 4, "9"), min_share=0.3
    )
    rows = encoder.transform(_trips(spark, "4", "9", "264")).collect()
    known, rare, unseen = (row[VECTOR].toArray().tolist() for row in rows)
    assert rare == unseen != known


def test_slots_name_their_features(spark: SparkSession) -> None:
    """As many names as the vector is long, in its order."""
    trips = _trips(spark, "4", "7")
    encoder = _encoder(trips, min_share=0.1)
    slots = slot_features(encoder)
    vector = encoder.transform(trips).first()[VECTOR]
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


def test_levels_are_chosen_in_one_job(spark: SparkSession) -> None:
    """Six features cost one pass over the trips."""
    context = spark.sparkContext
    trips = _trips(spark, "4", "7")
    context.setJobGroup("levels", "")
    levels = choose_levels(level_sums(trips), min_share=0.1, min_variance=0.1)
    context.setLocalProperty("spark.jobGroup.id", None)
    assert set(levels.told_apart) == set(CATEGORICAL_FEATURES)
    assert len(context.statusTracker().getJobIdsForGroup("levels")) == 1
