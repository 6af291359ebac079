"""Price simulated trips: meter, flat rates, surcharges, tolls and tips."""

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.months import Month
from taxi_fare.core.zones import JFK, LGA
from taxi_fare.lake.simulated.trips import (
    CARD,
    JFK_RATE,
    NEGOTIATED,
    NEWARK_RATE,
    Trips,
    in_manhattan,
)

_Floats = NDArray[np.float64]

# Source: the TLC's rates of 2023, in dollars.
_FLAG_FALL, _A_MILE, _A_SLOW_MINUTE = 3.0, 3.5, 0.7
_JFK_FLAT, _NEWARK_MORE, _TOLL = 70.0, 20.0, 6.55
# Prices rise by so much a month: windows and test months differ a little.
_DRIFT = 0.002
_TIP_SHARES = (0.06, 0.12, 0.6, 0.17, 0.05)
# What every trip is charged with, besides tolls and the airports' fee.
CHARGES = (
    "fare_amount",
    "extra",
    "mta_tax",
    "improvement_surcharge",
    "congestion_surcharge",
)


def add_prices(
    trips: Trips, *, month: Month, rng: np.random.Generator
) -> None:
    """
    Add what each trip cost.

    Parameters
    ----------
    trips : dict of str to numpy.ndarray
        From ``draw_trips``; gets the TLC's columns of money, in dollars.
    """
    count = len(trips["VendorID"])
    trips["fare_amount"] = _fares(trips, month=month, rng=rng).round(2)
    trips["extra"] = _extras(trips)
    trips["mta_tax"] = np.full(count, 0.5)
    trips["improvement_surcharge"] = np.full(count, 1.0)
    central = in_manhattan(trips["PULocationID"])
    trips["congestion_surcharge"] = np.where(central, 2.5, 0.0)
    at_airport = np.isin(trips["PULocationID"], (JFK, LGA))
    trips["airport_fee"] = np.where(at_airport, 1.25, 0.0)
    far = trips["trip_distance"] > 8
    tolled = far & (rng.random(count) < 0.5)
    trips["tolls_amount"] = np.where(tolled, _TOLL, 0.0)
    charged = (*CHARGES, "airport_fee", "tolls_amount")
    before_tip = np.sum([trips[name] for name in charged], axis=0)
    trips["tip_amount"] = _tips(trips, before_tip=before_tip, rng=rng).round(2)
    trips["total_amount"] = (before_tip + trips["tip_amount"]).round(2)


def _fares(trips: Trips, *, month: Month, rng: np.random.Generator) -> _Floats:
    count = len(trips["VendorID"])
    taken = trips["tpep_dropoff_datetime"] - trips["tpep_pickup_datetime"]
    minutes = taken / np.timedelta64(1, "m")
    miles = trips["trip_distance"]
    age = (month.start.year - 2023) * 12 + month.start.month - 1
    metered = (
        _FLAG_FALL + _A_MILE * miles * 0.7 + _A_SLOW_MINUTE * minutes * 0.45
    ) * (1 + _DRIFT * age)
    rate = trips["RatecodeID"]
    return np.select(
        [rate == JFK_RATE, rate == NEWARK_RATE, rate == NEGOTIATED],
        [
            np.full(count, _JFK_FLAT),
            metered + _NEWARK_MORE,
            metered * rng.uniform(0.8, 2.2, count),
        ],
        metered,
    )


def _extras(trips: Trips) -> _Floats:
    pickup = trips["tpep_pickup_datetime"]
    day = pickup.astype("datetime64[D]")
    hour = (pickup - day) // np.timedelta64(1, "h")
    # 1 January 1970 was a Thursday.
    weekday = (day.astype(np.int64) + 3) % 7
    rush = (weekday < 5) & (hour >= 16) & (hour < 20)
    night = (hour >= 20) | (hour < 6)
    return np.select([rush, night], [2.5, 1.0], 0.0)


def _tips(
    trips: Trips, *, before_tip: _Floats, rng: np.random.Generator
) -> _Floats:
    count = len(before_tip)
    usual = rng.choice([0.0, 0.15, 0.2, 0.25, 0.3], count, p=_TIP_SHARES)
    rare = rng.random(count) < 0.002
    generous = np.where(rare, rng.uniform(0, 80, count), 0)
    tips = before_tip * usual * rng.uniform(0.9, 1.1, count) + generous
    # What is tipped in cash is not recorded.
    return np.where(trips["payment_type"] == CARD, tips, 0.0)
