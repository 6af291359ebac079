"""
The portable model of a version: levels, trees, tariff in one JSON file.

Neither a pickle nor the format of a library: a pickle runs code when it is
loaded, and binary files of libraries are read by some of their versions only.
JSON keeps every double to the last digit and can be read by anything, in ten
years too.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import FEATURES, FEATURES_VERSION
from taxi_fare.core.errors import (
    IncompatibleModelError,
    RegistryConflictError,
)
from taxi_fare.core.files import replacing
from taxi_fare.core.json_text import parse_json
from taxi_fare.core.tariff import TERMS_ID, Tariff
from taxi_fare.scoring.batch import BatchModel
from taxi_fare.scoring.beyond import limits_of
from taxi_fare.scoring.encode import encode
from taxi_fare.scoring.tree_document import (
    dollars,
    read_levels,
    read_tariff,
    read_trees,
    write_tariff,
)
from taxi_fare.scoring.trees import Node, Tree, steps

PORTABLE_FILE = "portable/model.json"
FORMAT = "taxi_fare.trees/3"
# The second has no tariff; the first has no `base` and `bits` either: 0
# dollars, and doubles.
READABLE = (FORMAT, "taxi_fare.trees/2", "taxi_fare.trees/1")
# What looking into a document raises that is none of ours.
_NO_MODEL = (ValueError, TypeError, LookupError, AttributeError, OverflowError)


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
    bits : {64, 32}, optional
        Of the numbers that the trees compare.
    tariff : Tariff, optional
        What the trees add to as well.
    """

    levels: Mapping[str, tuple[str, ...]]
    trees: tuple[Tree, ...]
    base: float = 0.0
    bits: int = 64
    tariff: Tariff | None = None

    @cached_property
    def _batch(self) -> BatchModel:
        return BatchModel(
            self.trees, features=len(FEATURES), base=self.base, bits=self.bits
        )

    @cached_property
    def limits(self) -> Mapping[str, float]:
        """From where on numbers are far beyond those of training."""
        return limits_of(self.trees)

    def predict(self, features: pa.Table) -> np.ndarray:
        """
        Predict trips.

        Parameters
        ----------
        features : pyarrow.Table
            The 12, as ``taxi_fare.scoring.derive`` makes them.

        Returns
        -------
        ndarray of float64, shape (trips,)
            Dollars.
        """
        found = self._batch.predict(self._encoded(features))
        if self.tariff is None:
            return found
        return found + self.tariff.prices(features)

    def explain(self, features: pa.Table) -> tuple[float, list[float]]:
        """
        Tell what one trip's prediction consists of.

        Returns
        -------
        tuple of float and list of float
            Dollars before anything is asked, and those that each of the 12
            features adds.
        """
        base = self.base + sum(tree[0].value for tree in self.trees)
        row = self._encoded(features)[0].tolist()
        added = [0.0] * len(FEATURES)
        if self.tariff is not None:
            base += self.tariff.base
            for name, more in self.tariff.added(features).items():
                added[FEATURES.index(name)] += more
        for tree in self.trees:
            for feature, more in steps(tree, row):
                added[feature] += more
        return base, added

    def _encoded(self, features: pa.Table) -> np.ndarray:
        """Return the numbers that are asked for, as exact as trees compute."""
        matrix = encode(features, levels=self.levels)
        if self.bits == 64:
            return matrix
        return matrix.astype(np.float32).astype(np.float64)

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
            "tariff": write_tariff(self.tariff),
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
        document = parse_json(content)
        written = document["format"]
        if type(written) is not str or written not in READABLE:
            raise _of_another(f"format {written!r:.40}")
        features = document["features"]
        found = features["version"], features["names"]
        if found != (FEATURES_VERSION, list(FEATURES)):
            raise _of_another(f"features version {found[0]!r:.40}")
        levels = read_levels(features["levels"])
        base, bits = document.get("base", 0.0), document.get("bits", 64)
        if type(bits) is not int or bits not in (32, 64):
            raise ValueError(f"numbers of {bits!r:.40} bits")
        trees = read_trees(document["trees"], levels=levels)
        stated = document["tariff"] if written == FORMAT else None
        if stated is not None and stated["terms"] != TERMS_ID:
            raise _of_another(f"a tariff of terms {stated['terms']!r:.40}")
        tariff = read_tariff(stated)
        return PortableModel(levels, trees, dollars(base), bits, tariff)
    except _NO_MODEL as error:
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
