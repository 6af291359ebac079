"""Sum up counts of trips by hour, weekday and payment type."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

HOURS = 24
WEEKDAYS = 7
# Sums of doubles differ in their last digits from run to run.
_DIGITS = 6


@dataclass(frozen=True)
class TripGroup:
    """
    Trips that share weekday, hour and payment type.

    Parameters
    ----------
    hour : int
        Of the pickup, 0 to 23, wall-clock time.
    payment_type : int or None
        The TLC's code; None where it is missing.
    """

    weekday: int
    hour: int
    payment_type: int | None
    count: int
    dollars: float


def by_hour(groups: Iterable[TripGroup]) -> list[dict[str, Any]]:
    """Return count and mean total of every hour of the day."""
    return _summed(
        groups, name="hour", key=lambda each: each.hour, levels=range(HOURS)
    )


def by_weekday(groups: Iterable[TripGroup]) -> list[dict[str, Any]]:
    """Return count and mean total of every day of the week."""
    days = range(WEEKDAYS)
    return _summed(
        groups, name="weekday", key=lambda each: each.weekday, levels=days
    )


def by_payment_type(groups: Iterable[TripGroup]) -> list[dict[str, Any]]:
    """Return count and mean total of every payment type that occurs."""
    groups = list(groups)
    codes = sorted(
        {each.payment_type for each in groups},
        key=lambda code: (code is None, code or 0),
    )
    return _summed(
        groups,
        name="payment_type",
        key=lambda each: each.payment_type,
        levels=codes,
    )


def by_weekday_and_hour(groups: Iterable[TripGroup]) -> list[list[int]]:
    """
    Return how many trips begin in every hour of the week.

    Returns
    -------
    list of list of int
        7 rows from Monday, of 24 hours each.
    """
    counts = [[0] * HOURS for _ in range(WEEKDAYS)]
    for each in groups:
        counts[each.weekday][each.hour] += each.count
    return counts


def _summed(
    groups: Iterable[TripGroup],
    *,
    name: str,
    key: Callable[[TripGroup], int | None],
    levels: Sequence[int | None],
) -> list[dict[str, Any]]:
    counts: dict[int | None, int] = defaultdict(int)
    dollars: dict[int | None, float] = defaultdict(float)
    for each in groups:
        counts[key(each)] += each.count
        dollars[key(each)] += each.dollars
    return [
        {
            name: level,
            "count": counts[level],
            "mean_total_dollars": round(
                dollars[level] / counts[level], _DIGITS
            )
            if counts[level]
            else None,
        }
        for level in levels
    ]
