"""What is not known well of a ride, in the language of the reader."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from fare_app.page import App
from fare_app.rides import outside
from fare_app.words import Words
from taxi_fare.core.columns import DROPOFF_ZONE, PICKUP_ZONE
from taxi_fare.core.settings import load_settings
from taxi_fare.core.zones import zones
from taxi_fare.scoring.note import Note
from taxi_fare.scoring.notes import notes_on_ride
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import Price
from taxi_fare.scoring.ride import Ride

# How what a note tells is written, by its name.
_WRITTEN: Mapping[str, Callable[[Words, Any], str]] = {
    "trips": Words.number,
    "number": Words.number,
    "limit": Words.number,
    "miles": lambda words, value: words.number(value, digits=1),
    "least": lambda words, value: words.number(value, digits=1),
    "minutes": Words.number,
    "months": Words.months,
    "month": lambda words, value: words(f"month.{value}"),
    "later": Words.number,
    "feature": Words.feature,
    "code": lambda words, value: words.name("rate_code", value),
    "usual": lambda words, value: words.name("rate_code", value),
}


def note_text(note: Note, words: Words) -> str:
    """
    Say a note.

    Parameters
    ----------
    note : Note
        Of the model.
    words : Words
        In whose language.

    Returns
    -------
    str
        A sentence.
    """
    told = {
        name: _WRITTEN[name](words, value) if name in _WRITTEN else value
        for name, value in note.values.items()
    }
    kind: str = note.kind
    if note.values.get("feature") in {PICKUP_ZONE, DROPOFF_ZONE}:
        level = str(note.values["level"])
        zone = zones().get(int(level)) if level.isdecimal() else None
        told["level"] = str(zone or level)
        kind = "rare_zone"
    return words(f"note.{kind}", **told)


def ride_warnings(
    app: App, price: Price, predictor: FarePredictor
) -> Iterator[str]:
    """
    Say everything that makes a price less sure.

    Parameters
    ----------
    app : App
        The page.
    price : Price
        Of the ride.
    predictor : FarePredictor
        The model that priced it.

    Returns
    -------
    iterator of str
        Sentences: of the model, of the law, and of the sample.
    """
    words, why = app.words, price.explanation
    for note in notes_on_ride(
        price.ride, rare_levels=why.rare_levels, predictor=predictor
    ):
        yield note_text(note, words)
    least = load_settings().prediction.minimum_fare_dollars
    if why.prediction < least:
        yield words("quote.below", least=words.dollars(least))
    yield from _beyond_sample(app, price.ride)


def _beyond_sample(app: App, ride: Ride) -> Iterator[str]:
    words, sample = app.words, app.peek("eda_sample")
    if sample is None:
        return
    for name, value, low, high in outside(ride, sample):
        yield words(
            "quote.outside",
            what=words(f"quantity.{name}"),
            value=words.number(value, digits=1),
            low=words.number(low, digits=1),
            high=words.number(high, digits=1),
        )
