"""The rules that a trip of the lake must keep to be trained or tested on."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_AT,
    DROPOFF_ZONE,
    LABEL,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_ZONE,
    REQUIRED_COLUMNS,
)
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.spark.durations import minutes_between


@dataclass(frozen=True)
class Rule:
    """One rule."""

    name: str
    meaning: str
    is_broken: Callable[[], Column]


def trip_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """
    Return the rules for trips that are trained or tested on.

    Parameters
    ----------
    limits : ValidationSettings
        Greatest total in dollars and duration in minutes.
    """
    return input_rules(limits) + label_rules(limits)


def input_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """
    Return the rules that a trip must keep to be predicted.

    Parameters
    ----------
    limits : ValidationSettings
        Greatest duration in minutes.
    """
    longest = limits.duration_max_minutes
    return (
        Rule(
            "time_missing",
            "pickup and dropoff time are present",
            lambda: _any_null(PICKUP_AT, DROPOFF_AT),
        ),
        Rule(
            "pickup_after_dropoff",
            "pickup is not after dropoff",
            lambda: F.col(PICKUP_AT) > F.col(DROPOFF_AT),
        ),
        Rule(
            "duration_out_of_range",
            f"0 < duration < {limits.duration_max_minutes:g} minutes",
            lambda: (
                (F.col(PICKUP_AT) == F.col(DROPOFF_AT))
                | (minutes_between(PICKUP_AT, DROPOFF_AT) >= longest)
            ),
        ),
        Rule(
            "location_missing",
            "pickup and dropoff zone are present",
            lambda: _any_null(PICKUP_ZONE, DROPOFF_ZONE),
        ),
        Rule(
            "distance_missing_or_negative",
            "distance is present and not negative",
            lambda: _missing_or_negative(DISTANCE),
        ),
        Rule(
            "passenger_count_negative",
            "passenger count is null or not negative",
            lambda: F.col(PASSENGERS) < 0,
        ),
    )


def label_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """
    Return the rules on what was paid.

    Parameters
    ----------
    limits : ValidationSettings
        Greatest total in dollars.
    """
    return (
        Rule(
            "total_missing_or_negative",
            "total is present and not negative",
            lambda: _missing_or_negative(LABEL),
        ),
        Rule(
            "total_above_limit",
            f"total is at most {limits.total_max_dollars:,.0f} dollars",
            # NaN is greater than any number to Spark, and counted above.
            lambda: (
                (F.col(LABEL) > limits.total_max_dollars) & ~F.isnan(LABEL)
            ),
        ),
    )


def missing_columns(
    columns: Iterable[str], *, required: Sequence[str] = REQUIRED_COLUMNS
) -> list[str]:
    """Tell which columns a month lacks."""
    found = {name.lower() for name in columns}
    return [each for each in required if each.lower() not in found]


def check_columns(
    month: str,
    *,
    columns: Iterable[str],
    required: Sequence[str] = REQUIRED_COLUMNS,
) -> None:
    """
    Check that a month has every column that is needed.

    Raises
    ------
    DataRefusedError
        If one is missing.
    """
    missing = missing_columns(columns, required=required)
    if missing:
        raise DataRefusedError(
            f"Month {month} lacks the column(s) {', '.join(missing)}.",
            expected=f"{', '.join(required)}",
            remedy="ingest the month again from the TLC's file.",
        )


def _any_null(*names: str) -> Column:
    first, second = (F.col(name).isNull() for name in names)
    return first | second


def _missing_or_negative(name: str) -> Column:
    value = F.col(name)
    # NaN is greater than any number to Spark: it would pass as "not negative".
    unusable = F.isnan(value) | (value == float("inf"))
    return value.isNull() | unusable | (value < 0)
