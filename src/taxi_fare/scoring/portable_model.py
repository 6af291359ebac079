"""
The portable model of a version: levels and trees in one JSON file.

Neither a pickle nor the format of a library: a pickle runs code when it is
loaded, and binary files of libraries are read by some of their versions only.
JSON keeps every double to the last digit and can be read by anything, in ten
years too.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    FEATURES,
    FEATURES_VERSION,
)
from taxi_fare.core.errors import (
    IncompatibleModelError,
    RegistryConflictError,
)
from taxi_fare.core.files import replacing
from taxi_fare.scoring.batch import BatchModel
from taxi_fare.scoring.trees import Node, Split, Tree

PORTABLE_FILE = "portable/model.json"
FORMAT = "taxi_fare.trees/2"
# Without `base` and `bits`: 0 dollars, and doubles.
_OLDER = "taxi_fare.trees/1"
READABLE = (FORMAT, _OLDER)


@dataclass(frozen=True)
class PortableModel:
    """
    Trees over the 12 features.

    Parameters
    ----------
    levels : mapping of str to tuple of str
        Levels of each categorical feature, by index. Rare and unseen ones
        share the index after the last; null is the level ``unknown``.
    trees : tuple of Tree
        What adds up to a prediction, in dollars.
    base : float, optional
        Dollars that the trees add to.
    """

    levels: Mapping[str, tuple[str, ...]]
    trees: tuple[Tree, ...]
    base: float = 0.0
    bits: int = 64

    @cached_property
    def _batch(self) -> BatchModel:
        return BatchModel(
            self.trees, features=len(FEATURES), base=self.base, bits=self.bits
        )

    def rounded(self, matrix: np.ndarray) -> np.ndarray:
        """Round encoded trips to what the model computes with."""
        if self.bits == 64:
            return matrix
        return matrix.astype(np.float32).astype(np.float64)

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """
        Predict encoded trips.

        Returns
        -------
        ndarray of float64, shape (trips,)
            Dollars.
        """
        return self._batch.predict(self.rounded(matrix))

    def write(self, folder: Path) -> None:
        """Write the model into a version."""
        document = {
            "format": FORMAT,
            "features": {
                "version": FEATURES_VERSION,
                "names": list(FEATURES),
                "levels": {name: list(x) for name, x in self.levels.items()},
            },
            "base": self.base,
            "bits": self.bits,
            "trees": [list(map(_to_document, tree)) for tree in self.trees],
        }
        with replacing(folder / PORTABLE_FILE) as temporary:
            temporary.write_text(
                json.dumps(document, allow_nan=False), encoding="utf-8"
            )


def parse_portable_model(content: bytes) -> PortableModel:
    """
    Read a portable model.

    Raises
    ------
    RegistryConflictError
        If it is damaged.
    IncompatibleModelError
        If it is of another format, or needs other features than this code
        derives.
    """
    try:
        document = json.loads(content)
        written = document["format"]
        if written not in READABLE:
            raise _of_another(f"format {written}")
        features = document["features"]
        found = features["version"], features["names"]
        if found != (FEATURES_VERSION, list(FEATURES)):
            raise _of_another(f"features version {found[0]}")
        levels = {
            name: tuple(features["levels"][name])
            for name in CATEGORICAL_FEATURES
        }
        trees = tuple(map(_tree, document["trees"]))
        base, bits = document.get("base", 0.0), document.get("bits", 64)
        if bits not in (32, 64):
            raise ValueError(f"numbers of {bits} bits")
        return PortableModel(levels, trees, float(base), bits)
    except (ValueError, TypeError, LookupError) as error:
        raise RegistryConflictError(
            f"The portable model is damaged ({error!r:.80}).",
            expected=f"{FORMAT}, as training wrote it",
            remedy="train again with `taxi-fare train --force`, or name"
            " another model.",
        ) from error


def _of_another(found: str) -> IncompatibleModelError:
    return IncompatibleModelError(
        f"The portable model is of {found}.",
        expected=f"{FORMAT}, features version {FEATURES_VERSION} with the"
        " features that this code derives",
        remedy="train again with `taxi-fare train`, or name another model.",
    )


def _to_document(node: Node) -> dict[str, Any]:
    split = node.split
    if split is None:
        return {"value": node.value}
    question: dict[str, Any] = (
        {"levels": sorted(split.levels)}
        if split.threshold is None
        else {"threshold": split.threshold}
    )
    return {
        "value": node.value,
        "feature": FEATURES[split.feature],
        **question,
        "left": split.left,
        "right": split.right,
    }


def _tree(nodes: Sequence[Mapping[str, Any]]) -> Tree:
    if not nodes:
        raise ValueError("a tree without a root")
    return tuple(
        _node(node, index=index, count=len(nodes))
        for index, node in enumerate(nodes)
    )


def _node(node: Mapping[str, Any], *, index: int, count: int) -> Node:
    value = float(node["value"])
    if "feature" not in node:
        return Node(value)
    feature, threshold = node["feature"], node.get("threshold")
    left, right = int(node["left"]), int(node["right"])
    # A walk that only goes on to later nodes comes to an end.
    if not index < min(left, right) <= max(left, right) < count:
        raise ValueError(f"node {index} has the children {left}, {right}")
    if (threshold is None) != (feature in CATEGORICAL_FEATURES):
        raise ValueError(f"node {index} asks {feature} for the wrong kind")
    levels = frozenset(map(int, node["levels"] if threshold is None else ()))
    if threshold is not None:
        threshold = float(threshold)
    return Node(
        value, Split(FEATURES.index(feature), threshold, levels, left, right)
    )
