"""
Predict many trips at once: QuickScorer in NumPy.

Instead of walking from a root to a leaf, trip after trip, each tree is asked
feature after feature: a table says for every value of the feature which leaves
it leaves open. The leftmost leaf that all features leave open is the one that
the walk would end in. Source: C. Lucchese et al., QuickScorer: a fast
algorithm to rank documents with additive ensembles of regression trees,
SIGIR 2015.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from taxi_fare.scoring.trees import Split, Tree

# What is worked on at once stays in the processor's cache.
_ROWS_AT_ONCE = 16_384
_WORD = 64
_ALL_OPEN = np.uint64(2**64 - 1)
# Multiplying a single bit by this puts its position into the first 6 bits:
# S. Leiserson et al., Using de Bruijn sequences to index a 1 in a word, 1998.
_DE_BRUIJN = np.uint64(0x03F79D71B4CB0A89)
_SHIFT = np.uint64(58)
_EACH_BIT = np.left_shift(np.uint64(1), np.arange(_WORD, dtype=np.uint64))
_PLACES = (_EACH_BIT * _DE_BRUIJN) >> _SHIFT

Words = NDArray[np.uint64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class _Part:
    """
    Up to 64 leaves of a tree.

    Parameters
    ----------
    values : ndarray of float64, shape (64,)
        Dollars of each leaf, by the hash of its bit.
    """

    tables: tuple[tuple[int, Words], ...]
    values: Numbers

    def open_leaves(self, codes: Sequence[NDArray[np.intp]]) -> Words:
        """Return the leaves that stay open for each trip."""
        opened = np.full(len(codes[0]), _ALL_OPEN)
        for feature, table in self.tables:
            opened &= table.take(codes[feature], mode="clip")
        return opened

    def first_value(self, opened: Words) -> Numbers:
        """Return the dollars of the leftmost open leaf."""
        first = opened & (~opened + np.uint64(1))
        return self.values.take((first * _DE_BRUIJN) >> _SHIFT, mode="clip")


class BatchModel:
    """
    Trees that are added up as their algorithm does.

    Parameters
    ----------
    base : float, optional
        Dollars that the trees add to.
    """

    def __init__(
        self,
        trees: Sequence[Tree],
        *,
        features: int,
        base: float = 0.0,
        bits: int = 64,
    ) -> None:
        self._base = base
        self._type = np.dtype(f"float{bits}")
        self._thresholds = [
            _thresholds(trees, feature) for feature in range(features)
        ]
        self._trees = [tuple(self._parts(tree)) for tree in trees]

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """
        Predict encoded trips.

        Returns
        -------
        ndarray of float64, shape (trips,)
            Dollars.
        """
        prediction = np.empty(len(matrix))
        for start in range(0, len(matrix), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            codes = [
                self._codes(feature, matrix[rows, feature])
                for feature in range(len(self._thresholds))
            ]
            total = np.full(len(codes[0]), self._base, dtype=self._type)
            # Tree after tree: the order changes the last digit of the sum.
            for parts in self._trees:
                leaf = _leaf_values(parts, codes).astype(self._type)
                np.add(total, leaf, out=total)
            prediction[rows] = total
        return prediction

    def _codes(self, feature: int, values: Numbers) -> NDArray[np.intp]:
        """Number the intervals between thresholds; a level is its number."""
        thresholds = self._thresholds[feature]
        if thresholds is None:
            return values.astype(np.intp)
        return thresholds.searchsorted(values)

    def _parts(self, tree: Tree) -> Iterator[_Part]:
        leaves, closing = _leaves_and_masks(tree)
        codes = self._codes_asked(tree)
        starts = range(0, len(leaves), _WORD)
        tables: list[dict[int, Words]] = [{} for _ in starts]
        for split, first, last in closing:
            size = codes[split.feature]
            goes_right = self._goes_right(split, size)
            # Of all parts, only those that a no closes leaves of.
            for part in range(first // _WORD, (last - 1) // _WORD + 1):
                start = part * _WORD
                table = tables[part].get(split.feature)
                if table is None:
                    table = np.full(size, _ALL_OPEN)
                    tables[part][split.feature] = table
                table[goes_right] &= ~_bits(first - start, last - start)
        for start, asked in zip(starts, tables, strict=True):
            end = start + _WORD
            found = leaves[start:end]
            values = np.zeros(_WORD)
            values[_PLACES[: len(found)]] = found
            yield _Part(tuple(asked.items()), values)

    def _codes_asked(self, tree: Tree) -> dict[int, int]:
        """Count the codes of each feature that a tree asks for."""
        codes: dict[int, int] = {}
        for split in (node.split for node in tree if node.split):
            thresholds = self._thresholds[split.feature]
            # Greater levels are in no split: they share the last code.
            size = (
                max(split.levels, default=0) + 2
                if thresholds is None
                else len(thresholds) + 1
            )
            codes[split.feature] = max(codes.get(split.feature, 0), size)
        return codes

    def _goes_right(
        self, split: Split, codes: int
    ) -> slice | NDArray[np.bool_]:
        """Tell for which codes of its feature a split answers no."""
        thresholds = self._thresholds[split.feature]
        if thresholds is not None and split.threshold is not None:
            return slice(
                int(thresholds.searchsorted(split.threshold)) + 1, codes
            )
        others = np.ones(codes, dtype=np.bool_)
        others[list(split.levels)] = False
        return others


def _thresholds(trees: Sequence[Tree], feature: int) -> Numbers | None:
    """Return what a numeric feature is compared with; None for a category."""
    asked = [
        node.split
        for tree in trees
        for node in tree
        if node.split is not None and node.split.feature == feature
    ]
    numbers = {each.threshold for each in asked if each.threshold is not None}
    return np.array(sorted(numbers)) if numbers or not asked else None


def _leaves_and_masks(
    tree: Tree,
) -> tuple[list[float], list[tuple[Split, int, int]]]:
    """Number the leaves from left to right; a no closes a split's left."""
    leaves: list[float] = []
    closing: list[tuple[Split, int, int]] = []

    def visit(index: int) -> None:
        """Visit the left side, then the right one."""
        node = tree[index]
        if node.split is None:
            leaves.append(node.value)
            return
        first = len(leaves)
        visit(node.split.left)
        closing.append((node.split, first, len(leaves)))
        visit(node.split.right)

    visit(0)
    return leaves, closing


def _bits(first: int, end: int) -> np.uint64:
    """Return a word with the bits from one place up to another."""
    first, end = max(first, 0), min(end, _WORD)
    return np.uint64((1 << end) - (1 << first))


def _leaf_values(
    parts: Sequence[_Part], codes: Sequence[NDArray[np.intp]]
) -> Numbers:
    opened = parts[0].open_leaves(codes)
    values = parts[0].first_value(opened)
    for part in parts[1:]:
        # Leaves of an earlier part are further left.
        is_done = opened != 0
        later = part.open_leaves(codes)
        values = np.where(is_done, values, part.first_value(later))
        opened |= later
    return values
