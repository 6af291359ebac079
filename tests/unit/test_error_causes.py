"""Probable causes: one trip for each, and one on each side of a limit."""

from typing import Any

import pytest

from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.error_causes import CAUSES, probable_causes

SETTINGS = ErrorAnalysisSettings()
# A trip like any other: at noon, by card, standard rate.
USUAL = {
    "trip_distance": 3.0,
    "passenger_count": 1.0,
    "trip_duration_min": 15.0,
    "pickup_hour": 12.0,
    "pickup_dayofweek": 2.0,
    "pickup_month": 6.0,
    "VendorID": "2",
    "RatecodeID": "1",
    "payment_type": "1",
    "store_and_fwd_flag": "N",
    "PULocationID": "161",
    "DOLocationID": "236",
    "total_amount": 22.0,
}


@pytest.mark.parametrize(
    ("trip", "cause"),
    [
        (
            {"trip_distance": 20.0, "total_amount": 20.0},
            "long_distance_low_fare_anomaly",
        ),
        (
            {"trip_distance": 2.0, "total_amount": 50.0},
            "short_trip_high_fare_tips_or_surge",
        ),
        (
            {"trip_duration_min": 60.0, "trip_distance": 11.9},
            "extended_duration_traffic_or_wait",
        ),
        ({"pickup_hour": 20.0}, "night_surge_pricing"),
        ({"pickup_hour": 5.0}, "night_surge_pricing"),
        ({"RatecodeID": "2"}, "airport_flat_rate"),
        ({"RatecodeID": "3"}, "airport_flat_rate"),
        ({"payment_type": "2"}, "cash_payment_tip_not_recorded"),
        ({"RatecodeID": "5"}, "negotiated_fare"),
    ],
)
def test_each_cause_is_recognised(trip: dict[str, Any], cause: str) -> None:
    """On the limit, and no other cause with it."""
    assert probable_causes(USUAL | trip, settings=SETTINGS) == [cause]


@pytest.mark.parametrize(
    "trip",
    [
        {},
        {"trip_distance": 19.9, "total_amount": 20.0},
        {"trip_distance": 20.0, "total_amount": 20.1},
        {"trip_distance": 2.1, "total_amount": 50.0},
        {"trip_distance": 2.0, "total_amount": 49.9},
        {"trip_duration_min": 59.9, "trip_distance": 5.0},
        {"trip_duration_min": 60.0, "trip_distance": 12.0},
        {"pickup_hour": 19.0},
        {"pickup_hour": 6.0},
        {"RatecodeID": "unknown", "payment_type": "0"},
    ],
)
def test_what_looks_like_no_cause_is_unexplained(
    trip: dict[str, Any],
) -> None:
    """Beyond the limit."""
    causes = probable_causes(USUAL | trip, settings=SETTINGS)
    assert causes == ["unexplained"]


def test_a_trip_can_have_several_causes() -> None:
    """In the order of the description."""
    trip = {"pickup_hour": 2.0, "payment_type": "2", "RatecodeID": "5"}
    assert probable_causes(USUAL | trip, settings=SETTINGS) == [
        "night_surge_pricing",
        "cash_payment_tip_not_recorded",
        "negotiated_fare",
    ]


def test_the_causes_are_those_of_the_description() -> None:
    """Seven names that other people's scripts may look for."""
    assert [cause.name for cause in CAUSES] == [
        "long_distance_low_fare_anomaly",
        "short_trip_high_fare_tips_or_surge",
        "extended_duration_traffic_or_wait",
        "night_surge_pricing",
        "airport_flat_rate",
        "cash_payment_tip_not_recorded",
        "negotiated_fare",
    ]


def test_limits_are_settings() -> None:
    """What counts as long is not written into the code."""
    settings = ErrorAnalysisSettings(short_trip_miles=4, high_fare_dollars=20)
    assert probable_causes(USUAL, settings=settings) == [
        "short_trip_high_fare_tips_or_surge"
    ]
