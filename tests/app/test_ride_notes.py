"""Every note of the model has a text in both languages."""

import string
from datetime import datetime
from pathlib import Path

import pytest
from price_service import literal_model

from fare_app.ride_notes import note_text
from fare_app.words import LANGUAGES, Words, texts
from taxi_fare.core.choices import Language
from taxi_fare.core.routes import Routes, RouteTable
from taxi_fare.core.zones import find_zone
from taxi_fare.scoring.note import KINDS, Note
from taxi_fare.scoring.notes import notes_on_ride
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride

ROUTES = Path(__file__).parents[1] / "data" / "documents" / "routes.json"
MONTHS = {"train_months": ["2023-01", "2023-02"], "test_month": "2023-03"}
every_language = pytest.mark.parametrize("language", LANGUAGES)


def _notes() -> dict[str, Note]:
    """Return a note of each kind, of rides that are odd in every way."""
    routes = Routes.model_validate_json(ROUTES.read_bytes())
    predictor = FarePredictor(
        literal_model(), {"data": MONTHS}, routes=RouteTable(routes)
    )
    rare = {"payment_type": "4"}
    found = {}
    for pickup, dropoff, miles, minutes, at, code in (
        ("JFK", "JFK", 90.0, 9.0, "2023-06-15", None),
        ("JFK", "Times Sq", 2.0, 40.0, "2022-06-15", None),
        ("JFK", "Times Sq", 17.0, 40.0, "2031-06-15", 1),
    ):
        ride = Ride(
            *(find_zone(pickup), find_zone(dropoff), miles, minutes),
            at=datetime.fromisoformat(at),
            rate_code=code,
        )
        for note in notes_on_ride(ride, rare_levels=rare, predictor=predictor):
            found[note.kind] = note
    return found


@every_language
@pytest.mark.parametrize("kind", KINDS)
def test_every_note_has_a_text(kind: str, language: Language) -> None:
    """A new kind is said in both languages, and needs a ride above."""
    text = texts(language)[f"note.{kind}"]
    gaps = {name for _, name, _, _ in string.Formatter().parse(text) if name}
    note = _notes()[kind]
    assert gaps <= {*note.values}
    told = note_text(note, Words(language))
    assert told and not {"{", "["} & {*told}


@every_language
def test_a_rare_zone_is_told_by_its_name(language: Language) -> None:
    """And what is no zone by its number."""
    for level, name in (("132", "JFK Airport (132)"), ("999", "999")):
        values = {"feature": "PULocationID", "level": level}
        note = Note("rare_level", "", values)
        assert name in note_text(note, Words(language))


def test_notes_are_said_in_the_figures_of_the_language() -> None:
    """Not in those of a program."""
    note = Note("too_short", "", {"miles": 2.0, "least": 9.57})
    assert "9,6 miles" in note_text(note, Words("fr"))
    month = Note("other_month", "", {"months": ("2023-01",), "month": 6})
    assert "juin" in note_text(month, Words("fr"))
    assert "June" in note_text(month, Words("en"))
