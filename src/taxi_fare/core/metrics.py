"""The metrics of a model: the one list of them, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taxi_fare.core.errors import DataRefusedError

# Totals are paid in cents: what differs by less, on the whole, is all one.
_SMALLEST_SPREAD_DOLLARS = 0.01


@dataclass(frozen=True, kw_only=True)
class Metric:
    """
    What is known of a metric; its formula is in ``evaluation/metrics.py``.

    Parameters
    ----------
    better : {'lower', 'higher', None}
        None where neither is: such a metric is shown with its sign.
    perfect : float
        What a model that is never wrong would have.
    digits : int
        After the point, where people read it.
    compared : bool
        Whether models are compared by it.
    always : bool
        Whether every document has it, those of the first version too.
    sure_as : str
        The metric whose interval tells of this one, if not its own.
    """

    name: str
    title: str
    meaning: str
    unit: Literal["dollars", ""] = "dollars"
    better: Literal["lower", "higher"] | None
    perfect: float = 0.0
    digits: int = 2
    compared: bool = False
    always: bool = False
    sure_as: str = ""

    def improves(self, ours: float, *, on: float) -> bool:
        """Say whether one is better than the other; a tie and NaN are not."""
        return ours < on if self.better == "lower" else ours > on


METRICS = {
    each.name: each
    for each in (
        Metric(
            name="rmse",
            title="RMSE",
            meaning="root of the mean squared error",
            better="lower",
            compared=True,
            always=True,
        ),
        Metric(
            name="mae",
            title="MAE",
            meaning="mean absolute error",
            better="lower",
            compared=True,
            always=True,
        ),
        Metric(
            name="r2",
            title="R²",
            meaning="share of the variance that is explained",
            unit="",
            better="higher",
            perfect=1.0,
            digits=3,
            compared=True,
            always=True,
            # Of the same trips, one is better exactly when the other is.
            sure_as="rmse",
        ),
        Metric(
            name="bias",
            title="Bias",
            meaning="mean of what was paid less what was predicted",
            better=None,
        ),
    )
}
COMPARED = tuple(each for each in METRICS.values() if each.compared)
# What is told as a share of what it was before.
ERRORS = tuple(each for each in COMPARED if each.better == "lower")
# What a guarded promotion asks for: the error that models are fitted to.
GUARDED = METRICS["rmse"]
ALWAYS = tuple(each.name for each in METRICS.values() if each.always)
# Shares of the trips whose prediction is off by at most so many dollars.
WITHIN_DOLLARS = {f"within_{limit}_dollars": limit for limit in (2, 5)}
# Shares of the trips that are below, by what reports call them.
PERCENTILES = {
    "p25": 0.25,
    "median": 0.50,
    "p75": 0.75,
    "p95": 0.95,
    "p99": 0.99,
}


def compared_in(*documents: Mapping[str, Any]) -> list[Metric]:
    """Return what models are compared by and all documents hold."""
    return [
        each
        for each in COMPARED
        if all(found.get(each.name) is not None for found in documents)
    ]


def is_spread(variance: float) -> bool:
    """Tell whether totals differ enough for a share of it to mean anything."""
    return variance >= _SMALLEST_SPREAD_DOLLARS**2


def require_spread(variance: float, *, trips: str) -> None:
    """
    Check that there is something to learn, or to be measured by.

    Raises
    ------
    DataRefusedError
        If all totals are the same, or nearly.
    """
    if not is_spread(variance):
        raise DataRefusedError(
            f"The totals of the {trips} trips do not differ"
            f" (standard deviation {max(variance, 0.0) ** 0.5:.4f} dollars).",
            expected="trips of different prices: any model would seem perfect"
            " otherwise, and R² is not defined",
            remedy="look at total_amount of these months, and ingest them"
            " again from the TLC's files.",
        )


def title_of(name: str) -> str:
    """Return what people call a metric; anything else keeps its name."""
    return METRICS[name].title if name in METRICS else name
