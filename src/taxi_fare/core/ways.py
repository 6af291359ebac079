"""Ways between two zones: their numbers, kinds, and length by the map."""

from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
)
from taxi_fare.core.zones import EWR, JFK, LGA, Zone, zones

# Zones are numbered from 1; 0 is whatever is none of them.
ZONES = max(zones()) + 1
WAYS = ZONES * ZONES
# Hours of the day, apart for Saturday and Sunday.
SLOTS = 48
SATURDAY = 5
_LEVELS = pa.array([str(number) for number in range(ZONES)])
# Manhattan, the rest, an airport, no place on the map: of both ends.
_KINDS = 4
KINDS_OF_WAYS = _KINDS * _KINDS
# Avenues of Manhattan run 29 degrees east of north.
_GRID_DEGREES = 29.0
_EARTH_MILES, _LATITUDE = 3_958.8, 40.75
# How much of the areas of both ends lies between two rides of a way.
_SPREAD = 0.5

Numbers = NDArray[np.float64]
Ways = NDArray[np.int64]


def way_between(pickup: Zone, dropoff: Zone) -> int:
    """Number a pair of zones."""
    return pickup.number * ZONES + dropoff.number


def ways_of(trips: pa.Table) -> Ways:
    """Number the pair of zones of each trip, from the features."""
    ends = (
        pc.fill_null(pc.index_in(trips[name], value_set=_LEVELS), 0)
        .to_numpy()
        .astype(np.int64)
        for name in (PICKUP_ZONE, DROPOFF_ZONE)
    )
    pickup, dropoff = ends
    return np.asarray(pickup * ZONES + dropoff)


def slots_of(trips: pa.Table) -> Ways:
    """Number the hour of each trip, from the features."""
    hour, weekday = (
        np.asarray(trips[name]) for name in (PICKUP_HOUR, PICKUP_WEEKDAY)
    )
    return np.asarray(_slot(hour, weekday), dtype=np.int64)


def slot_at(time: datetime) -> int:
    """Number the hour of one time."""
    return int(_slot(time.hour, time.weekday()))


def _slot(hour: Any, weekday: Any) -> Any:
    return hour + SLOTS // 2 * (weekday >= SATURDAY)


@cache
def kinds_of_ways() -> NDArray[np.int64]:
    """Return the kind of every way: the kinds of its two ends."""
    kinds = np.full(ZONES, _KINDS - 1)
    for number, zone in zones().items():
        if number in {EWR, JFK, LGA}:
            kinds[number] = 2
        elif zone.latitude is not None:
            kinds[number] = 0 if zone.borough == "Manhattan" else 1
    found: NDArray[np.int64] = kinds[:, None] * _KINDS + kinds[None]
    return found.ravel()


@cache
def street_miles() -> Numbers:
    """
    Return the length of every way along streets and avenues.

    Two rides between two zones do not begin and end at the same doors: the
    areas count as well, so that a way within a zone has a length, too.

    Returns
    -------
    ndarray of float64, shape (ways,)
        Miles; NaN from or to no place on the map.
    """
    east, north, area = (np.full(ZONES, np.nan) for _ in range(3))
    mile = np.radians(1) * _EARTH_MILES
    for number, zone in zones().items():
        if zone.latitude is None or zone.longitude is None:
            continue
        north[number] = zone.latitude * mile
        east[number] = zone.longitude * mile * np.cos(np.radians(_LATITUDE))
        area[number] = zone.square_miles
    turn = np.radians(_GRID_DEGREES)
    across = east * np.cos(turn) - north * np.sin(turn)
    along = east * np.sin(turn) + north * np.cos(turn)
    blocks = sum(
        np.abs(each[None] - each[:, None]) for each in (across, along)
    )
    sizes = area[None] + area[:, None]
    miles: Numbers = np.sqrt(np.square(blocks) + _SPREAD * sizes)
    return miles.ravel()
