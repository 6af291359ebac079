"""What is said of rides that the model does not know well."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from price_service import literal_model

from taxi_fare.core.routes import Routes, RouteTable
from taxi_fare.core.ways import way_between
from taxi_fare.core.zones import find_zone
from taxi_fare.scoring.notes import impossible, notes_on_ride
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import RideBefore, usual_ride

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
JUNE = datetime(2023, 6, 15, 17, 30)
# From where to where, and how many train trips went that way.
WAYS = {
    ("JFK", "Times Sq"): 20,
    ("JFK", "Outside"): 19,
    ("Midtown Center", "Midtown Center"): 500,
}


def _predictor(**data: object) -> FarePredictor:
    """Return one that knows these ways, and such data."""
    document = json.loads((DOCUMENTS / "routes.json").read_text())
    ways = {
        way_between(*map(find_zone, ends)): trips
        for ends, trips in WAYS.items()
    }
    known = {"ways": [*ways], "trips": [*ways.values()]}
    routes = Routes.model_validate(document | known)
    manifest = {"model_id": "literal", "data": data}
    return FarePredictor(literal_model(), manifest, routes=RouteTable(routes))


def _kinds(ride: Ride, predictor: FarePredictor) -> list[str]:
    notes = notes_on_ride(ride, rare_levels={}, predictor=predictor)
    return [each.kind for each in notes]


def _rides(pickup: str, dropoff: str, at: datetime = JUNE) -> list[Ride]:
    """Return a ride after it and before it: notes are of the way."""
    asked = RideBefore(find_zone(pickup), find_zone(dropoff), at=at)
    table = _predictor().routes
    assert table is not None
    usual = usual_ride(asked, table)
    return [
        asked.taking(17.0, 45.0),
        asked.taking(usual.miles.median, usual.minutes.median),
    ]


@pytest.mark.parametrize(
    ("ends", "kinds"),
    [
        (("JFK", "Times Sq"), set()),
        (("Times Sq", "JFK"), {"few_trips"}),
        (("JFK", "Outside"), {"few_trips"}),
        (("Midtown Center", "Midtown Center"), {"same_zone"}),
        (("JFK", "JFK"), {"same_zone", "few_trips"}),
        # Two unknown places need not be the same one.
        (("Outside", "Outside"), {"few_trips"}),
    ],
)
def test_the_way_is_judged_before_the_ride_and_after_it(
    ends: tuple[str, str], kinds: set[str]
) -> None:
    """Whoever told the miles: how many went this way, and one zone twice."""
    of_ways = {"few_trips", "same_zone"}
    for ride in _rides(*ends):
        assert {*_kinds(ride, _predictor())} & of_ways == kinds


def test_a_version_without_a_route_table_has_counted_nothing() -> None:
    """So it does not say that nobody went this way."""
    predictor = FarePredictor(literal_model(), {})
    for ride in _rides("JFK", "JFK"):
        assert "few_trips" not in _kinds(ride, predictor)
        assert "same_zone" in _kinds(ride, predictor)


@pytest.mark.parametrize(
    ("distance", "minutes", "kind"),
    [
        (2.0, 40.0, "too_short"),
        (60.0, 20.0, "too_fast"),
        (0.0, 40.0, "too_short"),
        (18.0, 45.0, None),
        (10.0, 8.0, None),
    ],
)
def test_a_ride_that_cannot_be(
    distance: float, minutes: float, kind: str | None
) -> None:
    """It is priced, and said to be a guess."""
    ride = Ride(
        find_zone("JFK"),
        find_zone("Upper East Side North"),
        distance=distance,
        minutes=minutes,
        at=JUNE,
    )
    assert impossible(ride) == kind
    notes = notes_on_ride(ride, rare_levels={}, predictor=_predictor())
    told = [note for note in notes if "guess" in note.text]
    assert [note.kind for note in told] == ([kind] if kind else [])
