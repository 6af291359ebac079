"""Price many rides at once, before them and after them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taxi_fare.core.intervals import Intervals
from taxi_fare.core.ways import Numbers
from taxi_fare.scoring.before import prices_before, require_routes
from taxi_fare.scoring.derive import Trips, derive_features
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import (
    RideBefore,
    UsualRide,
    usual_rides,
)


@dataclass(frozen=True)
class Prices:
    """
    What some rides cost.

    Parameters
    ----------
    features : pyarrow.Table
        The 12, as they were priced.
    dollars : ndarray of float64, shape (rides,)
        Prices.
    ends : tuple of ndarray, each of shape (rides,), or None
        What such prices lie between; None where the version has no intervals
        of the coverage.
    """

    features: pa.Table
    dollars: Numbers
    ends: tuple[Numbers, Numbers] | None


@dataclass(frozen=True)
class PricesBefore(Prices):
    """
    The same, before the rides.

    Parameters
    ----------
    rides : tuple of Ride
        With the miles and minutes that such rides usually take.
    usual : tuple of UsualRide
        What these follow from.
    """

    rides: tuple[Ride, ...]
    usual: tuple[UsualRide, ...]


def price_trips(
    trips: Trips, predictor: FarePredictor, *, coverage: int
) -> Prices:
    """
    Price raw trips, as ``FarePredictor.predict`` and ``interval`` do.

    Raises
    ------
    DataRefusedError
        If a column is missing, or a value cannot be priced.
    """
    features = derive_features(trips)
    dollars = predictor.model.predict(features)
    ends = _ends(predictor.intervals, dollars, features, coverage)
    return Prices(features, dollars, ends)


def price_rides_before(
    rides: Sequence[RideBefore], predictor: FarePredictor, *, coverage: int
) -> PricesBefore:
    """
    Price rides before they happen, as ``price_ride`` does each.

    Raises
    ------
    DataMissingError
        If the model knows no miles and minutes.
    """
    table = require_routes(predictor, give="miles and minutes")
    usual = usual_rides(rides, table)
    taking = tuple(
        ride.taking(each.miles.median, each.minutes.median)
        for ride, each in zip(rides, usual, strict=True)
    )
    features = derive_features([each.to_trip() for each in taking])
    before = table.routes.before
    dollars, ends = np.empty(len(rides)), np.full((2, len(rides)), np.nan)
    given = np.array([each.payment is not None for each in rides])
    for is_given in np.unique(given).tolist():
        places = np.flatnonzero(given == is_given)
        dollars[places] = prices_before(
            features.take(places),
            table=table,
            model=predictor.model,
            payment_given=is_given,
        )
        intervals = (
            before.intervals_of(payment_given=is_given) if before else None
        )
        found = _ends(
            intervals, dollars[places], features.take(places), coverage
        )
        if found is not None:
            ends[:, places] = found
    sides = None if np.isnan(ends).any() else (ends[0], ends[1])
    return PricesBefore(features, dollars, sides, taking, usual)


def _ends(
    intervals: Intervals | None,
    dollars: Numbers,
    features: pa.Table,
    coverage: int,
) -> tuple[Numbers, Numbers] | None:
    if intervals is None or coverage not in intervals.by_coverage:
        return None
    return intervals.around(dollars, features, coverage=coverage)
