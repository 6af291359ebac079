"""What a model does not know about a ride, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

from taxi_fare.core.columns import TITLES
from taxi_fare.core.zones import shortest_miles
from taxi_fare.scoring.ride import Ride
from taxi_fare.scoring.ride_before import UsualRide

# Fewer rides of a way than this tell little of it.
_FEW = 20
# Of the real trips of 2019, one in 1,400 is faster.
_MOST_MILES_AN_HOUR = 80.0
Impossible = Literal["too_short", "too_fast"]
Kind = Literal[
    "few_trips",
    "same_zone",
    "other_month",
    "rare_level",
    "out_of_range",
    Impossible,
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Note:
    """A sentence, and what kind of doubt it is."""

    kind: Kind
    text: str


def impossible(ride: Ride) -> Impossible | None:
    """Tell why there can be no such ride, if that is so."""
    if ride.distance < shortest_miles(ride.pickup, ride.dropoff):
        return "too_short"
    if 60 * ride.distance > _MOST_MILES_AN_HOUR * ride.minutes:
        return "too_fast"
    return None


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
    match impossible(ride):
        case "too_short":
            least = shortest_miles(ride.pickup, ride.dropoff)
            yield Note(
                "too_short",
                f"By air it is {least:.1f} miles from zone to zone: there can"
                f" be no ride of {ride.distance:g}, and its price is a guess.",
            )
        case "too_fast":
            speed = 60 * ride.distance / ride.minutes
            yield Note(
                "too_fast",
                f"{ride.distance:g} miles in {ride.minutes:g} minutes are"
                f" {speed:.0f} miles an hour: there can be no such ride, and"
                " its price is a guess.",
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


def note_on_number(feature: str, number: float, limit: float) -> Note:
    """Tell of a number that is far from those of training."""
    return Note(
        "out_of_range",
        f"{TITLES[feature]} {number:,g} is far beyond what training told apart"
        f" (up to about {limit:,g}): the price says little.",
    )
