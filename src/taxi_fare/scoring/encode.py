"""Encode features for the trees: a level becomes its index."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES


def encode(
    features: pa.Table, *, levels: Mapping[str, Sequence[str]]
) -> np.ndarray:
    """
    Turn features into the numbers that the trees ask for.

    Returns
    -------
    ndarray of float64, shape (trips, 12)
        Numeric features as they are. A level is its index; rare and unseen
        levels share the index after the last.
    """
    matrix = np.empty((features.num_rows, len(FEATURES)))
    for index, name in enumerate(FEATURES):
        column = features[name]
        if name in levels:
            known = pa.array(levels[name], pa.string())
            column = pc.fill_null(
                pc.index_in(column, value_set=known), len(known)
            )
        matrix[:, index] = column.to_numpy()
    return matrix


def rare_by_trip(
    features: pa.Table, *, usual: Mapping[str, Sequence[str]]
) -> dict[int, dict[str, str]]:
    """Tell which levels training had not seen, or not often, by trip."""
    found: dict[int, dict[str, str]] = {}
    for name in CATEGORICAL_FEATURES:
        column, known = features[name], pa.array(usual[name], pa.string())
        is_rare = pc.invert(pc.is_in(column, value_set=known))
        for trip in np.flatnonzero(is_rare.to_numpy()).tolist():
            found.setdefault(trip, {})[name] = column[trip].as_py()
    return found
