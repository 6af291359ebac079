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
        compare("predictions", value=rows, sign=">", limit=0),
        compare(
            "share of negative predictions",
            value=_share(figures.negative, rows),
            sign="<=",
            limit=limits.negative_share_max,
        ),
        compare(
            "share of predictions that are not finite",
            value=_share(figures.non_finite, rows),
            sign="<=",
            limit=0,
        ),
        compare(
            f"share of predictions above {top:g} dollars",
            value=_share(figures.above_limit, rows),
            sign="<=",
            limit=limits.above_max_share_max,
        ),
        compare(
            "share of predictions below the smallest legal fare",
            value=_share(figures.below_minimum_fare, rows),
            sign="<=",
            limit=limits.below_minimum_fare_share_max,
        ),
        *_between(
            "median of JFK flat fares, dollars",
            value=figures.jfk_median,
            low=limits.jfk_flat_fare_min_dollars,
            high=limits.jfk_flat_fare_max_dollars,
        ),
        *_between(
            "median price of a mile, dollars",
            value=figures.dollars_per_mile_median,
            low=limits.dollars_per_mile_min,
            high=limits.dollars_per_mile_max,
        ),
    )


def _share(count: int, rows: int) -> float:
    return count / rows if rows else 0.0


def _between(
    name: str, *, value: float | None, low: float, high: float
) -> tuple[GateCheck, ...]:
    if value is None:
        return ()
    return compare(name, value=value, sign=">=", limit=low), compare(
        name, value=value, sign="<=", limit=high
    )
