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


LEARNT = ["2022-11", "2022-12", "2023-01"]


@pytest.mark.parametrize("later", range(-30, 31))
def test_a_time_far_from_the_train_months_is_said(later: int) -> None:
    """Not the next year, of which production is asked each day."""
    predictor = _predictor(train_months=LEARNT, test_month="2023-02")
    year, month = divmod(12 * 2023 + later, 12)
    told = {"before_training", "long_after_training"}
    for ride in _rides("JFK", "Times Sq", datetime(year, month + 1, 2)):
        found = {*_kinds(ride, predictor)} & told
        if later < -2:
            assert found == {"before_training"}
        else:
            assert found == ({"long_after_training"} if later > 12 else set())


def test_a_season_is_known_whatever_the_year() -> None:
    """Of a February years later the price may be wrong, not the season."""
    predictor = _predictor(train_months=LEARNT, test_month="2023-02")
    for at, kinds in (
        (datetime(2023, 2, 1), set()),
        (datetime(2023, 3, 1), {"other_month"}),
        (datetime(2031, 2, 1), {"long_after_training"}),
        (datetime(2031, 3, 1), {"long_after_training", "other_month"}),
        (datetime(1, 3, 1), {"before_training", "other_month"}),
        (datetime(9999, 3, 1), {"long_after_training", "other_month"}),
    ):
        (ride, _) = _rides("JFK", "Times Sq", at)
        found = {*_kinds(ride, predictor)} - {"assumed_rate_code"}
        assert found == kinds


def test_a_model_that_tells_no_months_is_not_asked_for_them() -> None:
    """Nobody knows what it learnt from."""
    for ride in _rides("Midtown Center", "Midtown Center"):
        assert _kinds(ride, _predictor()) == ["same_zone"]


@pytest.mark.parametrize(
    ("pickup", "dropoff", "code", "kind"),
    [
        ("JFK", "Times Sq", None, "assumed_rate_code"),
        ("Times Sq", "JFK", None, "assumed_rate_code"),
        ("Times Sq", "Newark", None, "assumed_rate_code"),
        ("Times Sq", "Union Sq", None, None),
        ("JFK", "LaGuardia", None, None),
        ("JFK", "Times Sq", 2, None),
        ("JFK", "Times Sq", 1, "other_rate_code"),
        ("JFK", "Times Sq", 3, "other_rate_code"),
        ("Times Sq", "Newark", 1, "other_rate_code"),
        ("Times Sq", "Union Sq", 2, "other_rate_code"),
        ("JFK", "LaGuardia", 2, "other_rate_code"),
        # Agreed on, or out of town: the zones do not tell.
        ("JFK", "Times Sq", 5, None),
        ("Times Sq", "Union Sq", 4, None),
        ("Times Sq", "Union Sq", 99, None),
        ("JFK", "Outside", 2, None),
        ("JFK", "264", 2, None),
    ],
)
def test_the_rate_code_is_said_where_the_zones_tell_it(
    pickup: str, dropoff: str, code: int | None, kind: str | None
) -> None:
    """The one that was assumed; one that hardly such a ride has."""
    ends = find_zone(pickup), find_zone(dropoff)
    asked = RideBefore(*ends, at=JUNE, rate_code=code)
    after = Ride(*ends, distance=17, minutes=45, at=JUNE, rate_code=code)
    for ride in (asked.taking(17, 45), after):
        found = [x for x in _kinds(ride, _predictor()) if "rate_code" in x]
        assert found == ([kind] if kind else [])


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
