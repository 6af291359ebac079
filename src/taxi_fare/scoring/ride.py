"""A ride that a price is asked for."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

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
from taxi_fare.core.zones import Zone


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
    passengers, payment, rate_code, vendor : int
        As in the TLC's data dictionary.
    flag : str
        Whether the trip is stored before it is sent: Y or N.

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> ride.to_trip()["PULocationID"]
    132
    """

    pickup: Zone
    dropoff: Zone
    distance: float
    minutes: float
    at: datetime
    passengers: int = 1
    payment: int = 1
    rate_code: int = 1
    vendor: int = 2
    flag: str = "N"

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
    if not 0 <= ride.distance < math.inf:
        raise _impossible(f"{ride.distance:g} miles", "0 miles or more")
    if not 0 < ride.minutes < longest:
        raise _impossible(
            f"{ride.minutes:g} minutes", f"between 0 and {longest:g} minutes"
        )
    if ride.passengers < 0:
        raise _impossible(f"{ride.passengers} passengers", "0 or more")


def _impossible(found: str, expected: str) -> WrongUsageError:
    return WrongUsageError(
        f"There is no ride of {found}.",
        expected=expected,
        remedy="correct the option.",
    )
