"""Where a model is wrong: summary, errors by price, importance."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from taxi_fare.core.columns import FEATURES, NUMERIC_FEATURES
from taxi_fare.core.documents import (
    Document,
    Dollars,
    Number,
    Part,
    Percent,
    Share,
    Trips,
    having,
)


def _with_numbers(features: dict[str, Any]) -> dict[str, Any]:
    texts = {name for name in features if isinstance(features[name], str)}
    wrong = [name for name in NUMERIC_FEATURES if name in texts]
    if wrong:
        raise ValueError(f"no number in {', '.join(wrong)}")
    return features


TripFeatures = Annotated[
    dict[str, Number | str],
    having(FEATURES),
    AfterValidator(_with_numbers),
    Field(json_schema_extra={"required": [*FEATURES]}),
]


class ErrorFigures(Part):
    """
    Figures of errors, ``total_amount - prediction``, in dollars.

    Positive: the model predicts too little. Percentiles are of the error and
    of its size.
    """

    count: Trips
    mean_error: Dollars
    std_error: Dollars | None = Field(None, description="None: a single trip.")
    min_error: Dollars
    max_error: Dollars
    rmse: Dollars
    mae: Dollars
    pct_underestimate: Percent
    pct_overestimate: Percent
    mean_total_amount: Dollars
    p25_error: Dollars
    median_error: Dollars
    p75_error: Dollars
    p95_error: Dollars
    p99_error: Dollars
    p25_abs_error: Dollars
    median_abs_error: Dollars
    p75_abs_error: Dollars
    p95_abs_error: Dollars
    p99_abs_error: Dollars

    def error_at(self, name: str) -> float:
        """Return a percentile of the error: ``p25``, ``median`` …"""
        return float(getattr(self, f"{name}_error"))

    def size_at(self, name: str) -> float:
        """Return a percentile of the size of the error."""
        return float(getattr(self, f"{name}_abs_error"))


class WorstTrip(Part):
    """A trip whose price was predicted worst."""

    total_amount: Dollars
    prediction: Dollars
    error: Dollars
    probable_causes: tuple[str, ...]
    features: TripFeatures


class LevelErrors(Part):
    """The errors of some trips, such as those of an hour."""

    rows: Trips
    figures: dict[str, Number] = Field(description="By metric.")


class ErrorSummary(ErrorFigures, Document):
    """``error_summary.json``: the errors on all test trips."""

    by: dict[str, dict[str, LevelErrors]] = Field(
        default={},
        description="By hour of the pickup and pickup zone, those with trips;"
        " runs of before have none.",
    )
    insights: tuple[str, ...]
    worst_errors: tuple[WorstTrip, ...]


class PriceRange(Part):
    """Trips that cost more than one amount, and at most another."""

    above_dollars: Dollars
    up_to_dollars: Dollars | None = Field(description="None: any amount.")


class PriceShare(Part):
    """What part of all trips, and of all errors, a range has."""

    pct_of_trips: Percent
    pct_of_absolute_error: Percent


class PriceBucket(PriceShare, ErrorFigures, PriceRange):
    """The errors of the trips in a range."""


class EmptyBucket(PriceRange):
    """A range without any trip."""

    count: Literal[0]
    pct_of_trips: Percent
    pct_of_absolute_error: Percent


class ErrorByPriceBucket(Document):
    """``error_by_price_bucket.json``: the errors by what was paid."""

    buckets: dict[str, EmptyBucket | PriceBucket]

    def filled(self) -> dict[str, PriceBucket]:
        """Return the ranges that hold trips."""
        return {
            name: each
            for name, each in self.buckets.items()
            if isinstance(each, PriceBucket)
        }


class FeatureImportance(Document):
    """``feature_importance.json``: what the model looks at."""

    feature_importance: dict[str, Share]
