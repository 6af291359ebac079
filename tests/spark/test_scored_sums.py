"""What Spark sums up of a test month is what NumPy sums up."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.core.zones import zones
from taxi_fare.evaluation.baselines import fit_trivially, predict_trivially
from taxi_fare.evaluation.conformal import (
    count_errors,
    count_errors_by_spark,
)
from taxi_fare.evaluation.local_baselines import (
    MEAN,
    PAIR_MEDIAN,
    fit_trivial,
    packed,
)
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.evaluation.slices import (
    WHEN_AND_WHERE,
    parted_sums,
    slices,
)
from taxi_fare.evaluation.spark_day_sums import scored_sums
from taxi_fare.features.route_sums import route_sums, route_sums_by_spark

pytestmark = pytest.mark.spark

WAYS = (*slices(ErrorAnalysisSettings()), *WHEN_AND_WHERE)
MODELS = ("prediction", "current_prediction")
ROWS = 4_000


def _levels(draw: np.random.Generator, *known: str) -> list[str]:
    """Draw levels, of which some are rare or unknown."""
    return draw.choice([*known, "unknown", "77"], ROWS).tolist()


@pytest.fixture(scope="module")
def trips() -> pa.Table:
    """Rides of any kind, on and beside every limit."""
    draw = np.random.default_rng(5)
    paid = np.round(draw.gamma(2, 12, ROWS), 2) + 0.5
    paid[:3] = 10.0, 30.0, 60.0
    every = [str(number) for number in zones()]
    return pa.table(
        {
            "pickup_day": draw.integers(1, 32, ROWS),
            "pickup_hour": draw.integers(0, 24, ROWS).astype(float),
            "pickup_dayofweek": draw.integers(0, 7, ROWS).astype(float),
            "PULocationID": _levels(draw, "132", "138", "230", *every),
            "DOLocationID": _levels(draw, "1", "161", *every),
            "payment_type": _levels(draw, "0", "1", "2", "3", "4"),
            "VendorID": _levels(draw, "1", "2", "6"),
            "RatecodeID": _levels(draw, "1", "2", "3", "5"),
            "trip_distance": draw.gamma(1, 3, ROWS),
            "trip_duration_min": np.maximum(draw.gamma(2, 8, ROWS) - 1, 0),
            "total_amount": paid,
            "prediction": paid + draw.normal(0, 20, ROWS),
            "current_prediction": paid + draw.standard_t(2, ROWS),
        }
    )


@pytest.fixture(scope="module")
def frame(spark: SparkSession, trips: pa.Table) -> Iterator[DataFrame]:
    """The same rides, in two parts."""
    cached = spark.createDataFrame(trips.to_pandas()).repartition(2).cache()
    yield cached
    cached.unpersist()


def test_sums_of_every_day_and_slice_are_the_same(
    frame: DataFrame, trips: pa.Table
) -> None:
    """In one Spark action, with the metrics of all trips."""
    metrics, found = scored_sums(frame, models=MODELS, baselines=(), ways=WAYS)
    paid = trips["total_amount"].to_numpy()
    predicted = {name: trips[name].to_numpy() for name in MODELS}
    expected = parted_sums(trips, paid, predicted, ways=WAYS)
    for name in MODELS:
        assert metrics[name].to_document() == pytest.approx(
            collected_metrics(paid, predicted[name], name=name).to_document()
        )
        ours, theirs = found[name].groups, expected[name].groups
        assert ours.keys() == theirs.keys()
        for way, sums in theirs.items():
            np.testing.assert_allclose(ours[way], sums, rtol=1e-9, atol=1e-6)
            assert sums[..., 0].sum() == ROWS


def test_no_trip_is_refused(frame: DataFrame) -> None:
    """There is nothing to be measured."""
    with pytest.raises(DataRefusedError, match="no trip"):
        scored_sums(frame.limit(0), models=MODELS, baselines=(), ways=WAYS)


def test_errors_are_counted_in_the_same_cells(
    frame: DataFrame, trips: pa.Table
) -> None:
    """By rate code, predicted price and step of the error."""
    expected = count_errors(
        trips, trips["total_amount"].to_numpy(), trips["prediction"].to_numpy()
    )
    assert np.array_equal(count_errors_by_spark(frame), expected)
    assert expected.sum() == ROWS


def test_baselines_are_the_same(frame: DataFrame, trips: pa.Table) -> None:
    """Fitted by either engine, and predicted by either."""
    ours = fit_trivially(frame)
    theirs = fit_trivial([packed(trips, trips["total_amount"].to_numpy())])
    assert np.array_equal(ours.pairs, theirs.pairs)
    np.testing.assert_allclose(ours.medians, theirs.medians)
    assert ours.mean == pytest.approx(theirs.mean)
    assert ours.median == pytest.approx(theirs.median)
    predicted = predict_trivially(frame, ours).toPandas()
    expected = theirs.predict(pa.Table.from_pandas(predicted))
    for name in (MEAN, PAIR_MEDIAN):
        np.testing.assert_allclose(predicted[name], expected[name])


def test_ways_are_summed_up_the_same(
    frame: DataFrame, trips: pa.Table
) -> None:
    """The route table is the same, whoever has read the trips."""
    ours, theirs = route_sums_by_spark(frame), route_sums(trips)
    assert np.array_equal(ours.cells, theirs.cells)
    np.testing.assert_allclose(ours.sums, theirs.sums, rtol=1e-9)
    assert 0 < ours.column("told").sum() < ROWS
