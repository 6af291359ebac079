"""Price one ride with a portable model: no Spark, no data."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from taxi_fare.core.columns import DROPOFF_AT, PICKUP_AT
from taxi_fare.core.settings import Settings
from taxi_fare.run.models import ModelChoice, choose_model
from taxi_fare.scoring.predictor import Explanation, FarePredictor
from taxi_fare.scoring.price import check_asked, price_ride
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore, UsualRide

# Fewer rides of a way than this tell little of it.
_FEW = 20


@dataclass(frozen=True)
class Quote:
    """
    A ride with its price.

    Parameters
    ----------
    ride : Ride
        What was asked for; before the ride, with the usual miles and minutes.
    model_id : str
        The version that predicts.
    simulated : bool
        Whether it learnt from simulated trips.
    explanation : Explanation
        The price, and what drives it.
    interval : tuple of float, or None
        What 90 % of such prices lie between, dollars; None where the version
        has no intervals.
    usual : UsualRide or None
        Miles and minutes of such rides; None where these were told.
    typical_error : float or None
        Mean size of the error of such prices on the test month, dollars.
    months : tuple of str
        What the model knows: its train months, and the test month.

    Examples
    --------
    >>> ride = Ride(
    ...     find_zone("JFK"), find_zone("Times Sq"), distance=17, minutes=45,
    ...     at=datetime(2023, 6, 15, 17, 30),
    ... )
    >>> priced = quote(ride, choice=ModelChoice(), settings=load_settings())
    >>> priced.model_id, priced.simulated, priced.kind
    ('second', True, 'after')
    """

    ride: Ride
    model_id: str
    simulated: bool
    explanation: Explanation
    interval: tuple[float, float] | None = None
    usual: UsualRide | None = None
    typical_error: float | None = None
    months: tuple[str, ...] = ()

    @property
    def kind(self) -> Literal["before", "after"]:
        """Whether the price is asked for before the ride, or after it."""
        return "after" if self.usual is None else "before"

    def warnings(self) -> list[str]:
        """
        Return what the model does not know about the ride.

        Returns
        -------
        list of str
            Sentences.
        """
        return [*self._of_the_ride(), *self._of_the_model()]

    def _of_the_ride(self) -> Iterator[str]:
        if self.usual is not None and self.usual.trips < _FEW:
            yield (
                f"{self.usual.trips} of the train trips went this way: its"
                " miles and minutes are told by where the zones lie."
            )
        if self.usual is not None and self.ride.pickup == self.ride.dropoff:
            yield (
                "The ride ends in the zone where it begins: such rides differ"
                " more than others."
            )
        known = {month.partition("-")[2] for month in self.months}
        if known and f"{self.ride.at:%m}" not in known:
            yield (
                f"The model learnt from {', '.join(self.months)}: of a ride in"
                f" {self.ride.at:%B} it knows less."
            )

    def _of_the_model(self) -> Iterator[str]:
        for feature, level in self.explanation.rare_levels.items():
            yield (
                f"{feature} {level} was rare or absent in training: the ride"
                " is priced like others with such a value."
            )

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
            "kind": self.kind,
            "interval_90": list(self.interval) if self.interval else None,
            "typical_error": self.typical_error,
            "usual": asdict(self.usual) if self.usual else None,
            "trip": trip
            | {name: str(trip[name]) for name in (PICKUP_AT, DROPOFF_AT)},
        }


def quote(
    ride: Ride | RideBefore, *, choice: ModelChoice, settings: Settings
) -> Quote:
    """
    Price a ride.

    Parameters
    ----------
    ride : Ride or RideBefore
        What is asked for; before the ride, miles and minutes are what such
        rides usually take.
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
    check_asked(ride, longest=settings.validation.duration_max_minutes)
    predictor = FarePredictor.load(choose_model(choice, settings).folder)
    price = price_ride(ride, predictor)
    return Quote(
        price.ride,
        predictor.model_id,
        predictor.simulated,
        price.explanation,
        price.interval,
        price.usual,
        price.typical_error,
        _months(predictor),
    )


def _months(predictor: FarePredictor) -> tuple[str, ...]:
    data = predictor.manifest.get("data", {})
    months = [*data.get("train_months", []), data.get("test_month")]
    return tuple(month for month in months if month)
