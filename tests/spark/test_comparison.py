"""Baselines, and how many predictions are close."""

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.evaluation.baselines import fit_trivially, predict_trivially
from taxi_fare.evaluation.closeness import measure_closeness
from taxi_fare.evaluation.local_baselines import MEAN, PAIR_MEDIAN

pytestmark = pytest.mark.spark

PRICED = "PULocationID string, DOLocationID string, total_amount double"


@pytest.fixture
def train(spark: SparkSession) -> DataFrame:
    """Three trips from 132 to 230, one the other way, one from unknown."""
    rows = [
        ("132", "230", 70.0),
        ("132", "230", 72.0),
        ("132", "230", 200.0),
        ("230", "132", 60.0),
        ("unknown", "230", 10.0),
    ]
    return spark.createDataFrame(rows, PRICED)


def test_a_pair_costs_its_median_and_an_unseen_one_the_overall(
    spark: SparkSession, train: DataFrame
) -> None:
    """The direction counts; one absurd total moves no median."""
    rows = [("132", "230", 0.0), ("230", "132", 0.0), ("9", "9", 0.0)]
    test = spark.createDataFrame(rows, PRICED)
    predicted = predict_trivially(test, fit_trivially(train))
    found = {
        (row["PULocationID"], row["DOLocationID"]): row[PAIR_MEDIAN]
        for row in predicted.collect()
    }
    assert found == {
        ("132", "230"): 72.0,
        ("230", "132"): 60.0,
        ("9", "9"): 70.0,
    }


def test_the_mean_is_that_of_the_train_trips(train: DataFrame) -> None:
    """For every trip: (70 + 72 + 200 + 60 + 10) / 5."""
    mean = predict_trivially(train, fit_trivially(train)).withColumn(
        "prediction", F.col(MEAN)
    )
    rows = mean.collect()
    assert {row["prediction"] for row in rows} == {82.4}
    assert measure_closeness(mean).metrics.r2 == pytest.approx(0.0)


def test_trips_on_the_limit_are_close(spark: SparkSession) -> None:
    """Too high and too low count alike; exactly 2 dollars is within 2."""
    errors = [0.0, 2.0, -2.0, 2.25, -5.0, 5.25, -80.0, 1.0]
    scored = spark.createDataFrame(
        [(100.0 + error, 100.0) for error in errors],
        "total_amount double, prediction double",
    )
    found = measure_closeness(scored)
    assert found.within == {
        "within_2_dollars": 4 / 8,
        "within_5_dollars": 6 / 8,
    }
    assert found.metrics.rows == 8
    assert found.metrics.bias == pytest.approx(sum(errors) / 8)


def test_no_trip_is_refused(train: DataFrame) -> None:
    """A share of nothing would be nothing."""
    with pytest.raises(DataRefusedError, match="no trip"):
        measure_closeness(train.limit(0).withColumn("prediction", F.lit(82.4)))
