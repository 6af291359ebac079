"""What predictions must look like to be acceptable to a person."""

from taxi_fare.core.gates import Gate, GateCheck, Sign, check_gates
from taxi_fare.core.sections import PlausibilitySettings
from taxi_fare.evaluation.predictions import PredictionFigures

# What each figure is, for people, with gaps for settings.
_WORDS = {
    "rows": "predictions",
    "negative_share": "share of negative predictions",
    "non_finite_share": "share of predictions that are not finite",
    "above_limit_share": "share of predictions above {total_max_dollars:g}"
    " dollars",
    "below_minimum_fare_share": "share of predictions below the smallest"
    " legal fare",
    "jfk_median": "median of JFK flat fares, dollars",
    "dollars_per_mile_median": "median price of a mile, dollars",
}
# In the order of the specification: there are some, not negative, finite,
# below 500 dollars, and what New York's tariff implies. A limit is a number or
# a setting of [plausibility].
_LIMITS: tuple[tuple[str, Sign, float | str], ...] = (
    ("rows", ">", 0),
    ("negative_share", "<=", "negative_share_max"),
    ("non_finite_share", "<=", 0),
    ("above_limit_share", "<=", "above_max_share_max"),
    ("below_minimum_fare_share", "<=", "below_minimum_fare_share_max"),
    ("jfk_median", ">=", "jfk_flat_fare_min_dollars"),
    ("jfk_median", "<=", "jfk_flat_fare_max_dollars"),
    ("dollars_per_mile_median", ">=", "dollars_per_mile_min"),
    ("dollars_per_mile_median", "<=", "dollars_per_mile_max"),
)
PLAUSIBILITY_GATES = tuple(
    Gate(figure, sign, limit, words=_WORDS[figure])
    for figure, sign, limit in _LIMITS
)


def check_plausibility(
    figures: PredictionFigures, *, limits: PlausibilitySettings
) -> tuple[GateCheck, ...]:
    """
    Check predictions against every plausibility gate.

    Gates on trips of a kind that the month does not hold are left out.
    """
    found = figures.to_document()
    shares = {
        f"{name}_share": count / max(figures.rows, 1)
        for name, count in found.items()
        if isinstance(count, int)
    }
    return check_gates(
        PLAUSIBILITY_GATES,
        figures=found | shares,
        settings=limits.model_dump(),
    )
