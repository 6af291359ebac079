"""The formulas of the metrics, against another library and by hand."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn.metrics import mean_absolute_error as mae
from sklearn.metrics import mean_squared_error as mse
from sklearn.metrics import r2_score

from taxi_fare.core.errors import DataRefusedError, ModelRefusedError
from taxi_fare.evaluation.metrics import collected_metrics, read_metrics

DOLLARS = st.integers(0, 4000).map(lambda quarters: quarters / 4)
PAIRS = st.lists(st.tuples(DOLLARS, DOLLARS), min_size=2, max_size=20)
FOUND = {
    "rows": 4,
    "var": 8.0,
    "a.unusable": 0,
    "a.squared": 4.0,
    "a.absolute": 1.5,
    "a.signed": -0.5,
}


@given(PAIRS)
def test_metrics_are_those_of_scikit_learn(
    pairs: list[tuple[float, float]],
) -> None:
    """Wherever there is something to explain."""
    paid, predicted = np.array(pairs).T
    assume(paid.std() >= 0.01)
    found = collected_metrics(paid, predicted)
    assert found.rows == len(pairs)
    assert found.mae == pytest.approx(mae(paid, predicted))
    assert found.rmse == pytest.approx(mse(paid, predicted) ** 0.5)
    assert found.r2 == pytest.approx(r2_score(paid, predicted), abs=1e-9)
    assert found.bias == pytest.approx(paid.mean() - predicted.mean())


def test_each_figure_is_made_of_its_own_sums() -> None:
    """By hand, with sums that are all different."""
    found = read_metrics(FOUND, "a")
    assert found.to_document() == {
        "rows": 4,
        "rmse": 2.0,
        "mae": 1.5,
        "r2": 0.5,
        "bias": -0.5,
    }
    assert found.comparable() == {"rmse": 2.0, "mae": 1.5, "r2": 0.5}


@pytest.mark.parametrize("squared", [0.0, 4.0])
@pytest.mark.parametrize("variance", [0.0, 1e-5, -1e-12])
def test_without_variance_no_model_is_measured(
    squared: float, variance: float
) -> None:
    """R² would be 1 for whatever has learnt the one price."""
    sums = FOUND | {"var": variance, "a.squared": squared}
    with pytest.raises(DataRefusedError, match="test trips do not differ"):
        read_metrics(sums, "a")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_useless_prediction_is_too_many(value: float) -> None:
    """It is counted, and no mean hides it."""
    predicted = np.array([1.0, value, 3.0])
    with pytest.raises(ModelRefusedError, match="1 of 3 values"):
        collected_metrics(np.ones(3), predicted)


def test_without_a_trip_nothing_is_measured() -> None:
    """In a sentence, as with Spark."""
    with pytest.raises(DataRefusedError, match="no trip to score"):
        collected_metrics(np.array([]), np.array([]))
