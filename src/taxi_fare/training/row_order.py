"""Put trips that trees keep together side by side in memory."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from xgboost import XGBRegressor

from taxi_fare.training.algorithms import EncodedTrips

_GUIDE_TRIPS, _GUIDE_DEPTH = 100_000, 8
# So many are moved at once: the memory that it takes.
_AT_ONCE = 2_000_000


def bring_together(trips: EncodedTrips, parameters: Mapping[str, Any]) -> None:
    """
    Order trips by the leaf of a first tree, grown on some of them.

    Each node of the trees to come takes its trips from a few stretches of
    memory instead of from everywhere. That costs a second or two, and saves
    a sixth of the fit of millions of trips; sums are the same but for the
    order of what is added.
    """
    every = max(len(trips.paid) // _GUIDE_TRIPS, 1)
    # Every column in one tree: the trees to come draw theirs.
    only = {"n_estimators": 1, "max_depth": _GUIDE_DEPTH}
    guide = XGBRegressor(**{**parameters, **only, "colsample_bytree": 1.0})
    guide.fit(trips.matrix[::every], trips.paid[::every])
    tree = guide.get_booster()
    for start in range(0, len(trips.paid), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        prices = tree.inplace_predict(trips.matrix[part])
        # The ranks of a few hundred leaves: 16 bits are sorted by radix.
        ranks = np.unique(prices, return_inverse=True)[1].astype(np.uint16)
        order = np.argsort(ranks, kind="stable")
        trips.matrix[part] = trips.matrix[part][order]
        trips.paid[part] = trips.paid[part][order]
