"""A ride that a price is asked for."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_AT,
    DROPOFF_ZONE,
    PASSENGERS,
    PAYMENT,
    PICKUP_AT,
    PICKUP_ZONE,
    RATE_CODE,
    STORED,
    VENDOR,
)
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.zones import Zone, zones

STANDARD, JFK_FARE, NEWARK_FARE = 1, 2, 3
_JFK, _NEWARK = 132, 1
# What the TLC writes where it is not known.
_NO_RATE_CODE = 99
Answer = Literal["distance", "minutes", "passengers"]
# Unknown, and outside of the city.
_UNKNOWN, _OUTSIDE = 264, 265
_NOWHERE = {_UNKNOWN, _OUTSIDE}


def usual_rate_code(pickup: Zone, dropoff: Zone) -> int:
    """Return what a meter would be set to; source: the TLC's fare rules."""
    boroughs = pickup.borough, dropoff.borough
    if _JFK in (pickup.number, dropoff.number) and "Manhattan" in boroughs:
        return JFK_FARE
    return NEWARK_FARE if dropoff.number == _NEWARK else STANDARD


@dataclass(frozen=True)
class Ride:
    """
    A ride that is asked for.

    Parameters
    ----------
    pickup, dropoff : Zone
        From where to where.
    distance, minutes : float
        How far in miles, and how long.
    at : datetime
        Pickup, New York wall-clock time.
    passengers, payment : int
        As in the TLC's data dictionary.
    rate_code : int or None
        As there too; None is what a meter would be set to for this way.
    vendor : int
        Maker of the meter: 1 or 2.
    flag : str
        Whether the trip is stored before it is sent: Y or N.

    Attributes
    ----------
    rate_code_assumed : bool
        Whether nobody told the rate code.

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> ride.to_trip()["PULocationID"], ride.to_trip()["RatecodeID"]
    (132, 2)
    """

    pickup: Zone
    dropoff: Zone
    distance: float
    minutes: float
    at: datetime
    passengers: int = 1
    payment: int = 1
    rate_code: int | None = None
    vendor: int = 2
    flag: str = "N"
    rate_code_assumed: bool = field(init=False, default=False, compare=False)

    def __post_init__(self) -> None:
        if self.rate_code is None:
            usual = usual_rate_code(self.pickup, self.dropoff)
            object.__setattr__(self, "rate_code", usual)
            object.__setattr__(self, "rate_code_assumed", True)

    def to_trip(self) -> dict[str, Any]:
        """
        Return the ride as a trip.

        Returns
        -------
        dict
            By raw column.
        """
        return {
            VENDOR: self.vendor,
            PICKUP_AT: self.at,
            DROPOFF_AT: self.at + timedelta(minutes=self.minutes),
            PASSENGERS: self.passengers,
            DISTANCE: self.distance,
            RATE_CODE: self.rate_code,
            STORED: self.flag,
            PICKUP_ZONE: self.pickup.number,
            DROPOFF_ZONE: self.dropoff.number,
            PAYMENT: self.payment,
        }


def ride_of(trip: Mapping[str, Any]) -> Ride:
    """
    Return a trip by raw column as a ride: 1 passenger, who pays by card,
    where it does not tell, and a rate code that is not known.

    Its zone is the unknown one where the trip names none that there is.
    """
    known = zones()
    ends = (known.get(trip[x]) for x in (PICKUP_ZONE, DROPOFF_ZONE))
    pickup, dropoff = (each or known[_UNKNOWN] for each in ends)
    took = trip[DROPOFF_AT] - trip[PICKUP_AT]
    told = (trip.get(x) for x in (PASSENGERS, PAYMENT))
    passengers, payment = (1 if x is None else x for x in told)
    return Ride(
        pickup,
        dropoff,
        distance=trip[DISTANCE],
        minutes=took.total_seconds() / 60,
        at=trip[PICKUP_AT],
        passengers=passengers,
        payment=payment,
        rate_code=trip.get(RATE_CODE) or _NO_RATE_CODE,
    )


def knows_place(*zones: Zone) -> bool:
    """Tell whether all of some zones lie somewhere."""
    return not any(zone.number in _NOWHERE for zone in zones)


def check_place(zone: Zone) -> None:
    """
    Refuse a zone that is nowhere: nobody knows how far it is.

    Raises
    ------
    WrongUsageError
        If it is.
    """
    if not knows_place(zone):
        raise WrongUsageError(
            f"Zone {zone.number} ({zone.name}, {zone.borough}) is no place on"
            " the map: how far it is is not known before the ride.",
            expected="a zone of the city",
            remedy="name the zone, or give --distance and --minutes.",
        )


def check_ride(ride: Ride, *, longest: float) -> None:
    """
    Refuse what the rules for trips of the lake refuse.

    Parameters
    ----------
    longest : float
        Minutes that a ride must be shorter than.

    Raises
    ------
    WrongUsageError
        If there can be no such ride.
    """
    expected: dict[Answer, tuple[str, str]] = {
        "distance": (f"{ride.distance:g} miles", "0 miles or more"),
        "minutes": (
            f"{ride.minutes:g} minutes",
            f"between 0 and {longest:g} minutes",
        ),
        "passengers": (f"{ride.passengers} passengers", "0 or more"),
    }
    wrong = refused_answer(ride, longest=longest)
    if wrong is not None:
        raise _impossible(*expected[wrong])


def refused_answer(ride: Ride, *, longest: float) -> Answer | None:
    """
    Name the answer for which there can be no such ride.

    Parameters
    ----------
    longest : float
        Minutes that a ride must be shorter than.

    Returns
    -------
    str or None
        A field of the ride: the first that the rules refuse.
    """
    if not 0 <= ride.distance < math.inf:
        return "distance"
    if not 0 < ride.minutes < longest:
        return "minutes"
    return "passengers" if ride.passengers < 0 else None


def _impossible(found: str, expected: str) -> WrongUsageError:
    return WrongUsageError(
        f"There is no ride of {found}.",
        expected=expected,
        remedy="correct the option.",
    )
