"""The taxi zones of New York: numbers, boroughs and names."""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from importlib.resources import files
from math import cos, hypot, nan, radians, sqrt

from taxi_fare.core.errors import WrongUsageError

_PLACE = ("latitude", "longitude", "square_miles")
# The airports, by number.
EWR, JFK, LGA = 1, 132, 138
_SHOWN = 5
_LATITUDE, _MILES_A_DEGREE = 40.75, 69.09
# Of 1: less and names have little more than a few letters in common.
_ALIKE = 0.6
_WORD = re.compile(r"\w+")


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
        A number, a name, or a part of a name that no other zone has; case
        does not matter.

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
    """
    wanted = text.strip().casefold()
    names = {zone: zone.name.casefold() for zone in zones().values()}
    if wanted.isdecimal():
        matches = [zone for zone in names if zone.number == int(wanted)]
    else:
        matches = [zone for zone, name in names.items() if name == wanted]
    if not matches and len(wanted) > 1 and not wanted.isdecimal():
        matches = [zone for zone, name in names.items() if wanted in name]
    if len(matches) != 1:
        raise _no_zone(text, matches or _nearest(wanted, names))
    return matches[0]


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


def _nearest(wanted: str, names: Mapping[Zone, str]) -> list[Zone]:
    likeness = {zone: _likeness(wanted, name) for zone, name in names.items()}
    alike = [zone for zone, value in likeness.items() if value >= _ALIKE]
    return sorted(alike, key=lambda zone: -likeness[zone])


def _likeness(wanted: str, name: str) -> float:
    """Count shared words; the part that is most alike adds up to 1."""
    words, theirs = _WORD.findall(name), _WORD.findall(wanted)
    parts = (SequenceMatcher(None, wanted, part) for part in (name, *words))
    return len({*words} & {*theirs}) + max(each.ratio() for each in parts)


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
