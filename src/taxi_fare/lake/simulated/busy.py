"""How busy zones and hours really are, and how fast the streets."""

import csv
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.ways import SATURDAY, ZONES, street_miles
from taxi_fare.core.zones import EWR, JFK, LGA, zones

_Floats = NDArray[np.float64]

# Pickups and dropoffs by zone come from 120,000 trips of 2019, and so do all
# shares below. Ways get rarer with their miles, from airports more slowly.
_MILES, _AIRPORT_MILES, _ANYWHERE = 1.3, 9.0, 0.01
_ROUNDS = 30

# From midnight, Monday to Friday; then at weekends.
_BY_HOUR = np.array(
    [
        [22, 12, 8, 5, 5, 10, 24, 44, 52, 50, 48, 49],
        [51, 51, 57, 56, 51, 60, 67, 65, 61, 58, 53, 41],
        [52, 42, 31, 22, 15, 8, 11, 16, 24, 37, 45, 50],
        [56, 57, 58, 57, 55, 57, 63, 57, 49, 47, 48, 42],
    ]
).reshape(2, 24)
# From Monday.
_BY_DAY = np.array([131, 147, 149, 153, 153, 144, 123])
# Minutes that a mile takes, from midnight, on working days and at weekends.
MINUTES = np.array(
    [
        [5.4, 5.1, 5.1, 4.8, 4.7, 4.7, 5.3, 6.7, 8.1, 8.8, 8.8, 9.0],
        [8.9, 8.7, 8.7, 8.9, 8.6, 8.5, 8.1, 7.4, 6.8, 6.5, 6.4, 6.0],
        [6.4, 6.0, 5.6, 5.3, 5.1, 4.6, 4.5, 4.9, 5.1, 5.5, 6.0, 6.5],
        [6.9, 7.4, 7.4, 7.5, 7.5, 7.7, 7.5, 7.4, 6.8, 6.7, 6.6, 6.2],
    ]
).reshape(2, 24)
# How much longer rides take in a month, from January.
SLOWNESS = np.exp(
    np.array([-62, -24, -13, -15, 10, 25, -21, -42, 27, 43, 35, 37]) / 1_000
)


@cache
def way_shares() -> _Floats:
    """
    Return how often rides go along each way, added up.

    Returns
    -------
    ndarray of float64, shape (ways,)
        Non-decreasing, up to 1; ways are numbered as in ``core.ways``.
    """
    pickups, dropoffs = _busy_zones()
    miles = street_miles().reshape(ZONES, ZONES)
    shares = np.exp(-miles / _MILES) + _ANYWHERE
    airports = [EWR, JFK, LGA]
    for way in (np.s_[airports, :], np.s_[:, airports]):
        shares[way] = np.exp(-miles[way] / _AIRPORT_MILES)
    # No ride goes by a place that is on no map.
    shares = np.where(np.isnan(miles), 0.0, shares)
    for _ in range(_ROUNDS):  # until both ends are as busy as they are
        shares *= _ratio(pickups, shares.sum(axis=1))[:, None]
        shares *= _ratio(dropoffs, shares.sum(axis=0))
    return _added_up(shares)


def _busy_zones() -> tuple[_Floats, _Floats]:
    text = files(__package__).joinpath("busy_zones.csv").read_text("utf-8")
    found = np.full((2, ZONES), 0.1)  # every zone has a ride some day
    for row in csv.DictReader(text.splitlines()):
        found[:, int(row["number"])] += (
            float(row["pickups"]),
            float(row["dropoffs"]),
        )
    return found[0], found[1]


def _added_up(shares: _Floats) -> _Floats:
    total: _Floats = np.cumsum(shares) / shares.sum()
    return total


def _ratio(wanted: _Floats, found: _Floats) -> _Floats:
    return np.divide(wanted, found, out=np.zeros(ZONES), where=found > 0)


@cache
def manhattan(up_to: float = 90.0) -> NDArray[np.bool_]:
    """
    Tell which zones lie in Manhattan, south of a latitude.

    Returns
    -------
    ndarray of bool, shape (zones,)
        By the zones' numbers.
    """
    found = np.zeros(ZONES, np.bool_)
    for number, zone in zones().items():
        if zone.borough == "Manhattan" and zone.latitude is not None:
            found[number] = zone.latitude < up_to
    return found


@cache
def hour_shares(first_weekday: int, days: int) -> _Floats:
    """
    Return how often rides begin in each hour of a month, added up.

    Parameters
    ----------
    first_weekday : int
        Of the month's first day; Monday is 0.

    Returns
    -------
    ndarray of float64, shape (days * 24,)
        Non-decreasing, up to 1.
    """
    weekday = (first_weekday + np.arange(days)) % 7
    hours = _BY_HOUR / _BY_HOUR.sum(axis=1, keepdims=True)
    shares = _BY_DAY[weekday, None] * hours[(weekday >= SATURDAY).astype(int)]
    return _added_up(shares)
