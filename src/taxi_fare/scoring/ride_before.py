"""A ride that is asked for before it happens, and what such rides are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from taxi_fare.core.routes import Quartiles, RouteTable
from taxi_fare.core.ways import slot_at, way_between
from taxi_fare.core.zones import Zone
from taxi_fare.scoring.ride import Ride

_CARD = 1


@dataclass(frozen=True)
class RideBefore:
    """
    A ride that is asked for before it happens.

    Parameters
    ----------
    pickup, dropoff : Zone
        From where to where.
    at : datetime
        Pickup, New York wall-clock time.
    passengers : int
        How many.
    payment : int or None
        As in the TLC's data dictionary; None for the mean over all.
    rate_code : int or None
        As there too; None is what a meter would be set to for this way.
    vendor : int
        Maker of the meter.
    flag : str
        Whether the trip is stored before it is sent: Y or N.

    Examples
    --------
    >>> RideBefore(
    ...     find_zone("JFK"), find_zone("Times Sq"),
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... ).payment is None
    True
    """

    pickup: Zone
    dropoff: Zone
    at: datetime
    passengers: int = 1
    payment: int | None = None
    rate_code: int | None = None
    vendor: int = 2
    flag: str = "N"

    def taking(self, miles: float, minutes: float) -> Ride:
        """
        Return the ride as if it had taken so much.

        Parameters
        ----------
        miles, minutes : float
            How far and how long.

        Returns
        -------
        Ride
            Paid by card, where nobody said how.
        """
        return Ride(
            self.pickup,
            self.dropoff,
            miles,
            minutes,
            at=self.at,
            passengers=self.passengers,
            payment=_CARD if self.payment is None else self.payment,
            rate_code=self.rate_code,
            vendor=self.vendor,
            flag=self.flag,
        )


@dataclass(frozen=True)
class UsualRide:
    """
    What rides between two zones usually are.

    Parameters
    ----------
    trips : int
        Train trips that went this way; of none, miles and minutes follow from
        where the zones lie.
    """

    miles: Quartiles
    minutes: Quartiles
    trips: int


def usual_rides(
    rides: Sequence[RideBefore], table: RouteTable
) -> tuple[UsualRide, ...]:
    """Say how far and how long such rides usually are."""
    ways = np.array([way_between(x.pickup, x.dropoff) for x in rides])
    found = table.usual(ways, np.array([slot_at(x.at) for x in rides]))
    miles = Quartiles.of(found.log_miles, found.miles_spread)
    minutes = Quartiles.of(found.log_minutes, found.minutes_spread)
    return tuple(map(UsualRide, miles, minutes, table.trips_of(ways)))


def usual_ride(ride: RideBefore, table: RouteTable) -> UsualRide:
    """Say how far and how long one such ride usually is."""
    (found,) = usual_rides([ride], table)
    return found
