"""Probable causes of a great error, told from one trip."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from taxi_fare.core.columns import (
    DISTANCE,
    DURATION,
    LABEL,
    PAYMENT,
    PICKUP_HOUR,
    RATE_CODE,
)
from taxi_fare.core.sections import ErrorAnalysisSettings

UNEXPLAINED = "unexplained"

# Source: the TLC's data dictionary for yellow taxis.
_JFK, _NEWARK, _NEGOTIATED = "2", "3", "5"
_CASH = "2"

Trip = Mapping[str, Any]


@dataclass(frozen=True)
class Cause:
    """One probable cause."""

    name: str
    applies: Callable[[Trip, ErrorAnalysisSettings], bool]
    meaning: str


def probable_causes(
    trip: Trip, *, settings: ErrorAnalysisSettings
) -> list[str]:
    """
    Name every cause that a trip looks like.

    Returns
    -------
    list of str
        In the order of the specification; ``unexplained`` when none applies.
    """
    names = [each.name for each in CAUSES if each.applies(trip, settings)]
    return names or [UNEXPLAINED]


def _long_but_cheap(trip: Trip, settings: ErrorAnalysisSettings) -> bool:
    return bool(
        trip[DISTANCE] >= settings.long_distance_miles
        and trip[LABEL] <= settings.low_fare_dollars
    )


def _short_but_dear(trip: Trip, settings: ErrorAnalysisSettings) -> bool:
    return bool(
        trip[DISTANCE] <= settings.short_trip_miles
        and trip[LABEL] >= settings.high_fare_dollars
    )


def _long_and_slow(trip: Trip, settings: ErrorAnalysisSettings) -> bool:
    minutes = trip[DURATION]
    if minutes < settings.extended_duration_minutes:
        return False
    return bool(trip[DISTANCE] / minutes * 60 < settings.slow_miles_per_hour)


def _at_night(trip: Trip, settings: ErrorAnalysisSettings) -> bool:
    hour = trip[PICKUP_HOUR]
    return bool(
        hour >= settings.night_from_hour or hour < settings.night_until_hour
    )


CAUSES = (
    Cause(
        "long_distance_low_fare_anomaly",
        _long_but_cheap,
        "a long way for little money, probably a wrong record",
    ),
    Cause(
        "short_trip_high_fare_tips_or_surge",
        _short_but_dear,
        "a short way for much money: a tip, tolls or a surcharge",
    ),
    Cause(
        "extended_duration_traffic_or_wait",
        _long_and_slow,
        "a long time for the way: traffic, or the taxi waited",
    ),
    Cause("night_surge_pricing", _at_night, "a trip at night"),
    Cause(
        "airport_flat_rate",
        lambda trip, _: trip[RATE_CODE] in {_JFK, _NEWARK},
        "the flat rate of an airport",
    ),
    Cause(
        "cash_payment_tip_not_recorded",
        lambda trip, _: trip[PAYMENT] == _CASH,
        "paid in cash, where the tip is not recorded",
    ),
    Cause(
        "negotiated_fare",
        lambda trip, _: trip[RATE_CODE] == _NEGOTIATED,
        "a negotiated fare",
    ),
)
# What each name says in words.
MEANINGS = {cause.name: cause.meaning for cause in CAUSES} | {
    UNEXPLAINED: "no cause that the trip itself tells"
}
