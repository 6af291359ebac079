"""What a model does not know about a ride, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from taxi_fare.core.columns import TITLES
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import UsualRide

# Fewer rides of a way than this tell little of it.
_FEW = 20
Kind = Literal["few_trips", "same_zone", "other_month", "rare_level"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Note:
    """A sentence, and what kind of doubt it is."""

    kind: Kind
    text: str


def notes_on_ride(
    ride: Ride, *, usual: UsualRide | None, months: Sequence[str]
) -> Iterator[Note]:
    """
    Tell what is not known well of a ride.

    Parameters
    ----------
    usual : UsualRide or None
        Miles and minutes of such rides; None where these were told.
    months : sequence of str
        What the model knows.
    """
    if usual is not None and usual.trips < _FEW:
        yield Note(
            "few_trips",
            f"{usual.trips} of the train trips went this way: its miles and"
            " minutes are told by where the zones lie.",
        )
    if usual is not None and ride.pickup == ride.dropoff:
        yield Note(
            "same_zone",
            "The ride ends in the zone where it begins: such rides differ"
            " more than others.",
        )
    known = _months_of_the_year(tuple(months))
    if known and ride.at.month not in known:
        yield Note(
            "other_month",
            f"The model learnt from {', '.join(months)}: of a ride in"
            f" {ride.at:%B} it knows less.",
        )


@lru_cache(maxsize=8)
def _months_of_the_year(months: tuple[str, ...]) -> frozenset[int]:
    return frozenset(int(month.partition("-")[2]) for month in months)


def note_on_level(feature: str, level: str) -> Note:
    """Tell of a value that training hardly saw."""
    return Note(
        "rare_level",
        f"{TITLES[feature]} {level} was rare or absent in training: the ride"
        " is priced like others with such a value.",
    )
