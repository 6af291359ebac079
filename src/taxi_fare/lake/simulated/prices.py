"""Price simulated trips: meter, flat rates, surcharges, tolls and tips."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.ways import SATURDAY
from taxi_fare.core.zones import EWR, JFK, LGA
from taxi_fare.lake.simulated.busy import manhattan
from taxi_fare.lake.simulated.habits import CARD
from taxi_fare.lake.simulated.tariffs import rates_at
from taxi_fare.lake.simulated.trips import (
    JFK_RATE,
    NEGOTIATED,
    NEWARK_RATE,
    OUTSIDE_RATE,
    Trips,
)

_Floats = NDArray[np.float64]
_Rates = NDArray[Any]

_MTA_TAX = 0.5
# Where the congestion surcharge holds, and where the fee for the centre does.
_STREET_96, _STREET_60 = 40.793, 40.765
# By miles an hour: which share of the miles, and of the minutes, is metered.
_SPEEDS = (3.0, 6.0, 8.5, 12.0, 17.0, 25.0, 40.0)
_MILES_COUNT = (0.27, 0.44, 0.55, 0.74, 0.83, 0.86, 0.93)
_MINUTES_COUNT = (0.93, 0.87, 0.8, 0.64, 0.54, 0.49, 0.31)
# What is agreed on: the logarithm of dollars.
_AGREED, _AGREED_SPREAD = np.log(48.0), 0.55
# Shares of rides with a toll, and of what is tipped; the rest tips anything.
_TOLLS = {"airport": 0.85, "into": 0.27, "out of": 0.16, "elsewhere": 0.03}
_NEWARK_TOLLS = 2.1
_TIPS = {0.0: 0.035, 0.2: 0.52, 0.25: 0.095, 0.15: 0.05, 0.3: 0.035}
_ANY_TIP, _GENEROUS = (0.04, 0.24), 0.002
# What every trip is charged with, besides tolls and the airports' fee.
CHARGES = (
    "fare_amount",
    "extra",
    "mta_tax",
    "improvement_surcharge",
    "congestion_surcharge",
)
_ADDED = ("airport_fee", "tolls_amount", "cbd_congestion_fee")


def add_prices(trips: Trips, *, rng: np.random.Generator) -> None:
    """
    Add what each trip cost.

    Parameters
    ----------
    trips : dict of str to numpy.ndarray
        From ``draw_trips``; gets the TLC's columns of money, in dollars.
    """
    pickup, dropoff = trips["PULocationID"], trips["DOLocationID"]
    rates = rates_at(trips["tpep_pickup_datetime"])
    trips["fare_amount"] = _fares(trips, rates=rates, rng=rng).round(2)
    trips["extra"] = _extras(trips, rates)
    trips["mta_tax"] = np.full(len(rates), _MTA_TAX)
    trips["improvement_surcharge"] = rates["improvement"].copy()
    for name, fee, north in (
        ("congestion_surcharge", "congestion", _STREET_96),
        ("cbd_congestion_fee", "cbd", _STREET_60),
    ):
        within = manhattan(north)
        trips[name] = np.where(
            within[pickup] | within[dropoff], rates[fee], 0.0
        )
    at_airport = np.isin(pickup, (JFK, LGA))
    trips["airport_fee"] = np.where(at_airport, rates["airport"], 0.0)
    trips["tolls_amount"] = _tolls(trips, rates=rates, rng=rng).round(2)
    charged = (*CHARGES, *_ADDED)
    before_tip = np.sum([trips[name] for name in charged], axis=0)
    trips["tip_amount"] = _tips(trips, before_tip=before_tip, rng=rng).round(2)
    trips["total_amount"] = (before_tip + trips["tip_amount"]).round(2)


def _fares(
    trips: Trips, *, rates: _Rates, rng: np.random.Generator
) -> _Floats:
    taken = trips["tpep_dropoff_datetime"] - trips["tpep_pickup_datetime"]
    minutes, miles = taken / np.timedelta64(1, "m"), trips["trip_distance"]
    speed = miles / np.maximum(minutes / 60, 1e-3)
    # The meter counts miles, or minutes where the taxi is slow.
    steps = np.rint(
        5 * miles * np.interp(speed, _SPEEDS, _MILES_COUNT)
        + minutes * np.interp(speed, _SPEEDS, _MINUTES_COUNT)
    )
    metered = rates["flag_fall"] + rates["step"] * steps
    agreed = rng.lognormal(_AGREED, _AGREED_SPREAD, len(rates))
    rate = trips["RatecodeID"]
    kinds = (JFK_RATE, NEWARK_RATE, NEGOTIATED, OUTSIDE_RATE)
    found: _Floats = np.select(
        [rate == kind for kind in kinds],
        [
            *(rates["jfk"], metered + rates["newark"], agreed),
            # Beyond the city a mile counts twice.
            metered + rates["step"] * steps / 2,
        ],
        metered,
    )
    return found


def _extras(trips: Trips, rates: _Rates) -> _Floats:
    pickup = trips["tpep_pickup_datetime"]
    day = pickup.astype("datetime64[D]")
    hour = (pickup - day) // np.timedelta64(1, "h")
    # 1 January 1970 was a Thursday.
    weekday = (day.astype(np.int64) + 3) % 7
    rush = (weekday < SATURDAY) & (hour >= 16) & (hour < 20)
    night = (hour >= 20) | (hour < 6)
    flat = trips["RatecodeID"] == JFK_RATE
    by_hour = np.select(
        [rush & flat, rush, night & ~flat],
        [rates["jfk_rush"], rates["rush"], rates["night"]],
        0.0,
    )
    at_la_guardia = trips["PULocationID"] == LGA
    extras: _Floats = by_hour + at_la_guardia * rates["la_guardia"]
    return extras


def _tolls(
    trips: Trips, *, rates: _Rates, rng: np.random.Generator
) -> _Floats:
    pickup, dropoff = trips["PULocationID"], trips["DOLocationID"]
    begin, end = manhattan()[pickup], manhattan()[dropoff]
    airport = np.isin(pickup, (JFK, LGA)) | np.isin(dropoff, (JFK, LGA))
    share = np.select(
        [airport & (begin | end), end & ~begin, begin & ~end, ~begin],
        [*_TOLLS.values()],
        0.0,
    )
    tolled = rng.random(len(rates)) < share
    newark = dropoff == EWR
    dollars = np.where(newark, _NEWARK_TOLLS, 1.0) * rates["toll"]
    return np.where(tolled | newark, dollars, 0.0)


def _tips(
    trips: Trips, *, before_tip: _Floats, rng: np.random.Generator
) -> _Floats:
    count = len(before_tip)
    any_tip = rng.uniform(*_ANY_TIP, count)
    drawn = np.searchsorted(np.cumsum([*_TIPS.values()]), rng.random(count))
    usual = np.array([*_TIPS, np.nan])[drawn]
    shares = np.where(np.isnan(usual), any_tip, usual)
    rare = rng.random(count) < _GENEROUS
    generous = np.where(rare, rng.uniform(0, 80, count), 0)
    # What is tipped in cash is not recorded.
    by_card = trips["payment_type"] == CARD
    return np.where(by_card, before_tip * shares + generous, 0.0)
