"""Draw trips that could be New York's: zones, ways, times and habits."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.months import Month
from taxi_fare.core.ways import SATURDAY, ZONES, street_miles
from taxi_fare.core.zones import EWR, JFK
from taxi_fare.lake.simulated.busy import (
    MINUTES,
    SLOWNESS,
    hour_shares,
    manhattan,
    way_shares,
)
from taxi_fare.lake.simulated.habits import Habits, habits_of

Trips = dict[str, NDArray[Any]]
_Floats = NDArray[np.float64]

STANDARD, JFK_RATE, NEWARK_RATE, OUTSIDE_RATE = 1, 2, 3, 4
NEGOTIATED, UNKNOWN_RATE = 5, 99
_UNKNOWN_ZONE, _OUTSIDE = 264, 265
# Shares of the trips of 2019, and how far outside of the city they end.
_NOWHERE, _ABROAD, _MILES_ABROAD = 0.006, 0.0023, (2.0, 25.0)
# Of the rides that end there, at the rate for the counties beside the city.
_DOUBLE = 0.35
_PASSENGERS = (0.018, 0.709, 0.152, 0.042, 0.02, 0.037, 0.022)
_STORED = 0.0085
# Half of the rides at a negotiated price are told as going nowhere.
_UNTOLD, _UNTOLD_MILES = 0.45, (0.01, 0.3)
# Miles driven for a mile along the streets, and how much that differs (the
# logarithm's standard deviation), by miles along the streets.
_BY_MILES = (0.4, 0.8, 1.25, 1.75, 2.5, 3.5, 5.0, 7.0, 10.0, 14.0, 20.0)
_DETOUR = (1.11, 0.99, 0.92, 0.93, 0.965, 1.015, 1.08, 1.165, 1.11, 1.23, 1.1)
_SPREAD = (0.45, 0.375, 0.345, 0.275, 0.215, 0.2, 0.2, 0.185, 0.18, 0.14, 0.12)
# Minutes grow with miles like this, in logarithms; what is left is luck.
_GROWTH, _BEND, _LUCK = 0.815, -0.067, 0.33


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
    _draw_rates(trips, habits=habits_of(month), rng=rng)
    _draw_times(trips, month=month, rng=rng)
    _draw_the_rest(trips, habits=habits_of(month), rng=rng)
    return trips


def _draw_places(
    trips: Trips, *, count: int, rng: np.random.Generator
) -> None:
    way = np.searchsorted(way_shares(), rng.random(count), side="right")
    pickup, dropoff = np.divmod(way, ZONES)
    streets = street_miles()[way]
    spread = np.interp(streets, _BY_MILES, _SPREAD) * rng.normal(size=count)
    detour = np.interp(streets, _BY_MILES, _DETOUR) * np.exp(spread)
    abroad = rng.random(count) < _ABROAD
    far = np.where(abroad, rng.uniform(*_MILES_ABROAD, count), 0.0)
    nowhere = rng.random(count) < _NOWHERE
    dropoff = np.select([abroad, nowhere], [_OUTSIDE, _UNKNOWN_ZONE], dropoff)
    trips["PULocationID"] = np.where(nowhere, _UNKNOWN_ZONE, pickup)
    trips["DOLocationID"] = dropoff
    trips["trip_distance"] = (streets * detour + far).round(2)


def _draw_rates(
    trips: Trips, *, habits: Habits, rng: np.random.Generator
) -> None:
    pickup, dropoff = trips["PULocationID"], trips["DOLocationID"]
    count, central = len(pickup), manhattan()
    to_jfk = (dropoff == JFK) & central[pickup]
    from_jfk = (pickup == JFK) & central[dropoff]
    rare = rng.random(count)
    negotiated = rare < habits.negotiated
    trips["RatecodeID"] = np.select(
        [
            *(negotiated, rare > 1 - habits.unknown_rate, to_jfk | from_jfk),
            *(dropoff == EWR, (dropoff == _OUTSIDE) & (rare < _DOUBLE)),
        ],
        [NEGOTIATED, UNKNOWN_RATE, JFK_RATE, NEWARK_RATE, OUTSIDE_RATE],
        STANDARD,
    )
    untold = negotiated & (rng.random(count) < _UNTOLD)
    miles = rng.uniform(*_UNTOLD_MILES, count).round(2)
    trips["trip_distance"] = np.where(untold, miles, trips["trip_distance"])


def _draw_times(
    trips: Trips, *, month: Month, rng: np.random.Generator
) -> None:
    miles = trips["trip_distance"]
    count, days = len(miles), (month.end - month.start).days
    weekday = month.start.weekday()
    shares = hour_shares(weekday, days)
    start = np.searchsorted(shares, rng.random(count), side="right")
    day, hour = np.divmod(start, 24)
    weekend = (weekday + day) % 7 >= SATURDAY
    logarithm = np.log(np.maximum(miles, 0.05))
    grown = logarithm * (_GROWTH + _BEND * logarithm)
    luck = np.exp(grown + _LUCK * rng.normal(size=count))
    slow = SLOWNESS[month.start.month - 1]
    minutes = MINUTES[weekend.astype(np.int64), hour] * luck * slow
    second = start * 3_600 + rng.integers(0, 3_600, count)
    origin = np.datetime64(month.start, "us")
    pickup = origin + (second * 1_000_000).astype("timedelta64[us]")
    taken = np.rint(minutes * 60).astype(np.int64) * 1_000_000
    trips["tpep_pickup_datetime"] = pickup
    trips["tpep_dropoff_datetime"] = pickup + taken.astype("timedelta64[us]")


def _draw_the_rest(
    trips: Trips, *, habits: Habits, rng: np.random.Generator
) -> None:
    count = len(trips["trip_distance"])
    for name, shares in (
        ("VendorID", habits.vendors),
        ("payment_type", habits.payments),
        ("passenger_count", dict(enumerate(_PASSENGERS))),
    ):
        trips[name] = rng.choice([*shares], count, p=[*shares.values()])
    stored = rng.random(count) < _STORED
    trips["store_and_fwd_flag"] = np.where(stored, "Y", "N")
