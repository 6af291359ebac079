"""Bars and marks of the monthly report, as parts of the widest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

# A bar of more than nothing must be seen.
_THINNEST = 0.4


@dataclass(frozen=True)
class Bar:
    """
    One bar.

    Parameters
    ----------
    width : float
        Percent of the space that there is; before ``to_scale``, any number.
    """

    text: str
    width: float
    kind: str = "ours"


@dataclass(frozen=True)
class BarRow:
    """
    What one or more bars are about.

    Parameters
    ----------
    note : str
        More about it, in small letters; may be empty.
    """

    label: str
    note: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Dumbbell:
    """
    Two marks on one axis.

    Parameters
    ----------
    paid, predicted : float
        Where they are, percent of the axis.
    """

    paid: float
    predicted: float


def bar_rows(values: Iterable[tuple[str, float, str]]) -> list[BarRow]:
    """Return one bar for each label, value and text."""
    return to_scale(
        [
            BarRow(label, "", (Bar(text, value),))
            for label, value, text in values
        ]
    )


def to_scale(rows: Sequence[BarRow]) -> list[BarRow]:
    """Make all bars parts of the widest."""
    widths = iter(shares([bar.width for row in rows for bar in row.bars]))
    return [
        replace(
            row,
            bars=tuple(replace(bar, width=next(widths)) for bar in row.bars),
        )
        for row in rows
    ]


def shares(values: Sequence[float]) -> list[float]:
    """
    Return values as percent of the greatest.

    Returns
    -------
    list of float
        From 0 to 100.

    Examples
    --------
    >>> shares([5.0, 10.0, 0.0])
    [50.0, 100.0, 0.0]
    """
    greatest = max(values, default=0.0)
    if greatest <= 0:
        return [0.0 for _ in values]
    return [
        max(_THINNEST, round(100 * value / greatest, 2)) if value > 0 else 0.0
        for value in values
    ]


def dumbbells(trips: Sequence[tuple[float, float]]) -> list[Dumbbell]:
    """
    Return what was paid and predicted for some trips, on one axis.

    Parameters
    ----------
    trips : sequence of tuple of float
        What was paid and what was predicted, dollars; the axis begins at 0,
        or below it where a prediction is negative.

    Examples
    --------
    >>> dumbbells([(10.0, 0.0)])
    [Dumbbell(paid=98.0, predicted=2.0)]
    """
    ends = [end for trip in trips for end in trip]
    left, right = min([0.0, *ends]), max([0.0, *ends])
    width = (right - left) or 1.0
    # Room for the mark itself at both ends.
    places = [round(2 + 96 * (end - left) / width, 2) for end in ends]
    return [
        Dumbbell(paid, predicted)
        for paid, predicted in zip(places[::2], places[1::2], strict=True)
    ]
