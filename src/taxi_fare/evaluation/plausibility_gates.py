"""What predictions must look like to be acceptable to a person."""

from taxi_fare.core.gates import Gate, GateCheck, check_gates
from taxi_fare.core.sections import PlausibilitySettings
from taxi_fare.evaluation.predictions import PredictionFigures

_JFK = "median of JFK flat fares, dollars"
_MILE = "median price of a mile, dollars"
# In the order of the description: there are some, not negative, finite, below
# 500 dollars, and what New York's tariff implies. A limit is a number or a
# setting of [plausibility].
PLAUSIBILITY_GATES = (
    Gate("rows", ">", 0, words="predictions"),
    Gate(
        "negative_share",
        "<=",
        "negative_share_max",
        words="share of negative predictions",
    ),
    Gate(
        "non_finite_share",
        "<=",
        0,
        words="share of predictions that are not finite",
    ),
    Gate(
        "above_limit_share",
        "<=",
        "above_max_share_max",
        words="share of predictions above {total_max_dollars:g} dollars",
    ),
    Gate(
        "below_minimum_fare_share",
        "<=",
        "below_minimum_fare_share_max",
        words="share of predictions below the smallest legal fare",
    ),
    Gate("jfk_median", ">=", "jfk_flat_fare_min_dollars", words=_JFK),
    Gate("jfk_median", "<=", "jfk_flat_fare_max_dollars", words=_JFK),
    Gate("dollars_per_mile_median", ">=", "dollars_per_mile_min", words=_MILE),
    Gate("dollars_per_mile_median", "<=", "dollars_per_mile_max", words=_MILE),
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
