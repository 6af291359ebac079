"""What is answered: prices with their intervals, notes and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from taxi_fare.core.routes import Quartiles
from taxi_fare.scoring.encode import rare_by_trip
from taxi_fare.scoring.many import Prices, PricesBefore
from taxi_fare.scoring.note import Kind
from taxi_fare.scoring.notes import notes_on_ride
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import PriceKind, typical_error
from taxi_fare.scoring.ride import Ride


class Note(BaseModel):
    """What the model does not know about a ride."""

    kind: Kind
    text: str


class Range(BaseModel):
    """The middle half of such rides, and their median."""

    low: float
    median: float
    high: float


class Reasons(BaseModel):
    """What drives a price: base and contributions sum up to it."""

    base: float
    contributions: dict[str, float]


class Quote(BaseModel):
    """The price of one ride."""

    price: float = Field(description="US dollars.")
    interval: tuple[float, float] | None = Field(
        description="What such prices lie between; null: not known."
    )
    kind: PriceKind = Field(description="Whether miles and minutes were told.")
    typical_error: float | None = Field(
        description="Mean size of the error of such prices on the test month,"
        " US dollars; null: not known."
    )
    miles: Range | None = Field(None, description="Before the ride alone.")
    minutes: Range | None = Field(None, description="Before the ride alone.")
    notes: list[Note]
    reasons: Reasons | None = Field(None, description="Where asked for.")


class Quotes(BaseModel):
    """The answer to a request for prices, in its order."""

    model_id: str = Field(description="The version that answers.")
    simulated: bool = Field(
        description="Whether it learnt from simulated trips: its prices say"
        " nothing about real rides then."
    )
    coverage: int = Field(description="Percent of the prices in intervals.")
    quotes: list[Quote]


@dataclass(frozen=True)
class Told:
    """A ride's quote as it is written, and what is counted of it."""

    document: dict[str, Any]
    kinds: tuple[str, ...]
    rare: tuple[str, ...]  # features that training hardly saw so


def told(
    prices: Prices,
    rides: Sequence[Ride],
    *,
    predictor: FarePredictor,
) -> list[Told]:
    """
    Write prices down.

    Parameters
    ----------
    rides : sequence of Ride
        What is known beside the features.
    """
    usual = prices.usual if isinstance(prices, PricesBefore) else None
    ends = _pairs(prices)
    rare = rare_by_trip(prices.features, usual=predictor.usual_levels)
    kind: PriceKind = "after" if usual is None else "before"
    typical = typical_error(predictor, kind=kind)
    found = []
    for place, dollars in enumerate(prices.dollars.tolist()):
        levels = rare.get(place, {})
        notes = [
            *notes_on_ride(
                rides[place], rare_levels=levels, predictor=predictor
            )
        ]
        document: dict[str, Any] = {
            "price": dollars,
            "interval": ends[place] if ends else None,
            "kind": kind,
            "typical_error": typical,
            "notes": [{"kind": x.kind, "text": x.text} for x in notes],
        }
        if usual is not None:
            document["miles"] = _range(usual[place].miles)
            document["minutes"] = _range(usual[place].minutes)
        kinds = tuple({each.kind for each in notes})
        doubted = (x.values.get("feature") for x in notes)
        found.append(Told(document, kinds, (*filter(None, doubted),)))
    return found


def _pairs(prices: Prices) -> list[list[float]] | None:
    if prices.ends is None:
        return None
    pairs: list[list[float]] = np.column_stack(prices.ends).tolist()
    return pairs


def _range(found: Quartiles) -> dict[str, float]:
    return {"low": found.low, "median": found.median, "high": found.high}
