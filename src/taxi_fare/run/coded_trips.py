"""Trips as numbers before their levels are chosen: one reading is enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES
from taxi_fare.training.algorithms import EncodedTrips

Codes: TypeAlias = NDArray[np.float32]


@dataclass
class LevelCodes:
    """Levels numbered as they come; several threads may bring some."""

    _codes: dict[str, dict[str, int]] = field(
        default_factory=lambda: {name: {} for name in CATEGORICAL_FEATURES}
    )
    _lock: Lock = field(default_factory=Lock, repr=False)

    def coded(self, features: pa.Table) -> np.ndarray:
        """Return numbers of shape (trips, 12); a level is its code."""
        matrix = np.empty((len(features), len(FEATURES)), dtype=np.float32)
        for place, name in enumerate(FEATURES):
            column = features[name]
            if name in self._codes:
                found = column.combine_chunks().dictionary_encode()
                codes = self._numbered(name, found.dictionary.to_pylist())
                matrix[:, place] = codes[found.indices.to_numpy()]
            else:
                matrix[:, place] = column.to_numpy()
        return matrix

    def indices(self, name: str, levels: Sequence[str]) -> Codes:
        """Return the index of each code; others share the one after."""
        index = {level: place for place, level in enumerate(levels)}
        found = (index.get(level, len(levels)) for level in self._codes[name])
        return np.fromiter(found, dtype=np.float32)

    def _numbered(self, name: str, levels: Sequence[str]) -> Codes:
        codes = self._codes[name]
        with self._lock:
            found = [codes.setdefault(each, len(codes)) for each in levels]
        return np.array(found, dtype=np.float32)


@dataclass(frozen=True)
class CodedTrips:
    """
    Trips whose levels are codes still.

    Parameters
    ----------
    matrix, paid : ndarray of float32
        As of ``EncodedTrips``.
    """

    levels: LevelCodes
    matrix: np.ndarray
    paid: np.ndarray

    def encoded(self, chosen: Mapping[str, Sequence[str]]) -> EncodedTrips:
        """Turn codes into the indices of the levels that were chosen."""
        for name, levels in chosen.items():
            column = self.matrix[:, FEATURES.index(name)]
            indices = self.levels.indices(name, levels)
            column[:] = indices[column.astype(np.int32)]
        return EncodedTrips(self.matrix, self.paid)
