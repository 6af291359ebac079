"""Draw trips that resemble New York's: zones, ways and times."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.months import Month
from taxi_fare.core.zones import EWR, JFK, LGA

Trips = dict[str, NDArray[Any]]
_Floats = NDArray[np.float64]

ZONES = 263
_AIRPORTS = {EWR: (-16.0, -2.0), JFK: (11.0, -8.0), LGA: (7.0, 4.0)}
_MANHATTAN = 70  # so many zones lie close together and have most trips

CARD, CASH, NO_CHARGE, DISPUTE, UNKNOWN_PAYMENT = 1, 2, 3, 4, 0
_PAYMENTS = (CARD, CASH, NO_CHARGE, DISPUTE, UNKNOWN_PAYMENT)
_PAYMENT_SHARES = (0.785, 0.175, 0.006, 0.004, 0.03)
STANDARD, JFK_RATE, NEWARK_RATE, NEGOTIATED, UNKNOWN_RATE = 1, 2, 3, 5, 99

# Trips by hour of the day, from midnight, as a share of the busiest hour.
_BY_HOUR = np.hstack(
    [
        [36, 24, 16, 11, 8, 9, 21, 40, 56, 62, 66, 71],
        [77, 79, 85, 87, 87, 95, 100, 88, 78, 78, 73, 56],
    ]
)
# Miles an hour in the streets, by hour of the day.
_SPEED = np.hstack(
    [
        [15, 16, 17, 18, 19, 18, 15, 12, 10.5, 10, 10, 10],
        [9.8, 9.8, 9.5, 9, 8.8, 8.8, 9.2, 10, 11, 12, 12.5, 13.5],
    ]
)
_EXTRA_MILES = 0.3
_STREETS = 1.3  # miles driven for each mile as the crow flies


def draw_trips(month: Month, *, count: int, rng: np.random.Generator) -> Trips:
    """
    Draw trips without faults and without prices.

    Returns
    -------
    dict of str to numpy.ndarray
        The TLC's columns by name, ``count`` values each: miles, wall-clock
        times in microseconds.
    """
    trips: Trips = {}
    _draw_places(trips, count=count, rng=rng)
    _draw_times(trips, month=month, count=count, rng=rng)
    _draw_categories(trips, count=count, rng=rng)
    return trips


def _zones() -> tuple[_Floats, _Floats]:
    """Return where zones are, in miles, and how often they are drawn."""
    rng = np.random.default_rng(0)
    places = rng.normal(0.0, 5.0, (ZONES + 1, 2))
    places[:_MANHATTAN] = rng.normal(0.0, 1.0, (_MANHATTAN, 2)) * (0.8, 2.2)
    weights = np.full(ZONES + 1, 0.08)
    weights[:_MANHATTAN] = rng.gamma(2.0, 0.5, _MANHATTAN) + 0.2
    total = weights.sum()
    for zone, place in _AIRPORTS.items():
        places[zone] = place
        weights[zone] = total * 0.03
    weights[EWR] = total * 0.001
    weights[0] = 0.0  # zones count from 1
    return places, weights / weights.sum()


def _draw_places(
    trips: Trips, *, count: int, rng: np.random.Generator
) -> None:
    places, weights = _zones()
    pickup, dropoff = rng.choice(ZONES + 1, (2, count), p=weights)
    crow = np.hypot(*(places[pickup] - places[dropoff]).T)
    spread = rng.lognormal(0.0, 0.12, count)
    miles = crow * _STREETS * spread + _EXTRA_MILES * rng.uniform(1, 4, count)
    trips["PULocationID"], trips["DOLocationID"] = pickup, dropoff
    trips["trip_distance"] = miles.round(2)


def _draw_times(
    trips: Trips, *, month: Month, count: int, rng: np.random.Generator
) -> None:
    days = (month.end - month.start).days
    hour = rng.choice(24, count, p=_BY_HOUR / _BY_HOUR.sum())
    second = rng.integers(0, 3_600, count)
    start = rng.integers(0, days, count) * 86_400 + hour * 3_600 + second
    miles = trips["trip_distance"]
    # Long ways lead over highways.
    speed = _SPEED[hour] * (1 + miles / (miles + 12)) ** 1.2
    hours = miles / (speed * rng.lognormal(0.0, 0.18, count))
    seconds = np.rint(90 + hours * 3_600).astype(np.int64)
    origin = np.datetime64(month.start, "us")
    pickup = origin + (start * 1_000_000).astype("timedelta64[us]")
    taken = (seconds * 1_000_000).astype("timedelta64[us]")
    trips["tpep_pickup_datetime"] = pickup
    trips["tpep_dropoff_datetime"] = pickup + taken


def _draw_categories(
    trips: Trips, *, count: int, rng: np.random.Generator
) -> None:
    pickup, dropoff = trips["PULocationID"], trips["DOLocationID"]
    ends = [(pickup == zone) | (dropoff == zone) for zone in (JFK, EWR)]
    central = in_manhattan(pickup) | in_manhattan(dropoff)
    rare = rng.random(count)
    trips["RatecodeID"] = np.select(
        [rare < 0.005, rare > 0.997, ends[0] & central, ends[1]],
        [NEGOTIATED, UNKNOWN_RATE, JFK_RATE, NEWARK_RATE],
        STANDARD,
    )
    trips["VendorID"] = rng.choice([1, 2, 6], count, p=[0.27, 0.729, 0.001])
    trips["passenger_count"] = rng.choice(
        7, count, p=[0.015, 0.735, 0.145, 0.035, 0.025, 0.025, 0.02]
    )
    trips["payment_type"] = rng.choice(_PAYMENTS, count, p=_PAYMENT_SHARES)
    stored = rng.random(count) < 0.006
    trips["store_and_fwd_flag"] = np.where(stored, "Y", "N")


def in_manhattan(zones: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which zones lie in simulated Manhattan."""
    within: NDArray[np.bool_] = (zones < _MANHATTAN) & (zones != EWR)
    return within
