"""The quality gates of the description."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from taxi_fare.core.gates import failures
from taxi_fare.core.sections import GateSettings
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.quality_gates import check_quality

NAN = float("nan")
# Just inside every limit of the description.
GOOD = {"rmse": 9.99, "mae": 9.0, "r2": 0.51}


def _missed(**figures: float) -> list[str]:
    metrics = Metrics(rows=100, bias=0.0, **(GOOD | figures))
    return failures(check_quality(metrics, gates=GateSettings()))


def test_a_model_just_inside_the_limits_passes() -> None:
    """RMSE under 10, R² over 0.5, MAE under 15 and not over RMSE."""
    assert _missed() == []


@pytest.mark.parametrize(
    ("figures", "gates"),
    [
        ({"rmse": 10.0}, ["rmse < 10"]),
        ({"r2": 0.5}, ["r2 > 0.5"]),
        ({"r2": 0.0}, ["r2 > 0", "r2 > 0.5"]),
        ({"r2": -3.0}, ["r2 > 0", "r2 > 0.5"]),
        ({"rmse": 16.0, "mae": 15.0}, ["rmse < 10", "mae < 15"]),
        ({"rmse": 5.0, "mae": 5.1}, ["mae <= rmse"]),
        ({"rmse": NAN}, ["rmse < 10", "mae <= rmse"]),
        ({"mae": NAN}, ["mae < 15", "mae <= rmse"]),
        ({"r2": NAN}, ["r2 > 0", "r2 > 0.5"]),
        ({"rmse": float("inf")}, ["rmse < 10"]),
    ],
)
def test_what_is_missed_is_named(
    figures: dict[str, float], gates: list[str]
) -> None:
    """The limit itself is a miss, and so is what is no number."""
    missed = _missed(**figures)
    assert [each.split(" is missed")[0] for each in missed] == gates


def test_the_value_is_told() -> None:
    """A reader wants to know by how much."""
    assert _missed(rmse=12.3) == ["rmse < 10 is missed (12.3000)"]


def test_limits_are_settings() -> None:
    """conf/ decides, but a model worse than the mean never passes."""
    lax = GateSettings(rmse_max_dollars=100, r2_min=-5)
    metrics = Metrics(rows=1, rmse=50, mae=10, r2=-1, bias=0)
    missed = failures(check_quality(metrics, gates=lax))
    assert [each.split(" is missed")[0] for each in missed] == ["r2 > 0"]


@given(st.floats(0, 9.9), st.floats(0, 9.9), st.floats(0.51, 1))
def test_gates_pass_exactly_when_all_limits_hold(
    rmse: float, mae: float, r2: float
) -> None:
    """Below every limit, only the order of MAE and RMSE is left."""
    assume(not rmse < mae <= rmse * (1 + 1e-6))
    assert (not _missed(rmse=rmse, mae=mae, r2=r2)) == (mae <= rmse)
