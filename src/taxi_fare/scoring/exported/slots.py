"""The numbers that an encoded trip has, and questions about them."""

from collections.abc import Callable
from dataclasses import dataclass

from taxi_fare.core.columns import FEATURES
from taxi_fare.scoring.trees import Split

# The nodes to the left and to the right of a split.
Children = tuple[int, int]


@dataclass(frozen=True)
class Slot:
    """
    One number of an encoded trip.

    Parameters
    ----------
    values : tuple of float
        What the slot holds for each level index, the shared one included;
        empty for a numeric feature, which the slot holds itself.
    """

    feature: str
    values: tuple[float, ...] = ()


def numeric_split(
    slot: Slot, *, children: Children, threshold: float
) -> Split:
    """Ask a numeric feature."""
    feature = FEATURES.index(slot.feature)
    return Split(feature, threshold, frozenset(), *children)


def level_split(
    slot: Slot, *, children: Children, goes_left: Callable[[float], bool]
) -> Split:
    """Ask a categorical feature what a tree asks one of its slots."""
    indices = range(len(slot.values))
    lefts = frozenset(i for i in indices if goes_left(slot.values[i]))
    # Shorter to say "level 7 goes there" than to list all that do not.
    if 2 * len(lefts) > len(indices):
        lefts, children = frozenset(indices) - lefts, children[::-1]
    return Split(FEATURES.index(slot.feature), None, lefts, *children)
