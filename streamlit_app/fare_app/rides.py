"""Rides that a person asks for, and the real trips that are like them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pandas as pd

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    LABEL,
    PASSENGERS,
    PAYMENT,
    PICKUP_ZONE,
    RATE_CODE,
)
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore

# Fewer trips than this have no quartiles worth showing.
ENOUGH = 20
_SHARE, _MILES, _MINUTES = 0.2, 0.3, 3.0
# The sample's extremes are single odd trips: beyond 999 of 1,000 is outside.
_TAIL = 0.001


@dataclass(frozen=True)
class Similar:
    """
    Real trips that are like a ride.

    Parameters
    ----------
    trips : DataFrame
        The trips; possibly few or none.
    alike : str
        In what they are alike: ``zones``, ``boroughs``, ``fare``, ``way``.
    """

    trips: pd.DataFrame
    alike: str


def moment(*, year: int, month: int, weekday: int, hour: int) -> datetime:
    """
    Return a time on such a day.

    Parameters
    ----------
    year : int
        Of the trips that the model knows.
    month, weekday, hour : int
        1 to 12, 0 (Monday) to 6, 0 to 23.

    Returns
    -------
    datetime
        In the second week of the month.
    """
    day = datetime(year, month, 8, hour)
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def similar_trips(ride: Ride, sample: pd.DataFrame) -> Similar:
    """
    Find real trips that are like a ride, the more alike the better.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    sample : DataFrame
        Of ``load_sample``.

    Returns
    -------
    Similar
        The first kind of likeness that has enough trips, or the loosest.
        Distance and minutes differ by a fifth at most.
    """
    way = _near(sample[DISTANCE], value=ride.distance, least=_MILES) & _near(
        sample[DURATION], value=ride.minutes, least=_MINUTES
    )
    paid = sample[PAYMENT] == str(ride.payment)
    fare = sample[RATE_CODE] == str(ride.rate_code)
    zones = (sample[PICKUP_ZONE] == str(ride.pickup.number)) & (
        sample[DROPOFF_ZONE] == str(ride.dropoff.number)
    )
    boroughs = (sample["pickup_borough"] == ride.pickup.borough) & (
        sample["dropoff_borough"] == ride.dropoff.borough
    )
    kinds = {
        "zones": way & paid & fare & zones,
        "boroughs": way & paid & fare & boroughs,
        "fare": way & paid & fare,
        "way": way,
    }
    enough = [name for name, mask in kinds.items() if mask.sum() >= ENOUGH]
    alike = enough[0] if enough else "way"
    return Similar(sample[kinds[alike]], alike)


def between_zones(
    ride: Ride | RideBefore, sample: pd.DataFrame
) -> pd.DataFrame:
    """
    Find real trips between two zones.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    sample : DataFrame
        Of ``load_sample``.

    Returns
    -------
    DataFrame
        Trips of any length and price.
    """
    return sample[
        (sample[PICKUP_ZONE] == str(ride.pickup.number))
        & (sample[DROPOFF_ZONE] == str(ride.dropoff.number))
    ]


def outside(
    ride: Ride, sample: pd.DataFrame
) -> list[tuple[str, float, float, float]]:
    """
    Find in what a ride lies beyond real trips.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    sample : DataFrame
        Of ``load_sample``.

    Returns
    -------
    list of tuple
        Name, value, and the limits that all but 1 in 1,000 trips keep on
        each side.
    """
    # A single odd trip has any speed: these need an hour and a mile to tell.
    speed = sample[DISTANCE] / (sample[DURATION] / 60)
    values: dict[str, tuple[float, pd.Series]] = {
        DISTANCE: (ride.distance, sample[DISTANCE]),
        DURATION: (ride.minutes, sample[DURATION]),
        PASSENGERS: (ride.passengers, sample[PASSENGERS]),
        "speed": (60 * ride.distance / ride.minutes, speed),
    }
    found = []
    for name, (value, known) in values.items():
        low, high = known.quantile([_TAIL, 1 - _TAIL])
        if not low <= value <= high:
            found.append((name, value, float(low), float(high)))
    return found


def quartiles(trips: pd.DataFrame) -> tuple[float, float, float]:
    """
    Return what a quarter, a half, and three quarters paid at most.

    Parameters
    ----------
    trips : DataFrame
        At least one trip.

    Returns
    -------
    tuple of float
        Dollars.
    """
    low, middle, high = trips[LABEL].quantile([0.25, 0.5, 0.75])
    return float(low), float(middle), float(high)


def _near(values: pd.Series, *, value: float, least: float) -> pd.Series:
    return (values - value).abs() <= max(_SHARE * value, least)
