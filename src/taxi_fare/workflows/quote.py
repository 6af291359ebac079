"""Price one ride with a portable model: no Spark, no data."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.columns import DROPOFF_AT, PICKUP_AT
from taxi_fare.core.settings import Settings
from taxi_fare.run.models import ModelChoice, choose_model
from taxi_fare.scoring.ends import Ends
from taxi_fare.scoring.explanation import Explanation
from taxi_fare.scoring.note import Note
from taxi_fare.scoring.notes import notes_on_ride
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import check_asked, price_ride
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore, UsualRide


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
    intervals : dict of int to tuple of float
        What such prices lie between, dollars, by percent of them; empty
        where the version has no intervals.
    usual : UsualRide or None
        Miles and minutes of such rides; None where these were told.
    typical_error : float or None
        Mean size of the error of such prices on the test month, dollars.
    months : tuple of str
        What the model knows: its train months, and the test month.
    notes : tuple of Note
        What it does not know about the ride.
    coverage : int
        Percent of such prices that people are told the interval of.

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
    intervals: Ends = field(default_factory=dict)
    usual: UsualRide | None = None
    typical_error: float | None = None
    months: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    coverage: int = USUAL_COVERAGE

    @property
    def kind(self) -> Literal["before", "after"]:
        """Whether the price is asked for before the ride, or after it."""
        return "after" if self.usual is None else "before"

    @property
    def interval(self) -> tuple[float, float] | None:
        """What such prices lie between; None where the version has none."""
        return self.intervals.get(self.coverage)

    def warnings(self) -> list[str]:
        """
        Return what the model does not know about the ride.

        Returns
        -------
        list of str
            Sentences.
        """
        return [each.text for each in self.notes]

    def to_document(self) -> dict[str, Any]:
        """
        Return the quote for programs.

        Returns
        -------
        dict
            Price and contributions in dollars, and the trip as it was
            priced, by raw column.
        """
        trip, asked = self.ride.to_trip(), self.interval
        usual = self.intervals.get(USUAL_COVERAGE)
        return {
            "prediction": self.explanation.prediction,
            "base": self.explanation.base,
            "contributions": self.explanation.contributions,
            "model_id": self.model_id,
            "simulated": self.simulated,
            "warnings": self.warnings(),
            "kind": self.kind,
            "interval_90": list(usual) if usual else None,
            "interval": {
                "coverage": self.coverage,
                "low": asked[0],
                "high": asked[1],
            }
            if asked
            else None,
            "typical_error": self.typical_error,
            "usual": asdict(self.usual) if self.usual else None,
            "trip": trip
            | {name: str(trip[name]) for name in (PICKUP_AT, DROPOFF_AT)},
        }


def quote(
    ride: Ride | RideBefore,
    *,
    choice: ModelChoice,
    settings: Settings,
    coverage: int | None = None,
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
    coverage : {80, 90, 95}, optional
        Percent of such prices that people are told the interval of; the
        setting ``prediction.interval`` where it is not given.

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
    rare = price.explanation.rare_levels
    notes = notes_on_ride(price.ride, rare_levels=rare, predictor=predictor)
    return Quote(
        price.ride,
        predictor.model_id,
        predictor.simulated,
        price.explanation,
        price.intervals,
        price.usual,
        price.typical_error,
        predictor.months,
        tuple(notes),
        settings.prediction.interval if coverage is None else coverage,
    )
