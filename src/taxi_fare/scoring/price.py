"""The price of one ride, before it or after it: one way for all who ask."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.scoring.before import price_before, require_routes
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.ends import Ends, ends_of
from taxi_fare.scoring.explanation import Explanation
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride, check_place, check_ride
from taxi_fare.scoring.ride_before import RideBefore, UsualRide

PriceKind = Literal["before", "after"]


@dataclass(frozen=True)
class Price:
    """
    What a ride costs, and how sure that is.

    Parameters
    ----------
    ride : Ride
        What was asked for; before the ride, with the usual miles and minutes.
    intervals : dict of int to tuple of float
        What such prices lie between, dollars, by percent of them; empty
        where the version has no intervals.
    usual : UsualRide or None
        Miles and minutes of such rides; None where these were told.
    typical_error : float or None
        Mean size of the error of such prices on the test month, dollars.
    """

    ride: Ride
    explanation: Explanation
    intervals: Ends
    usual: UsualRide | None
    typical_error: float | None

    @property
    def kind(self) -> PriceKind:
        """Whether the price is asked for before the ride, or after it."""
        return "after" if self.usual is None else "before"

    @property
    def interval(self) -> tuple[float, float] | None:
        """What people are told where they ask for no coverage."""
        return self.intervals.get(USUAL_COVERAGE)


def check_asked(asked: Ride | RideBefore, *, longest: float) -> None:
    """
    Refuse a ride that cannot be, before any model is read.

    Parameters
    ----------
    longest : float
        Minutes that a ride must be shorter than.

    Raises
    ------
    WrongUsageError
        If there can be no such ride.
    """
    if isinstance(asked, RideBefore):
        for zone in (asked.pickup, asked.dropoff):
            check_place(zone)
        asked = asked.taking(1.0, 1.0)
    check_ride(asked, longest=longest)


def price_ride(asked: Ride | RideBefore, predictor: FarePredictor) -> Price:
    """
    Price a ride that can be.

    Raises
    ------
    DataMissingError
        If the model knows no miles and minutes, and they were not told.
    """
    if isinstance(asked, RideBefore):
        return _before(asked, predictor)
    trip = asked.to_trip()
    features = derive_features([trip])
    price = predictor.model.predict(features)
    return Price(
        asked,
        predictor.explain(trip),
        ends_of(price, features, intervals=predictor.intervals),
        None,
        typical_error(predictor, kind="after"),
    )


def _before(asked: RideBefore, predictor: FarePredictor) -> Price:
    table = require_routes(predictor, give="--distance and --minutes")
    found = price_before(asked, predictor, table=table)
    return Price(
        found.ride,
        found.explanation,
        found.intervals,
        found.usual,
        typical_error(predictor, kind="before"),
    )


def typical_error(
    predictor: FarePredictor, *, kind: PriceKind
) -> float | None:
    """Return the mean size of the error of such prices, on the test month."""
    metrics: Mapping[str, Any] | None = predictor.manifest.get("metrics")
    if kind == "before":
        table = predictor.routes
        measured = table.routes.before if table else None
        metrics = measured.metrics if measured else None
    found = (metrics or {}).get("mae")
    return None if found is None else float(found)
