"""What a model does not know about the time of a ride, in sentences."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from taxi_fare.scoring.note import Note
from taxi_fare.scoring.ride import Ride

# Up to a year after the train months a model is only behind with its monthly
# training. Later each season has come once more than it knows of, and there
# may be a new rate card or surcharge, as in 2019-02, 2022-12 and 2025-01.
_MOST_MONTHS_LATER = 12


def notes_on_time(
    ride: Ride, months: tuple[str, ...], *, known: tuple[str, ...]
) -> Iterator[Note]:
    """
    Tell of a ride at another time than those that a model learnt from.

    Parameters
    ----------
    months : tuple of str
        Its train months.
    known : tuple of str
        What it knows: the test month as well.
    """
    learnt = _learnt(months, known)
    yield from _on_season(ride, learnt)
    yield from _on_time(ride, learnt)


@dataclass(frozen=True)
class _Learnt:
    """
    What a model learnt from.

    Parameters
    ----------
    months : tuple of str
        Its train months.
    of_the_year : frozenset of int
        Months of any year that it knows.
    first, last : int
        Train months, counted from year 0.
    """

    months: tuple[str, ...]
    of_the_year: frozenset[int]
    first: int
    last: int


@lru_cache(maxsize=8)
def _learnt(months: tuple[str, ...], known: tuple[str, ...]) -> _Learnt:
    """Read the names of months once, and not for every ride."""
    ends = (min(months), max(months))
    first, last = (
        _months_since_zero(*map(int, each.split("-"))) for each in ends
    )
    # How well the test month is priced was measured: it is known as well.
    of_the_year = frozenset(int(each.partition("-")[2]) for each in known)
    return _Learnt(months, of_the_year, first, last)


def _on_season(ride: Ride, learnt: _Learnt) -> Iterator[Note]:
    if ride.at.month not in learnt.of_the_year:
        yield Note(
            "other_month",
            f"The model learnt from {', '.join(learnt.months)}: of a ride in"
            f" {ride.at:%B} it knows less.",
            {"months": learnt.months, "month": ride.at.month},
        )


def _on_time(ride: Ride, learnt: _Learnt) -> Iterator[Note]:
    at = _months_since_zero(ride.at.year, ride.at.month)
    later = at - learnt.last
    if learnt.first <= at and later <= _MOST_MONTHS_LATER:
        return
    first, last = min(learnt.months), max(learnt.months)
    # A time of any year, which a Month need not be.
    asked = f"{ride.at.year:04d}-{ride.at.month:02d}"
    values = {"first": first, "last": last, "asked": asked}
    if at < learnt.first:
        yield Note(
            "before_training",
            f"The model learnt from {first} to {last}, and the ride is of"
            f" {asked}, before that: it is priced as if it were of then.",
            values,
        )
    else:
        yield Note(
            "long_after_training",
            f"The model learnt from {first} to {last}, and the ride is of"
            f" {asked}, {later} months later: prices that changed since are"
            " unknown to it.",
            values | {"later": later},
        )


def _months_since_zero(year: int, month: int) -> int:
    return 12 * year + month
