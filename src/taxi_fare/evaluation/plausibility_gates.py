"""What predictions must look like to be acceptable to a person."""

from taxi_fare.core.gates import GateCheck, compare
from taxi_fare.core.sections import PlausibilitySettings
from taxi_fare.evaluation.predictions import PredictionFigures


def check_plausibility(
    figures: PredictionFigures, *, limits: PlausibilitySettings
) -> tuple[GateCheck, ...]:
    """
    Check predictions against every plausibility gate.

    Returns
    -------
    tuple of GateCheck
        In the order of the description: there are some, not negative,
        finite, below 500 dollars, and what New York's tariff implies. Gates
        on trips of a kind that the month does not hold are left out.
    """
    rows = figures.rows
    top = limits.total_max_dollars
    return (
        compare("predictions", rows, ">", 0),
        compare(
            "share of negative predictions",
            _share(figures.negative, rows),
            "<=",
            limits.negative_share_max,
        ),
        compare(
            "share of predictions that are not finite",
            _share(figures.non_finite, rows),
            "<=",
            0,
        ),
        compare(
            f"share of predictions above {top:g} dollars",
            _share(figures.above_limit, rows),
            "<=",
            limits.above_max_share_max,
        ),
        compare(
            "share of predictions below the smallest legal fare",
            _share(figures.below_minimum_fare, rows),
            "<=",
            limits.below_minimum_fare_share_max,
        ),
        *_between(
            "median of JFK flat fares, dollars",
            figures.jfk_median,
            limits.jfk_flat_fare_min_dollars,
            limits.jfk_flat_fare_max_dollars,
        ),
        *_between(
            "median price of a mile, dollars",
            figures.dollars_per_mile_median,
            limits.dollars_per_mile_min,
            limits.dollars_per_mile_max,
        ),
    )


def _share(count: int, rows: int) -> float:
    return count / rows if rows else 0.0


def _between(
    name: str, value: float | None, low: float, high: float
) -> tuple[GateCheck, ...]:
    if value is None:
        return ()
    return compare(name, value, ">=", low), compare(name, value, "<=", high)
