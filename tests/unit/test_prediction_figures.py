"""Figures of predictions, and metrics of the trips that count."""

import statistics
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from taxi_fare.core.columns import DISTANCE, LABEL, PREDICTION, RATE_CODE
from taxi_fare.core.errors import DataRefusedError, ModelRefusedError
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    numbers,
    prediction_figures,
)
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.predicted_rows import IS_PAID, PredictedRows

NAN, INF = float("nan"), float("inf")
# Without intervals, as another program's.
MODEL = CheckedModel(Path("m"))
COUNTS = MonthCounts(rows=3, valid_rows=3, violations={}, rejected_rows=0)


def _table(*rows: tuple[float | None, int | None, float]) -> pa.Table:
    names = (PREDICTION, RATE_CODE, DISTANCE)
    types = (pa.float64(), pa.int64(), pa.float64())
    columns = zip(*rows, strict=True) if rows else ([], [], [])
    return pa.table(
        {
            name: pa.array(values, kind)
            for name, values, kind in zip(names, columns, types, strict=True)
        }
    )


def _figures(
    *rows: tuple[float | None, int | None, float],
) -> PredictionFigures:
    return prediction_figures(
        _table(*rows), limit_dollars=500, minimum_fare_dollars=3
    )


def test_figures_worked_out_by_hand() -> None:
    """Values on a limit are inside it; a short trip has no price a mile."""
    figures = _figures(
        (-1.0, 1, 0.5),
        (2.0, 1, 0.5),
        (3.0, None, 0.5),
        (70.0, 2, 17.5),
        (500.0, 1, 50.0),
        (500.5, 1, 50.05),
    )
    assert figures.rows == 6
    assert (figures.negative, figures.below_minimum_fare) == (1, 2)
    assert (figures.above_limit, figures.non_finite) == (1, 0)
    assert (figures.min, figures.max) == (-1.0, 500.5)
    assert figures.mean == pytest.approx(1074.5 / 6)
    assert figures.std == pytest.approx(
        statistics.stdev([-1, 2, 3, 70, 500, 500.5])
    )
    assert (figures.p05, figures.median, figures.p95) == (-1.0, 3.0, 500.5)
    assert figures.jfk_median == 70.0
    assert figures.dollars_per_mile_median == pytest.approx(10.0)


def test_what_is_no_number_is_counted_and_left_out() -> None:
    """Missing, NaN, both infinities: four, and the mean is of the rest."""
    figures = _figures(
        (None, 1, 2.0),
        (NAN, 1, 2.0),
        (INF, 2, 2.0),
        (-INF, 1, 2.0),
        (12.0, 1, 2.0),
    )
    assert (figures.rows, figures.non_finite) == (5, 4)
    assert (figures.negative, figures.above_limit) == (0, 0)
    assert (figures.mean, figures.std, figures.max) == (12.0, None, 12.0)
    assert figures.jfk_median is None


def test_no_prediction_has_no_figures() -> None:
    """Counts are 0, and there is no mean."""
    figures = _figures()
    assert (figures.rows, figures.negative) == (0, 0)
    assert (figures.mean, figures.median) == (None, None)


def test_metrics_worked_out_by_hand() -> None:
    """The formulas are those of the trips that Spark scores."""
    paid = pa.table({LABEL: [10.0, 20.0], PREDICTION: [12.0, 19.0]})
    metrics = collected_metrics(
        numbers(paid, LABEL), numbers(paid, PREDICTION)
    )
    assert metrics.rows == 2
    assert metrics.mae == pytest.approx(1.5)
    assert metrics.rmse == pytest.approx((5 / 2) ** 0.5)
    assert metrics.bias == pytest.approx(-0.5)
    assert metrics.r2 == pytest.approx(1 - 5 / 50)


def test_no_metrics_of_what_is_no_number() -> None:
    """One such prediction, and the model is refused."""
    paid = pa.table({LABEL: [10.0, 20.0], PREDICTION: [12.0, NAN]})
    with pytest.raises(ModelRefusedError, match="1 of 2"):
        collected_metrics(numbers(paid, LABEL), numbers(paid, PREDICTION))


@pytest.mark.parametrize("totals", [[10.0], [10.1] * 3, [10.0, 10.001]])
def test_no_metrics_of_trips_that_cost_the_same(totals: list[float]) -> None:
    """R² is not defined, and never 1; the month is predicted all the same."""
    paid = np.array(totals)
    with pytest.raises(DataRefusedError, match="do not differ"):
        collected_metrics(paid, paid)
    rows = PredictedRows(
        [DISTANCE, RATE_CODE, LABEL], model=MODEL, settings=Settings()
    )
    table = _table(*((each, 1, 2.0) for each in totals))
    table = table.append_column(LABEL, pa.array(totals))
    table = table.append_column(IS_PAID, pa.array([True] * len(totals)))
    rows.finish(table)
    told = rows.told(COUNTS)
    figures, metrics = told.figures, told.metrics
    assert (figures.rows, metrics) == (len(totals), None)


def test_a_total_that_breaks_a_rule_changes_no_metric() -> None:
    """It is written with its prediction all the same."""
    rows = PredictedRows(
        [DISTANCE, RATE_CODE, LABEL], model=MODEL, settings=Settings()
    )
    table = _table((12.0, 1, 2.0), (19.0, 1, 2.0), (1.0, 1, 2.0))
    table = table.append_column(LABEL, pa.array([10.0, 20.0, -500.0]))
    table = table.append_column(IS_PAID, pa.array([True, True, False]))
    written = rows.finish(table)
    assert written.column_names == [
        DISTANCE, RATE_CODE, LABEL, PREDICTION, "model_id",
    ]  # fmt: skip
    assert written["model_id"].to_pylist() == ["m"] * 3
    told = rows.told(COUNTS)
    figures, metrics = told.figures, told.metrics
    assert figures.rows == 3
    assert metrics is not None
    assert (metrics.rows, metrics.mae) == (2, 1.5)


def test_figures_are_of_what_the_model_said_before_the_floor() -> None:
    """A floored file does not hide negative predictions."""
    settings = Settings.model_validate(
        {"prediction": {"floor_at_minimum_fare": True}}
    )
    rows = PredictedRows([DISTANCE, RATE_CODE], model=MODEL, settings=settings)
    written = rows.finish(_table((-12.0, 1, 2.0), (19.0, 1, 2.0)))
    lowest = settings.prediction.minimum_fare_dollars
    assert written[PREDICTION].to_pylist() == [lowest, 19.0]
    told = rows.told(COUNTS)
    figures, metrics = told.figures, told.metrics
    assert (figures.negative, figures.min) == (1, -12.0)
    assert metrics is None
