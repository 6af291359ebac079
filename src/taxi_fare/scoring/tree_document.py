"""Read the parts of a portable model: sound, within bounds, or refused."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES
from taxi_fare.core.tariff import TERMS, TERMS_ID, Tariff
from taxi_fare.scoring.trees import Node, Split, Tree

Levels = Mapping[str, tuple[str, ...]]
# Beyond all that the settings allow, and within what a machine can do.
_MOST_TREES = 10_000
_MOST_NODES = 1_000_000
_DEEPEST = 64
# No ride costs a part of it; sums of so many stay finite.
_MOST_DOLLARS = 1e9
# Of the tables that many trips are predicted with (`scoring.batch`).
_MOST_TABLE_BYTES = 2**30
_WORD_BYTES = 8
_LEAVES_AT_ONCE = 64


def read_levels(written: Any) -> Levels:
    """Read the levels of each categorical feature."""
    if set(written) != set(CATEGORICAL_FEATURES):
        raise ValueError(f"levels of {', '.join(sorted(written))}")
    levels = {name: tuple(written[name]) for name in CATEGORICAL_FEATURES}
    for name, found in levels.items():
        if not all(type(each) is str for each in found):
            raise ValueError(f"{name} has a level that is no text")
        if len(set(found)) < len(found):
            raise ValueError(f"{name} has a level twice")
    return levels


def read_trees(written: Any, *, levels: Levels) -> tuple[Tree, ...]:
    """
    Read trees.

    Raises
    ------
    ValueError, TypeError, LookupError
        If they are none, or more than can be worked with.
    """
    if type(written) is not list or not 0 < len(written) <= _MOST_TREES:
        raise ValueError(f"a list of 1 to {_MOST_TREES:,} trees is needed")
    if sum(map(len, written)) > _MOST_NODES:
        raise ValueError(f"more than {_MOST_NODES:,} nodes")
    trees = tuple(_tree(nodes, levels=levels) for nodes in written)
    if (size := _table_bytes(trees)) > _MOST_TABLE_BYTES:
        raise ValueError(f"its tables would need {size:,} bytes")
    return trees


def write_tariff(tariff: Tariff | None) -> dict[str, Any] | None:
    """Write what ``read_tariff`` reads, and which terms are meant."""
    return asdict(tariff) | {"terms": TERMS_ID} if tariff else None


def read_tariff(written: Any) -> Tariff | None:
    """
    Read a tariff, where there is one.

    Raises
    ------
    ValueError, TypeError, LookupError
        If it is none, or one of terms that this code does not compute.
    """
    if written is None:
        return None
    terms = written["dollars"]
    if other := terms.keys() ^ TERMS.keys():
        raise ValueError(f"the terms {', '.join(sorted(other))}")
    priced = {name: dollars(found) for name, found in terms.items()}
    return Tariff(dollars(written["base"]), priced)


def dollars(written: Any) -> float:
    """Read a number of dollars."""
    found = number(written)
    if abs(found) > _MOST_DOLLARS:
        raise ValueError(f"{found} dollars")
    return found


def number(written: Any) -> float:
    """Read a number; a text or a truth value is none."""
    if type(written) not in {int, float} or not isfinite(written):
        raise ValueError(f"{written!r:.40} is no finite number")
    return float(written)


def _tree(nodes: Sequence[Mapping[str, Any]], *, levels: Levels) -> Tree:
    if not nodes:
        raise ValueError("a tree without a root")
    tree = tuple(_node(node, levels=levels) for node in nodes)
    depths: list[int | None] = [0] + [None] * (len(tree) - 1)
    for index, node in enumerate(tree):
        depth = depths[index]
        if depth is None:
            raise ValueError(f"node {index} has no parent before it")
        if depth > _DEEPEST:
            raise ValueError(f"node {index} is deeper than {_DEEPEST}")
        for child in (node.split.left, node.split.right) if node.split else ():
            # A walk that only goes on to later nodes comes to an end.
            if not index < child < len(tree) or depths[child] is not None:
                raise ValueError(f"node {index} has the child {child}")
            depths[child] = depth + 1
    return tree


def _node(node: Mapping[str, Any], *, levels: Levels) -> Node:
    value = dollars(node["value"])
    if "feature" not in node:
        return Node(value)
    feature, children = node["feature"], (node["left"], node["right"])
    if any(type(each) is not int for each in children):
        raise ValueError(f"the children {children}")
    asked = [key for key in ("threshold", "levels") if key in node]
    if asked != ["levels" if feature in CATEGORICAL_FEATURES else "threshold"]:
        raise ValueError(f"{feature} is asked for {' and '.join(asked)}")
    place = FEATURES.index(feature)
    if asked == ["threshold"]:
        limit = number(node["threshold"])
        return Node(value, Split(place, limit, frozenset(), *children))
    known = range(len(levels[feature]) + 1)  # the last one is shared
    lefts = node["levels"]
    if not all(type(each) is int and each in known for each in lefts):
        raise ValueError(f"{feature} has {len(known)} levels")
    return Node(value, Split(place, None, frozenset(lefts), *children))


def _table_bytes(trees: Sequence[Tree]) -> int:
    """Bound the memory that predicting many trips needs."""
    limits: dict[int, set[float | None]] = {}
    for tree in trees:
        for node in tree:
            if node.split:
                limits.setdefault(node.split.feature, set()).add(
                    node.split.threshold
                )
    total = 0
    for tree in trees:
        leaves = sum(node.split is None for node in tree)
        asked = {node.split.feature for node in tree if node.split}
        rows = sum(len(limits[feature]) + 1 for feature in asked)
        total += -(-leaves // _LEAVES_AT_ONCE) * rows
    return total * _WORD_BYTES
