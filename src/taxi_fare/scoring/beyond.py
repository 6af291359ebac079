"""Numbers that are far beyond those that a model tells apart."""

from collections.abc import Mapping, Sequence

import numpy as np

from taxi_fare.core.columns import DISTANCE, DURATION, FEATURES, PASSENGERS
from taxi_fare.scoring.trees import Tree

# Splits are at quantiles of the train trips: the greatest one has some of
# them above it, and hardly any beyond twice as much.
_FAR = 2.0
# A small model splits early; so much is usual, whatever it asks for. Times
# are not here: the months that a model knows are in its manifest.
_USUAL = {DISTANCE: 30.0, DURATION: 120.0, PASSENGERS: 6.0}


def limits_of(trees: Sequence[Tree]) -> Mapping[str, float]:
    """
    Say from where on numbers are beyond those that trees tell apart.

    Only the trees are asked: every version has them.

    Returns
    -------
    mapping of str to float
        By feature; none where no tree asks for it, as its number is nothing
        to the price then.
    """
    greatest: dict[str, float] = {}
    for split in (node.split for tree in trees for node in tree):
        if split is not None and split.threshold is not None:
            name = FEATURES[split.feature]
            known = greatest.get(name, -np.inf)
            greatest[name] = max(known, split.threshold)
    return {
        name: max(_FAR * greatest[name], usual)
        for name, usual in _USUAL.items()
        if name in greatest
    }
