"""The taxi zones of New York: numbers, boroughs and names."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from math import cos, hypot, nan, radians, sqrt

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.likeness import has_words, likenesses, spelt_out

_PLACE = ("latitude", "longitude", "square_miles")
# The airports, by number.
EWR, JFK, LGA = 1, 132, 138
_SHOWN = 5
_LATITUDE, _MILES_A_DEGREE = 40.75, 69.09
# Of 1: less and names have little more than a few letters in common.
_ALIKE = 0.55
# What else people call the airports.
_OTHER_NAMES = {
    "Kennedy Airport": JFK,
    "LGA Airport": LGA,
    "EWR Airport": EWR,
}


@dataclass(frozen=True)
class Zone:
    """
    A taxi zone.

    Parameters
    ----------
    number : int
        As in ``PULocationID`` and ``DOLocationID``.
    borough, name : str
        As the TLC writes them. Some names stand for several zones.
    latitude, longitude : float or None
        Of the middle of its area, degrees; None for no place on the map.
    square_miles : float or None
        Its area.

    Examples
    --------
    >>> zone = find_zone("132")
    >>> zone.borough, str(zone)
    ('Queens', 'JFK Airport (132)')
    """

    number: int
    borough: str
    name: str
    latitude: float | None = None
    longitude: float | None = None
    square_miles: float | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


@cache
def zones() -> Mapping[int, Zone]:
    """
    Return every zone.

    Returns
    -------
    mapping of int to Zone
        The TLC's 265 zones by number; the last two stand for an unknown
        place and for places outside of the city.

    Examples
    --------
    >>> str(zones()[132])
    'JFK Airport (132)'
    """
    # Not opened by its path: the package may lie in a wheel.
    text = files(__package__).joinpath("zones.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    found = (
        Zone(
            int(row["number"]),
            row["borough"],
            row["name"],
            *(float(row[each]) if row[each] else None for each in _PLACE),
        )
        for row in rows
    )
    return {zone.number: zone for zone in found}


def find_zone(text: str) -> Zone:
    """
    Find the zone that a person means.

    Parameters
    ----------
    text : str
        A number, a name, or a part of a name that no other zone has. Case
        does not matter, nor whether it is Sq or Square, JFK or Kennedy.

    Returns
    -------
    Zone
        The zone.

    Raises
    ------
    WrongUsageError
        If there is none or more than one; the message names the nearest.

    Examples
    --------
    >>> find_zone("jfk").number
    132
    >>> str(find_zone("Times Square"))
    'Times Sq/Theatre District (230)'
    """
    wanted = text.strip().casefold()
    if wanted.isdecimal():
        matches = [each for n, each in zones().items() if n == int(wanted)]
    else:
        matches = _named(wanted)
    if len(matches) != 1:
        raise _no_zone(text, matches or _nearest(wanted))
    return matches[0]


def _named(wanted: str) -> list[Zone]:
    """Find zones by their name, else by a part of it, else by its words."""
    names = {zone: zone.name.casefold() for zone in zones().values()}
    found = [zone for zone, name in names.items() if name == wanted]
    if not found and len(wanted) > 1:
        found = [zone for zone, name in names.items() if wanted in name]
    words = spelt_out(wanted)
    if not found and len(words) > 1:
        found = [
            zone
            for zone in names
            if any(has_words(name, words) for name in _names(zone))
        ]
    return found


def _names(zone: Zone) -> list[str]:
    """Return what a zone is called: by the TLC, then by people."""
    others = (x for x, number in _OTHER_NAMES.items() if number == zone.number)
    return [zone.name, *others]


@lru_cache(maxsize=4096)
def shortest_miles(pickup: Zone, dropoff: Zone) -> float:
    """
    Return what no ride between two zones is shorter than.

    Of the real trips of 2019, one in 5,000 is: the meter broke.

    Returns
    -------
    float
        Miles by air from edge to edge; 0 from or to no place on the map.
    """
    (north, east, size), (south, west, other) = map(_place, (pickup, dropoff))
    across = (east - west) * cos(radians(_LATITUDE))
    between = hypot(north - south, across) * _MILES_A_DEGREE
    shortest = between - sqrt(size) - sqrt(other)
    return shortest if shortest > 0 else 0.0  # nor is it a number


def _place(zone: Zone) -> tuple[float, float, float]:
    place = zone.latitude, zone.longitude, zone.square_miles
    latitude, longitude, size = (
        nan if each is None else each for each in place
    )
    return latitude, longitude, size


def _nearest(wanted: str) -> list[Zone]:
    every = {zone: _names(zone) for zone in zones().values()}
    alike = likenesses(wanted, {x for names in every.values() for x in names})
    best = {
        zone: max(alike[name] for name in names)
        for zone, names in every.items()
    }
    found = [zone for zone, likeness in best.items() if likeness >= _ALIKE]
    # What is a name by itself before what is a part of another.
    return sorted(found, key=lambda zone: (-best[zone], len(zone.name)))


def _no_zone(text: str, nearest: list[Zone]) -> WrongUsageError:
    listed = ", ".join(map(str, nearest[:_SHOWN]))
    more = ", …" if len(nearest) > _SHOWN else ""
    return WrongUsageError(
        f"{text!r} names no single taxi zone.",
        expected="a number from 1 to 265, or a name that one zone has",
        remedy=f"the nearest are {listed}{more}."
        if nearest
        else "look it up in the TLC's taxi_zone_lookup.csv.",
    )
