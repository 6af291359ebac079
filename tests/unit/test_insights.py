"""The sentences about an error analysis say what its figures say."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from taxi_fare.evaluation.insights import insights

OVERALL = {
    "mean_error": 0.05,
    "mae": 2.0,
    "pct_underestimate": 41.0,
    "pct_overestimate": 59.0,
    "median_abs_error": 1.2,
    "p95_abs_error": 6.5,
    "p99_abs_error": 14.25,
}
BUCKETS = {
    "low": {
        "count": 10,
        "mae": 1.0,
        "pct_of_trips": 60.0,
        "pct_of_absolute_error": 20.0,
    },
    "medium": {"count": 0},
    "very_high": {
        "count": 2,
        "mae": 9.5,
        "pct_of_trips": 4.0,
        "pct_of_absolute_error": 33.3,
    },
}
WORST = [
    {"probable_causes": ["negotiated_fare", "night_surge_pricing"]},
    {"probable_causes": ["negotiated_fare"]},
    {"probable_causes": ["unexplained"]},
]


@pytest.fixture(autouse=True)
def _said_in_french(
    monkeypatch: pytest.MonkeyPatch, in_french: Callable[[str], str]
) -> None:
    """Whatever sentence a test provokes: a French reader can read it."""

    def checked(*figures: Any, **more: Any) -> list[str]:
        """Stand in for the insights of this module."""
        found = insights_themselves(*figures, **more)
        for each in found:
            in_french(each)
        return found

    insights_themselves = insights
    monkeypatch.setattr(sys.modules[__name__], "insights", checked)


def _text(**overall: float) -> str:
    return "\n".join(insights(OVERALL | overall, buckets=BUCKETS, worst=WORST))


@pytest.mark.parametrize(
    ("bias", "sentence"),
    [
        (0.05, "No bias worth the name: +0.05 dollars"),
        (-0.19, "No bias worth the name: -0.19 dollars"),
        (0.5, "predicts 0.50 dollars too little on average"),
        (-0.5, "predicts 0.50 dollars too much on average"),
    ],
)
def test_the_direction_of_a_bias(bias: float, sentence: str) -> None:
    """Positive errors are trips that were predicted too low."""
    text = _text(mean_error=bias)
    assert sentence in text
    assert "too low for 41 % of the trips, too high for 59 %" in text


def test_the_typical_error_and_the_tail() -> None:
    """Half, 95 and 99 per cent."""
    assert "within 1.20 dollars of what was paid, 95 % within 6.50" in _text()
    assert "99 % within 14.25" in _text()


def test_the_worst_prices_are_named_and_empty_ones_too() -> None:
    """A bucket without trips has no mean error."""
    text = _text()
    assert "greatest in the bucket very high: 9.50 dollars" in text
    assert "4.0 % of the trips and 33.3 % of the error" in text
    assert "No trip in the bucket(s) medium." in text


def test_causes_are_counted() -> None:
    """The most frequent first, in words and by name."""
    sentences: list[Any] = insights(OVERALL, buckets=BUCKETS, worst=WORST)[-3:]
    assert sentences[0] == ("2 of the 3 worst errors: a negotiated fare.")
    assert sentences[1].startswith("1 of the 3 worst errors: a trip at night")
