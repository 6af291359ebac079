"""Where a model is wrong: figures, buckets and the worst trips."""

import json
import statistics
from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import CATEGORICAL_FEATURES, NUMERIC_FEATURES
from taxi_fare.core.metrics import PERCENTILES
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.error_analysis import ErrorAnalysis, analyse_errors
from taxi_fare.evaluation.error_figures import collected_figures
from taxi_fare.evaluation.scored_trips import ScoredTrips

pytestmark = pytest.mark.spark

SETTINGS = ErrorAnalysisSettings()
FEATURES = {
    **dict.fromkeys(NUMERIC_FEATURES, 1.0),
    **dict.fromkeys(CATEGORICAL_FEATURES, "1"),
    "trip_distance": 3.0,
    "trip_duration_min": 15.0,
    "pickup_hour": 12.0,
}
SCHEMA = ", ".join(
    [f"{name} double" for name in NUMERIC_FEATURES]
    + [f"{name} string" for name in CATEGORICAL_FEATURES]
    + ["total_amount double", "prediction double"]
)


def _frame(spark: SparkSession, trips: list[dict[str, Any]]) -> DataFrame:
    rows = [tuple((FEATURES | trip).values()) for trip in trips]
    return spark.createDataFrame(rows, SCHEMA)


def _scored(
    trips: list[dict[str, Any]], settings: ErrorAnalysisSettings
) -> ScoredTrips:
    """The same trips without Spark, in three batches."""
    rows = [FEATURES | trip for trip in trips]
    size = len(rows) // 3 + 1
    batches = []
    for start in range(0, len(rows), size):
        batch = rows[start : start + size]
        paid, predicted = (
            np.array([row[name] for row in batch])
            for name in ("total_amount", "prediction")
        )
        scored = ScoredTrips.of_batch(
            pa.Table.from_pylist(batch).select(list(FEATURES)),
            paid=paid,
            predictions={"prediction": predicted},
            sums={},
            worst=settings.worst_trips,
        )
        batches.append(scored)
    return ScoredTrips.together(batches)


def _assert_alike(ours: Any, theirs: Any, place: str = "") -> None:
    """Down to the last figure, but for the order of a sum."""
    if isinstance(ours, dict):
        assert list(ours) == list(theirs), place
        for name, value in ours.items():
            _assert_alike(value, theirs[name], f"{place}/{name}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), place
        for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            _assert_alike(one, other, f"{place}/{number}")
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12), place
    else:
        assert ours == theirs, place


def _analysed(
    spark: SparkSession,
    trips: list[dict[str, Any]],
    settings: ErrorAnalysisSettings = SETTINGS,
) -> ErrorAnalysis:
    """As Spark does it; what needs no Spark must say the same."""
    analysis = analyse_errors(_frame(spark, trips), settings=settings)
    alone = _scored(trips, settings).analyse_errors(settings)
    _assert_alike(asdict(alone), asdict(analysis))
    return analysis


def _analyse(
    spark: SparkSession,
    pairs: list[tuple[float, float]],
    settings: ErrorAnalysisSettings = SETTINGS,
) -> ErrorAnalysis:
    trips = [
        {"total_amount": total, "prediction": prediction}
        for total, prediction in pairs
    ]
    return _analysed(spark, trips, settings)


def test_every_figure_of_the_description(spark: SparkSession) -> None:
    """Errors 1 to 100, of which the even ones are negative."""
    errors = [number * (-1) ** (number + 1) for number in range(1, 101)]
    pairs = [(200.0 + error, 200.0) for error in errors]
    summary = _analyse(spark, pairs).summary_document()
    assert summary["count"] == 100
    assert summary["mean_error"] == pytest.approx(statistics.mean(errors))
    assert summary["std_error"] == pytest.approx(statistics.stdev(errors))
    assert (summary["min_error"], summary["max_error"]) == (-100, 99)
    ranked = sorted(errors)
    for name, share in (
        ("p25_error", 25),
        ("median_error", 50),
        ("p75_error", 75),
        ("p95_error", 95),
        ("p99_error", 99),
    ):
        assert summary[name] == ranked[share - 1]
    assert summary["median_abs_error"] == 50
    assert summary["p99_abs_error"] == 99
    assert summary["mae"] == pytest.approx(50.5)
    json.dumps(summary, allow_nan=False)


def test_positive_errors_are_underestimates(spark: SparkSession) -> None:
    """Paid more than predicted; an exact prediction is on neither side."""
    pairs = [(20.0, 10.0), (20.0, 15.0), (20.0, 25.0), (20.0, 20.0)]
    summary = _analyse(spark, pairs).summary_document()
    assert summary["pct_underestimate"] == 50.0
    assert summary["pct_overestimate"] == 25.0
    assert summary["mean_error"] == pytest.approx(2.5)


def test_limits_of_the_buckets(spark: SparkSession) -> None:
    """A bucket includes its upper limit, as very_high is over 60."""
    totals = [0.0, 10.0, 10.01, 30.0, 30.01, 60.0, 60.01, 900.0]
    pairs = [(total, total + 1) for total in totals]
    buckets = _analyse(spark, pairs).buckets_document()["buckets"]
    assert list(buckets) == ["low", "medium", "high", "very_high"]
    assert [bucket["count"] for bucket in buckets.values()] == [2, 2, 2, 2]
    assert buckets["very_high"]["above_dollars"] == 60.0
    assert buckets["very_high"]["up_to_dollars"] is None
    assert buckets["medium"]["mean_total_amount"] == pytest.approx(20.005)
    assert sum(
        bucket["pct_of_absolute_error"] for bucket in buckets.values()
    ) == pytest.approx(100)


def test_a_bucket_without_trips(spark: SparkSession) -> None:
    """It is there, and says so."""
    analysis = _analyse(spark, [(5.0, 6.0), (70.0, 72.0)])
    buckets = analysis.buckets_document()["buckets"]
    assert buckets["medium"]["count"] == 0
    assert buckets["low"]["pct_of_trips"] == 50.0
    assert "No trip in the bucket(s) medium, high." in analysis.insights
    json.dumps(buckets, allow_nan=False)


def test_one_trip_that_is_predicted_exactly(spark: SparkSession) -> None:
    """No spread and no error: no division by zero."""
    analysis = _analyse(spark, [(5.0, 5.0)])
    low = analysis.buckets["low"]
    assert low["pct_of_absolute_error"] == 0.0
    assert analysis.overall["std_error"] is None


def test_the_ten_worst_trips_with_their_causes(spark: SparkSession) -> None:
    """By absolute error, the greatest first, each with its features."""
    trips: list[dict[str, Any]] = [
        {"total_amount": 20.0, "prediction": 20.0 + error * (-1) ** error}
        for error in range(1, 30)
    ]
    trips[-1] |= {"RatecodeID": "5", "pickup_hour": 23.0}
    trips[-2] |= {"payment_type": "2"}
    worst = _analysed(spark, trips).worst
    assert [each["error"] for each in worst] == [
        error * -((-1) ** error) for error in range(29, 19, -1)
    ]
    assert worst[0]["probable_causes"] == [
        "night_surge_pricing",
        "negotiated_fare",
    ]
    assert worst[1]["probable_causes"] == ["cash_payment_tip_not_recorded"]
    assert worst[2]["probable_causes"] == ["unexplained"]
    assert worst[0]["features"]["pickup_hour"] == 23.0
    assert len(worst[0]["features"]) == 12


def test_one_job_for_everything(spark: SparkSession) -> None:
    """Figures, buckets and worst trips in a single action."""
    frame = _frame(spark, [{"total_amount": 5.0, "prediction": 4.0}] * 20)
    frame = frame.coalesce(1)
    context = spark.sparkContext
    context.setJobGroup("errors", "test")
    analyse_errors(frame, settings=SETTINGS)
    jobs = context.statusTracker().getJobIdsForGroup("errors")
    context.setJobGroup("other", "test")
    assert len(jobs) == 1


def test_ties_are_told_in_one_order(spark: SparkSession) -> None:
    """Twelve trips of one error, of which ten are told, in any batch."""
    trips = [
        {
            "total_amount": 20.0,
            "prediction": 10.0 if number % 2 else 30.0,
            "PULocationID": str(number),
            "pickup_hour": float(number % 3),
        }
        for number in range(12)
    ]
    worst = _analysed(spark, trips).worst
    assert len({each["features"]["PULocationID"] for each in worst}) == 10


def test_ranks_of_many_trips(spark: SparkSession) -> None:
    """Spark's may be off by 0.01 % of the trips, and ours are not."""
    rng = np.random.default_rng(1)
    paid = rng.gamma(2.0, 10.0, 60_000).round(2)
    predicted = (paid + rng.normal(0, 3, len(paid))).round(3)
    frame = spark.createDataFrame(
        pa.table({"total_amount": paid, "prediction": predicted})
    )
    for name, value in FEATURES.items():
        frame = frame.withColumn(name, F.lit(value))
    theirs = analyse_errors(frame, settings=SETTINGS).overall
    ordered = np.sort(paid - predicted)
    for name, share in PERCENTILES.items():
        rank = np.searchsorted(ordered, theirs[f"{name}_error"])
        assert abs(rank / len(ordered) - share) < 2e-4
    ours = ordered[int(np.ceil(0.95 * len(ordered))) - 1]
    alone = collected_figures(paid - predicted, paid)
    assert alone["error_at"][list(PERCENTILES).index("p95")] == ours
