"""Price one ride with a portable model: no Spark, no data."""

from dataclasses import dataclass
from typing import Any

from taxi_fare.core.columns import DROPOFF_AT, PICKUP_AT
from taxi_fare.core.settings import Settings
from taxi_fare.run.models import ModelChoice, choose_model
from taxi_fare.scoring.predictor import Explanation, FarePredictor
from taxi_fare.scoring.ride import Ride, check_ride

# Percent of the prices that the interval of a quote is made to hold.
_STATED = 90


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
    interval : tuple of float, or None
        What 90 % of such prices lie between, dollars; None where the version
        has no intervals.

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> priced = quote(ride, choice=ModelChoice(), settings=load_settings())
    >>> priced.model_id, priced.simulated
    ('second', True)
    """

    ride: Ride
    model_id: str
    simulated: bool
    explanation: Explanation
    interval: tuple[float, float] | None = None

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
            for feature, level in self.explanation.rare_levels.items()
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
            "interval_90": list(self.interval) if self.interval else None,
            "trip": trip
            | {name: str(trip[name]) for name in (PICKUP_AT, DROPOFF_AT)},
        }


def quote(ride: Ride, *, choice: ModelChoice, settings: Settings) -> Quote:
    """
    Price a ride.

    Parameters
    ----------
    ride : Ride
        What is asked for.
    choice : ModelChoice
        Which model predicts.
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

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> priced = quote(ride, choice=ModelChoice(), settings=load_settings())
    >>> round(priced.explanation.prediction, 2)
    58.0
    """
    check_ride(ride, longest=settings.validation.duration_max_minutes)
    predictor = FarePredictor.load(choose_model(choice, settings).folder)
    ends = predictor.interval([ride.to_trip()], coverage=_STATED)
    return Quote(
        ride,
        predictor.model_id,
        predictor.simulated,
        predictor.explain(ride.to_trip()),
        ends and (float(ends[0][0]), float(ends[1][0])),
    )
