"""
Price a ride before it happens: over the miles and minutes that it may take.

A price is the mean over what is not known: three points of the miles and
minutes that the route table tells, by the rule of Gauss and Hermite, and the
types of payment of the train months. Source: M. Abramowitz, I. Stegun,
Handbook of Mathematical Functions, 25.4.46.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_AT,
    PAYMENT,
    PICKUP_AT,
)
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.routes import RouteTable
from taxi_fare.core.ways import Numbers, slots_of, ways_of
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.ends import Ends, ends_of
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore, UsualRide, usual_ride

if TYPE_CHECKING:
    from taxi_fare.scoring.predictor import Explanation, FarePredictor

# Standard deviations from the mean, and their weights.
_NODES = ((-np.sqrt(3.0), 1 / 6), (0.0, 2 / 3), (np.sqrt(3.0), 1 / 6))
_MICROSECONDS_PER_MINUTE = 60_000_000
# Shorter than any rule allows a ride to be.
_LONGEST_MINUTES = 24 * 60.0 - 1


@dataclass(frozen=True)
class PriceBefore:
    """A price before the ride: the mean over what is not known."""

    ride: Ride
    usual: UsualRide
    explanation: "Explanation"
    intervals: Ends


def price_before(
    ride: RideBefore,
    predictor: "FarePredictor",
    *,
    table: RouteTable,
) -> PriceBefore:
    """Price a ride of which only zones and time are known."""
    usual = usual_ride(ride, table)
    asked = ride.taking(usual.miles.median, usual.minutes.median)
    trips, weights = _possible(
        _table(asked),
        table=table,
        payments=None if ride.payment is not None else table.routes.payments,
    )
    told = [predictor.explain(trip) for trip in trips.to_pylist()]
    mean = _mean(told, weights)
    found = table.routes.before
    given = ride.payment is not None
    ends = ends_of(
        np.array([mean.prediction]),
        derive_features([asked.to_trip()]),
        intervals=found.intervals_of(payment_given=given) if found else None,
    )
    return PriceBefore(asked, usual, mean, ends)


def require_routes(predictor: "FarePredictor", *, give: str) -> RouteTable:
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
    trips: pa.Table,
    *,
    table: RouteTable,
    model: PortableModel,
    payment_given: bool,
) -> Numbers:
    """
    Price raw trips whose miles and minutes are not looked at.

    Returns
    -------
    ndarray of float64, shape (trips,)
        Dollars.
    """
    payments = None if payment_given else table.routes.payments
    possible, weights = _possible(trips, table=table, payments=payments)
    features = derive_features(possible)
    prices = model.predict(features)
    means: Numbers = prices.reshape(trips.num_rows, len(weights)) @ weights
    return means


def _possible(
    trips: pa.Table,
    *,
    table: RouteTable,
    payments: Mapping[str, float] | None,
) -> tuple[pa.Table, Numbers]:
    """
    Return every ride that each trip may be, and how likely each is.

    Returns
    -------
    tuple of pyarrow.Table and ndarray of float64, shape (possibilities,)
        Those of the first trip, then those of the second.
    """
    features = derive_features(trips)
    found = table.usual(ways_of(features), slots_of(features))
    chosen = [*(payments or {"": 1.0}).items()]
    scores = np.array([z for z, _ in _NODES for _ in chosen])
    weights = np.array([w * p for _, w in _NODES for _, p in chosen])
    rows = trips.take(np.repeat(np.arange(trips.num_rows), len(scores)))
    miles = np.exp(
        found.log_miles[:, None] + found.miles_spread[:, None] * scores
    )
    minutes = np.exp(
        found.log_minutes[:, None] + found.minutes_spread[:, None] * scores
    ).clip(max=_LONGEST_MINUTES)
    length = (minutes * _MICROSECONDS_PER_MINUTE).round().astype(np.int64)
    start = rows[PICKUP_AT].cast(pa.timestamp("us"))
    end = pc.add(start, pa.array(length.ravel(), pa.duration("us")))
    changes = {DISTANCE: pa.array(miles.ravel()), DROPOFF_AT: end}
    if payments is not None:
        codes = [int(level) for _ in _NODES for level, _ in chosen]
        every = np.tile(codes, trips.num_rows)
        changes[PAYMENT] = pa.array(every, pa.int64())
    for name, values in changes.items():
        place = rows.column_names.index(name)
        rows = rows.set_column(place, name, values)
    return rows, weights / weights.sum()


def _mean(told: "list[Explanation]", weights: Numbers) -> "Explanation":
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


def _table(ride: Ride) -> pa.Table:
    return pa.Table.from_pylist([ride.to_trip()])
