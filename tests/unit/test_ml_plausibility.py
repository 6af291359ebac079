"""The plausibility gates: predictions that a person would accept."""

import pytest

from taxi_fare.core.gates import failures
from taxi_fare.core.sections import PlausibilitySettings
from taxi_fare.evaluation.plausibility_gates import check_plausibility
from taxi_fare.evaluation.predictions import PredictionFigures

# Just inside every limit.
GOOD = PredictionFigures(
    rows=1_000,
    non_finite=0,
    negative=5,
    above_limit=0,
    below_minimum_fare=10,
    mean=20.0,
    std=10.0,
    min=-1.0,
    p05=8.0,
    median=15.0,
    p95=60.0,
    max=500.0,
    jfk_median=45.0,
    dollars_per_mile_median=30.0,
)


def _missed(figures: PredictionFigures, **limits: float) -> list[str]:
    settings = PlausibilitySettings.model_validate(limits)
    return failures(check_plausibility(figures, limits=settings))


def test_predictions_just_inside_the_limits_pass() -> None:
    """Nine limits, none missed."""
    checks = check_plausibility(GOOD, limits=PlausibilitySettings())
    assert len(checks) == 9
    assert _missed(GOOD) == []


@pytest.mark.parametrize(
    ("change", "gate"),
    [
        ({"negative": 6}, "share of negative predictions <= 0.005"),
        ({"non_finite": 1}, "share of predictions that are not finite <= 0"),
        ({"above_limit": 1}, "share of predictions above 500 dollars <= 0"),
        ({"below_minimum_fare": 11}, "below the smallest legal fare <= 0.01"),
        ({"jfk_median": 44.9}, "median of JFK flat fares, dollars >= 45"),
        ({"jfk_median": 150.1}, "median of JFK flat fares, dollars <= 150"),
        ({"dollars_per_mile_median": 1.9}, "price of a mile, dollars >= 2"),
        ({"dollars_per_mile_median": 30.1}, "price of a mile, dollars <= 30"),
    ],
)
def test_a_figure_beyond_its_limit_is_missed(
    change: dict[str, float], gate: str
) -> None:
    """Exactly the gate that it is about."""
    [missed] = _missed(GOOD.model_copy(update=change))
    assert gate in missed


def test_no_prediction_at_all_is_not_plausible() -> None:
    """An empty file must not pass for a good one."""
    nothing = GOOD.model_copy(
        update={
            "rows": 0,
            "negative": 0,
            "below_minimum_fare": 0,
            "jfk_median": None,
            "dollars_per_mile_median": None,
        }
    )
    assert _missed(nothing) == ["predictions > 0 is missed (0.0000)"]


def test_what_a_month_does_not_hold_is_not_judged() -> None:
    """Without a trip to JFK there is no median to look at."""
    figures = GOOD.model_copy(update={"jfk_median": None})
    assert len(check_plausibility(figures, limits=PlausibilitySettings())) == 7


def test_limits_come_from_the_settings() -> None:
    """The description's own rule, no negative prediction, is one away."""
    [missed] = _missed(GOOD, negative_share_max=0.0)
    assert missed.startswith("share of negative predictions <= 0 ")
