"""Soil simulated trips with the faults that real months have."""

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.months import Month
from taxi_fare.lake.simulated.habits import DISPUTE, NO_CHARGE, habits_of
from taxi_fare.lake.simulated.prices import CHARGES
from taxi_fare.lake.simulated.trips import Trips

# Shares of the trips, as in the real months of 2019 and 2023.
_NO_DISTANCE = 0.009
_BACKWARDS = 0.0008
_METER_LEFT_ON = 0.0015
_WRONG_MONTH = 0.0001
_ABSURD_DISTANCE = 0.00005
_ABSURD_TOTAL = 0.000003


def soil(trips: Trips, *, month: Month, rng: np.random.Generator) -> None:
    """Break some trips, at least one in every way."""
    _refund(trips, share=habits_of(month).refunded, rng=rng)
    _mismeasure(trips, rng)
    _mistime(trips, month=month, rng=rng)
    absurd = _some(trips, share=_ABSURD_TOTAL, rng=rng)
    trips["total_amount"][absurd] = rng.uniform(1_200, 400_000, len(absurd))


def _some(
    trips: Trips, *, share: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    count = len(trips["VendorID"])
    how_many = max(1, rng.poisson(share * count))
    return rng.choice(count, min(how_many, count), replace=False)


def _refund(trips: Trips, *, share: float, rng: np.random.Generator) -> None:
    refunded = _some(trips, share=share, rng=rng)
    for name in (*CHARGES, "total_amount"):
        trips[name][refunded] *= -1
    trips["total_amount"][refunded] += trips["tip_amount"][refunded]
    trips["tip_amount"][refunded] = 0.0
    trips["payment_type"][refunded] = rng.choice(
        [NO_CHARGE, DISPUTE], len(refunded)
    )


def _mismeasure(trips: Trips, rng: np.random.Generator) -> None:
    unmeasured = _some(trips, share=_NO_DISTANCE, rng=rng)
    trips["trip_distance"][unmeasured] = 0.0
    absurd = _some(trips, share=_ABSURD_DISTANCE, rng=rng)
    miles = rng.uniform(1e4, 3e5, len(absurd))
    trips["trip_distance"][absurd] = miles.round(2)
    negative = _some(trips, share=_ABSURD_DISTANCE, rng=rng)
    trips["trip_distance"][negative] = -1.0


def _mistime(trips: Trips, *, month: Month, rng: np.random.Generator) -> None:
    pickup = trips["tpep_pickup_datetime"]
    dropoff = trips["tpep_dropoff_datetime"]
    backwards = _some(trips, share=_BACKWARDS, rng=rng)
    dropoff[backwards] = pickup[backwards] - np.timedelta64(90, "s")
    left_on = _some(trips, share=_METER_LEFT_ON, rng=rng)
    taken = rng.uniform(23.5, 24.2, len(left_on)) * 3.6e9
    dropoff[left_on] = pickup[left_on] + taken.astype("timedelta64[us]")
    # Clocks that were reset: a day before the month, and years before.
    wrong = _some(trips, share=_WRONG_MONTH, rng=rng)
    shift = rng.choice([32, 365 * 14], len(wrong)).astype("timedelta64[D]")
    pickup[wrong] -= shift
    dropoff[wrong] -= shift
