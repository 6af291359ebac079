"""Where a model is wrong: error figures overall, by price, and the worst."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import Column, DataFrame, Row
from pyspark.sql import functions as F

from taxi_fare.core.columns import FEATURES, LABEL, PREDICTION
from taxi_fare.core.metrics import PERCENTILES
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.error_causes import probable_causes
from taxi_fare.evaluation.insights import insights
from taxi_fare.evaluation.metrics import error_sizes

BUCKETS = ("low", "medium", "high", "very_high")
# Ranks are off by at most rows / accuracy: 0.01 % of the trips.
_ACCURACY = 10_000

_BUCKET = "price_bucket"
_OVERALL = "overall"
_ERROR = "error"
_WORST = "worst"


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
        (F.col(LABEL) - F.col(PREDICTION)).alias(_ERROR),
        _bucket(settings).alias(_BUCKET),
    )
    # One row for each bucket, and one for all trips, in a single action.
    rows = {
        row[_BUCKET] or _OVERALL: row
        for row in trips.rollup(_BUCKET)
        .agg(*_figures(), _worst(settings.worst_trips))
        .collect()
    }
    overall = _document(rows[_OVERALL])
    buckets = {
        name: limits | _share(rows.get(name), rows[_OVERALL])
        for name, limits in _limits(settings).items()
    }
    worst = [
        _worst_document(trip.asDict(), settings)
        for trip in rows[_OVERALL][_WORST]
    ]
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


def _figures() -> list[Column]:
    error, size = F.col(_ERROR), F.abs(_ERROR)
    figures = {
        "count": F.count(F.lit(1)),
        "mean_error": F.avg(error),
        "std_error": F.stddev(error),
        "min_error": F.min(error),
        "max_error": F.max(error),
        **error_sizes(error),
        "pct_underestimate": 100 * F.avg((error > 0).cast("double")),
        "pct_overestimate": 100 * F.avg((error < 0).cast("double")),
        "mean_total_amount": F.avg(LABEL),
    }
    shares = list(PERCENTILES.values())
    figures["error_at"] = F.percentile_approx(error, shares, _ACCURACY)
    figures["abs_error_at"] = F.percentile_approx(size, shares, _ACCURACY)
    return [figure.alias(name) for name, figure in figures.items()]


def _worst(count: int) -> Column:
    trip = F.struct(LABEL, PREDICTION, _ERROR, *FEATURES)
    # The whole trip is part of the order, so that ties have one as well.
    order = F.struct(F.abs(_ERROR), LABEL, *FEATURES)
    return F.max_by(trip, order, count).alias(_WORST)


def _document(row: Row) -> dict[str, Any]:
    figures = row.asDict()
    for name in (_BUCKET, _WORST):
        figures.pop(name)
    for kind in ("error", "abs_error"):
        values = figures.pop(f"{kind}_at")
        figures |= {
            f"{name}_{kind}": value
            for name, value in zip(PERCENTILES, values, strict=True)
        }
    return figures


def _share(row: Row | None, overall: Row) -> dict[str, Any]:
    """Return a bucket's figures, and its part of all trips and errors."""
    if row is None:
        return {"count": 0, "pct_of_trips": 0.0, "pct_of_absolute_error": 0.0}
    error = overall["mae"] * overall["count"]
    part = row["mae"] * row["count"] / error if error else 0.0
    return {
        **_document(row),
        "pct_of_trips": 100 * row["count"] / overall["count"],
        "pct_of_absolute_error": 100 * part,
    }


def _worst_document(
    trip: dict[str, Any], settings: ErrorAnalysisSettings
) -> dict[str, Any]:
    return {
        LABEL: trip[LABEL],
        PREDICTION: trip[PREDICTION],
        _ERROR: trip[_ERROR],
        "probable_causes": probable_causes(trip, settings=settings),
        "features": {name: trip[name] for name in FEATURES},
    }
