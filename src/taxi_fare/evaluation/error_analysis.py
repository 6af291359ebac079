"""Where a model is wrong: error figures overall, by price, and the worst."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import FEATURES, LABEL, PREDICTION
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.error_causes import probable_causes
from taxi_fare.evaluation.error_figures import (
    ERROR,
    error_aggregates,
    named_figures,
)
from taxi_fare.evaluation.insights import insights

BUCKETS = ("low", "medium", "high", "very_high")
OVERALL = "overall"
# Of all trips there are some in full.
WORST = "worst"
_BUCKET = "price_bucket"


@dataclass(frozen=True)
class ErrorAnalysis:
    """
    Where a model is wrong.

    Errors are ``total_amount - prediction`` in dollars: positive when the
    model predicts too little.
    """

    overall: dict[str, Any]
    buckets: dict[str, dict[str, Any]]
    worst: list[dict[str, Any]]
    insights: list[str]

    def summary_document(self) -> dict[str, Any]:
        """Return the content of ``error_summary.json``."""
        return self.overall | {
            "insights": self.insights,
            "worst_errors": self.worst,
        }

    def buckets_document(self) -> dict[str, Any]:
        """Return the content of ``error_by_price_bucket.json``."""
        return {"buckets": self.buckets}


def analyse_errors(
    scored: DataFrame, *, settings: ErrorAnalysisSettings
) -> ErrorAnalysis:
    """Analyse the errors of a model in one Spark action."""
    trips = scored.select(
        *FEATURES,
        LABEL,
        PREDICTION,
        (F.col(LABEL) - F.col(PREDICTION)).alias(ERROR),
        _bucket(settings).alias(_BUCKET),
    )
    # One row for each bucket, and one for all trips, in a single action.
    rows = (
        trips.rollup(_BUCKET)
        .agg(*error_aggregates(), _worst(settings.worst_trips))
        .collect()
    )
    groups = {}
    for row in rows:
        figures = row.asDict(recursive=True)
        groups[figures.pop(_BUCKET) or OVERALL] = figures
    return explained(groups, settings)


def explained(
    groups: Mapping[str, dict[str, Any]], settings: ErrorAnalysisSettings
) -> ErrorAnalysis:
    """
    Tell where a model is wrong from the figures of its errors.

    Parameters
    ----------
    groups : mapping of str to dict
        Of each bucket that has trips, and of all trips together, which have
        ``worst`` as well.
    """
    all_trips = groups[OVERALL]
    overall = _document(all_trips)
    buckets = {
        name: limits | _share(groups.get(name), all_trips)
        for name, limits in _limits(settings).items()
    }
    worst = [_worst_document(trip, settings) for trip in all_trips[WORST]]
    told = insights(overall, buckets=buckets, worst=worst)
    return ErrorAnalysis(overall, buckets, worst, told)


def _bucket(settings: ErrorAnalysisSettings) -> Column:
    first, second, third = settings.bucket_limits_dollars
    total = F.col(LABEL)
    return (
        F.when(total <= first, BUCKETS[0])
        .when(total <= second, BUCKETS[1])
        .when(total <= third, BUCKETS[2])
        .otherwise(BUCKETS[3])
    )


def _limits(settings: ErrorAnalysisSettings) -> dict[str, dict[str, Any]]:
    bounds = (0.0, *settings.bucket_limits_dollars, None)
    return {
        name: {"above_dollars": bounds[i], "up_to_dollars": bounds[i + 1]}
        for i, name in enumerate(BUCKETS)
    }


def _worst(count: int) -> Column:
    trip = F.struct(LABEL, PREDICTION, ERROR, *FEATURES)
    # The whole trip is part of the order, so that ties have one as well.
    order = F.struct(F.abs(ERROR), LABEL, *FEATURES)
    return F.max_by(trip, order, count).alias(WORST)


def _document(figures: Mapping[str, Any]) -> dict[str, Any]:
    return named_figures({k: v for k, v in figures.items() if k != WORST})


def _share(
    figures: Mapping[str, Any] | None, overall: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a bucket's figures, and its part of all trips and errors."""
    if figures is None:
        return {"count": 0, "pct_of_trips": 0.0, "pct_of_absolute_error": 0.0}
    error = overall["mae"] * overall["count"]
    part = figures["mae"] * figures["count"] / error if error else 0.0
    return {
        **_document(figures),
        "pct_of_trips": 100 * figures["count"] / overall["count"],
        "pct_of_absolute_error": 100 * part,
    }


def _worst_document(
    trip: Mapping[str, Any], settings: ErrorAnalysisSettings
) -> dict[str, Any]:
    return {
        LABEL: trip[LABEL],
        PREDICTION: trip[PREDICTION],
        ERROR: trip[ERROR],
        "probable_causes": probable_causes(trip, settings=settings),
        "features": {name: trip[name] for name in FEATURES},
    }
