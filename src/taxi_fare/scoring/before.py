"""
Price a ride before it happens: over the miles and minutes that it may take.

A price is the mean over what is not known: three points of the miles and
minutes that the route table tells, by the rule of Gauss and Hermite, and the
types of payment of the train months. Source: M. Abramowitz, I. Stegun,
Handbook of Mathematical Functions, 25.4.46.
"""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import (
    DISTANCE,
    DURATION,
    PAYMENT,
)
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.routes import RouteTable
from taxi_fare.core.ways import Numbers, slots_of, ways_of
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.ends import Ends, ends_of
from taxi_fare.scoring.explanation import Explanation, explained
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore, UsualRide, usual_ride

# Standard deviations from the mean, and their weights.
_NODES = ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6))
_MICROSECONDS = 60_000_000  # of a minute
# Shorter than any rule allows a ride to be.
_LONGEST_MINUTES = 24 * 60.0 - 1


@dataclass(frozen=True)
class PriceBefore:
    """A price before the ride: the mean over what is not known."""

    ride: Ride
    usual: UsualRide
    explanation: Explanation
    intervals: Ends


def price_before(
    ride: RideBefore,
    predictor: FarePredictor,
    *,
    table: RouteTable,
) -> PriceBefore:
    """Price a ride of which only zones and time are known."""
    usual = usual_ride(ride, table)
    asked = ride.taking(usual.miles.median, usual.minutes.median)
    features = derive_features([asked.to_trip()])
    given = ride.payment is not None  # 0 is a payment, too
    trips, weights = _possible(features, table=table, payment_given=given)
    told = [
        explained(
            trips.slice(row, 1),
            model=predictor.model,
            usual_levels=predictor.usual_levels,
        )
        for row in range(len(trips))
    ]
    mean = _mean(told, weights)
    found = table.routes.before
    ends = ends_of(
        np.array([mean.prediction]),
        features,
        intervals=found.intervals_of(payment_given=given) if found else None,
    )
    return PriceBefore(asked, usual, mean, ends)


def require_routes(predictor: FarePredictor, *, give: str) -> RouteTable:
    """
    Return what a model knows of miles and minutes.

    Parameters
    ----------
    give : str
        What the ride may be told with instead, for the message.

    Raises
    ------
    DataMissingError
        If it knows none.
    """
    if predictor.routes is None:
        raise DataMissingError(
            f"The model {predictor.model_id} knows no miles and minutes of"
            " rides before they happen.",
            expected="a version with a route table, which training writes",
            remedy=f"give {give}; or train again with"
            " `taxi-fare train --force`.",
        )
    return predictor.routes


def prices_before(
    features: pa.Table,
    *,
    table: RouteTable,
    model: PortableModel,
    payment_given: bool,
) -> Numbers:
    """
    Price trips by their features; miles and minutes are not looked at.

    Returns
    -------
    ndarray of float64, shape (trips,)
        Dollars.
    """
    possible, weights = _possible(
        features, table=table, payment_given=payment_given
    )
    prices = model.predict(possible)
    means: Numbers = prices.reshape(len(features), len(weights)) @ weights
    return means


def _possible(
    features: pa.Table, *, table: RouteTable, payment_given: bool
) -> tuple[pa.Table, Numbers]:
    """
    Return every ride that each trip may be, and how likely each is.

    Returns
    -------
    tuple of pyarrow.Table and ndarray of float64, shape (possibilities,)
        Features of those of the first trip, then of those of the second.
    """
    found = table.usual(ways_of(features), slots_of(features))
    payments = {"": 1.0} if payment_given else table.routes.payments
    scores = np.array([z for z, _ in _NODES for _ in payments])
    weights = np.array([w * p for _, w in _NODES for p in payments.values()])
    rows = features.take(np.repeat(np.arange(len(features)), len(scores)))
    miles = np.exp(
        found.log_miles[:, None] + found.miles_spread[:, None] * scores
    )
    minutes = np.exp(
        found.log_minutes[:, None] + found.minutes_spread[:, None] * scores
    ).clip(max=_LONGEST_MINUTES)
    # Times are kept to a microsecond.
    minutes = (minutes * _MICROSECONDS).round() / _MICROSECONDS
    changes = {DISTANCE: miles.ravel(), DURATION: minutes.ravel()}
    if not payment_given:
        levels = [level for _ in _NODES for level in payments]
        changes[PAYMENT] = np.tile(levels, len(features))
    for name, values in changes.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, pa.array(values))
    return rows, weights / weights.sum()


def _mean(told: list[Explanation], weights: Numbers) -> Explanation:
    """Average explanations: what each feature adds is averaged as well."""
    first = told[0]
    pairs = [*zip(told, weights.tolist(), strict=True)]
    return type(first)(
        prediction=sum(weight * each.prediction for each, weight in pairs),
        base=first.base,
        contributions={
            name: sum(
                weight * each.contributions[name] for each, weight in pairs
            )
            for name in first.contributions
        },
        rare_levels=first.rare_levels,
    )
