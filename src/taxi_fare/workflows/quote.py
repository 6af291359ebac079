"""Price one ride with a portable model: no Spark, no data."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
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
from taxi_fare.core.errors import DataMissingError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.zones import Zone
from taxi_fare.registry.store import Registry
from taxi_fare.scoring.predictor import Explanation, FarePredictor


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


@dataclass(frozen=True)
class Quote:
    """
    A ride with its price.

    Parameters
    ----------
    ride : Ride
        What was asked for.
    model_id : str
        The version that predicts.
    simulated : bool
        Whether it learnt from simulated trips.
    explanation : Explanation
        The price, and what drives it.
    """

    ride: Ride
    model_id: str
    simulated: bool
    explanation: Explanation

    def warnings(self) -> list[str]:
        """
        Return what the model does not know about the ride.

        Returns
        -------
        list of str
            Sentences.
        """
        return [
            f"{feature} {level} was rare or absent in training: the ride is"
            " priced like others with such a value."
            for feature, level in self.explanation.shared_levels.items()
        ]

    def to_document(self) -> dict[str, Any]:
        """
        Return the quote for programs.

        Returns
        -------
        dict
            Price and contributions in dollars, and the trip as it was
            priced, by raw column.
        """
        trip = self.ride.to_trip()
        return {
            "prediction": self.explanation.prediction,
            "base": self.explanation.base,
            "contributions": self.explanation.contributions,
            "model_id": self.model_id,
            "simulated": self.simulated,
            "warnings": self.warnings(),
            "trip": trip
            | {name: str(trip[name]) for name in (PICKUP_AT, DROPOFF_AT)},
        }


def quote(
    ride: Ride, *, registry: Path, model: Path | None, settings: Settings
) -> Quote:
    """
    Price a ride.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    registry : Path
        Whose current model predicts, unless another is named.
    model : Path or None
        Folder of a model.
    settings : Settings
        How the registry is read, and how long a ride may be.

    Returns
    -------
    Quote
        The price, and what drives it.

    Raises
    ------
    WrongUsageError
        If there can be no such ride.
    DataMissingError
        If there is no model, or none that can do without Spark.
    RegistryConflictError
        If the registry or the model is damaged.
    """
    _check(ride, longest=settings.validation.duration_max_minutes)
    predictor = FarePredictor.load(model or _current(registry, settings))
    return Quote(
        ride,
        predictor.model_id,
        predictor.simulated,
        predictor.explain(ride.to_trip()),
    )


def _check(ride: Ride, *, longest: float) -> None:
    """Refuse what the rules for trips of the lake refuse."""
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


def _current(path: Path, settings: Settings) -> Path:
    registry = Registry(path, settings.registry)
    current = registry.read().current
    if current is None:
        raise DataMissingError(
            f"The registry {path} has no current model.",
            expected="a model that passed the quality gates",
            remedy="run `taxi-fare train`, or name another model.",
        )
    return registry.versions.path(current)
