"""Regression trees over the 12 features, and the walk of one trip."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Split:
    """
    The question that an inner node asks.

    Parameters
    ----------
    threshold : float or None
        Values up to it, inclusive, go left; None for a categorical feature.
    levels : frozenset of int
        Level indices that go left; empty for a numeric feature.
    """

    feature: int
    threshold: float | None
    levels: frozenset[int]
    left: int
    right: int

    def child(self, row: Sequence[float]) -> int:
        """Answer the question."""
        value = row[self.feature]
        if self.threshold is None:
            goes_left = value in self.levels
        else:
            goes_left = value <= self.threshold
        return self.left if goes_left else self.right


@dataclass(frozen=True, slots=True)
class Node:
    """
    A node of a tree.

    Parameters
    ----------
    value : float
        Dollars that the tree would add if it ended here: the mean of the
        train trips that came this far, times the weight of the tree.
    split : Split or None
        None in a leaf.
    """

    value: float
    split: Split | None = None


# The root comes first, every parent before its children.
Tree = tuple[Node, ...]


def steps(tree: Tree, row: Sequence[float]) -> Iterator[tuple[int, float]]:
    """
    Walk from the root to a leaf.

    Yields
    ------
    tuple of int and float
        For each split: the feature that it asks for, and by how many dollars
        the answer moved the value.
    """
    node = tree[0]
    while node.split is not None:
        following = tree[node.split.child(row)]
        yield node.split.feature, following.value - node.value
        node = following
