"""RMSE, MAE, R² and bias of several models in one action."""

import math

import pytest
from pyspark.ml.evaluation import RegressionEvaluator
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.errors import DataRefusedError, ModelRefusedError
from taxi_fare.evaluation.spark_metrics import score

pytestmark = pytest.mark.spark

SCHEMA = "total_amount double, prediction double, current_prediction double"
ROWS = [
    (10.0, 12.0, 10.0),
    (20.0, 19.0, 20.0),
    (30.0, 33.0, 30.0),
    (60.0, 50.0, 60.0),
]
BOTH = ("prediction", "current_prediction")


def _frame(spark: SparkSession, *rows: tuple[object, ...]) -> DataFrame:
    return spark.createDataFrame(list(rows), SCHEMA)


def test_figures_worked_out_by_hand(spark: SparkSession) -> None:
    """Errors -2, 1, -3, 10; the second model is perfect."""
    both = score(_frame(spark, *ROWS), predictions=BOTH)
    first, perfect = both["prediction"], both["current_prediction"]
    assert first.rows == 4
    assert first.rmse == pytest.approx(math.sqrt((4 + 1 + 9 + 100) / 4))
    assert first.mae == pytest.approx(4.0)
    assert first.bias == pytest.approx(1.5)
    # The mean is 30; deviations are -20, -10, 0 and 30.
    assert first.r2 == pytest.approx(1 - 114 / 1400)
    assert (perfect.rmse, perfect.mae, perfect.r2) == (0.0, 0.0, 1.0)


def test_the_figures_are_those_of_mllib(spark: SparkSession) -> None:
    """The same trips through MLlib's own evaluator."""
    frame = _frame(spark, *ROWS)
    ours = score(frame, predictions=["prediction"])["prediction"]
    for name, value in ours.comparable().items():
        evaluator = RegressionEvaluator(labelCol="total_amount")
        theirs = evaluator.setMetricName(name).evaluate(frame)
        assert value == pytest.approx(theirs, rel=1e-12)


def test_one_job_for_any_number_of_models(spark: SparkSession) -> None:
    """One pass over the trips."""
    frame = _frame(spark, *ROWS).coalesce(1)
    context = spark.sparkContext
    context.setJobGroup("score", "test")
    score(frame, predictions=BOTH)
    jobs = context.statusTracker().getJobIdsForGroup("score")
    context.setJobGroup("other", "test")
    assert len(jobs) == 1


@pytest.mark.parametrize("totals", [[10.1] * 3, [10.0], [10.0, 10.001, 10.0]])
@pytest.mark.parametrize("error", [0.0, 1.0])
def test_trips_that_cost_the_same_measure_no_model(
    spark: SparkSession, totals: list[float], error: float
) -> None:
    """There is no variance to explain: a perfect model is not told."""
    rows = [(total, total + error, 0.0) for total in totals]
    with pytest.raises(DataRefusedError, match="test trips do not differ"):
        score(_frame(spark, *rows), predictions=["prediction"])


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_prediction_that_is_no_number_refuses_the_model(
    spark: SparkSession, value: float | None
) -> None:
    """It is counted, and the model named."""
    frame = _frame(spark, *ROWS, (10.0, 10.0, value))
    with pytest.raises(ModelRefusedError, match="1 of 5 values of current"):
        score(frame, predictions=BOTH)


def test_no_trip_is_refused(spark: SparkSession) -> None:
    """There is nothing to say about a model."""
    with pytest.raises(DataRefusedError, match="no trip"):
        score(_frame(spark), predictions=["prediction"])
