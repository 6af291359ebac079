"""Sum up counts of trips by hour, weekday and payment type."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

GROUPED_BY = ("hour", "weekday", "payment_type")
_HOURS, _WEEKDAYS = range(24), range(7)
_LEVELS = {"hour": _HOURS, "weekday": _WEEKDAYS}
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


def summed_by(groups: Iterable[TripGroup], name: str) -> list[dict[str, Any]]:
    """
    Return count and mean total by hour, weekday or payment type.

    Returns
    -------
    list of dict
        For every hour or weekday that there is, or for every payment type
        that occurs: the one that is missing is the last.
    """
    groups = list(groups)
    levels = _LEVELS.get(name) or sorted(
        {each.payment_type for each in groups},
        key=lambda code: (code is None, code or 0),
    )
    count: dict[int | None, int] = dict.fromkeys(levels, 0)
    dollars: dict[int | None, float] = dict.fromkeys(levels, 0.0)
    for each in groups:
        level = getattr(each, name)
        count[level] += each.count
        dollars[level] += each.dollars
    return [
        {
            name: level,
            "count": trips,
            "mean_total_dollars": round(dollars[level] / trips, _DIGITS)
            if trips
            else None,
        }
        for level, trips in count.items()
    ]


def by_weekday_and_hour(groups: Iterable[TripGroup]) -> list[list[int]]:
    """
    Return how many trips begin in every hour of the week.

    Returns
    -------
    list of list of int
        7 rows from Monday, of 24 hours each.
    """
    counts = [[0] * len(_HOURS) for _ in _WEEKDAYS]
    for each in groups:
        counts[each.weekday][each.hour] += each.count
    return counts
