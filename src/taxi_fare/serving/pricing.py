"""Price what several requests ask for, with one model."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from taxi_fare.scoring.explanation import Explanation
from taxi_fare.scoring.many import price_rides_before, price_trips
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import price_ride
from taxi_fare.scoring.ride import Ride, ride_of
from taxi_fare.scoring.ride_before import RideBefore
from taxi_fare.serving.priced import Told, told

# Rides as people tell them, or raw trips by column.
Asked = Ride | RideBefore | dict[str, Any]


@dataclass(frozen=True)
class Question:
    """
    What one request asks for.

    Parameters
    ----------
    predictor : FarePredictor
        Who answers: the model that was in production when it was asked.
    """

    predictor: FarePredictor
    rides: Sequence[Asked]
    coverage: int
    explain: bool = False


def price_questions(questions: Sequence[Question]) -> list[list[Told]]:
    """
    Answer several questions, those to the same model together.

    Raises
    ------
    TaxiFareError
        If one of them asks for what cannot be priced.
    """
    found: list[list[Told | None]] = [[None] * len(x.rides) for x in questions]
    for places in _alike(questions):
        first = questions[places[0][0]]
        rides = [questions[x].rides[y] for x, y in places]
        for (x, y), each in zip(places, _priced(first, rides), strict=True):
            found[x][y] = each
    return [[each for each in row if each is not None] for row in found]


def _alike(
    questions: Sequence[Question],
) -> Iterator[list[tuple[int, int]]]:
    """Part the rides of all questions into those priced in one way."""
    groups: dict[Any, list[tuple[int, int]]] = {}
    for x, question in enumerate(questions):
        way = id(question.predictor), question.coverage, question.explain
        for y, ride in enumerate(question.rides):
            kind = type(ride)
            groups.setdefault((*way, kind), []).append((x, y))
    yield from groups.values()


def _priced(question: Question, rides: list[Any]) -> list[Told]:
    predictor, coverage = question.predictor, question.coverage
    if isinstance(rides[0], RideBefore):
        before = price_rides_before(rides, predictor, coverage=coverage)
        found = told(before, before.rides, predictor=predictor)
    else:
        known = [x if isinstance(x, Ride) else ride_of(x) for x in rides]
        trips = [x.to_trip() if isinstance(x, Ride) else x for x in rides]
        after = price_trips(trips, predictor, coverage=coverage)
        found = told(after, known, predictor=predictor)
    if question.explain:
        for each, ride in zip(found, rides, strict=True):
            why = _explained(ride, predictor)
            each.document["reasons"] = {
                "base": why.base,
                "contributions": why.contributions,
            }
    return found


def _explained(ride: Asked, predictor: FarePredictor) -> Explanation:
    if isinstance(ride, dict):
        return predictor.explain(ride)
    return price_ride(ride, predictor).explanation
