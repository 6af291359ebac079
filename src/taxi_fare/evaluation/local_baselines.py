"""The two trivial predictions of ``baselines``, without Spark."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from taxi_fare.core.ways import ways_of
from taxi_fare.evaluation.metrics import Numbers

MEAN, PAIR_MEDIAN = "mean", "zone-pair median"
_CENTS = 100
# As cents fit beside the pair into 64 bits: a total is at most so much.
_MOST_CENTS = 2**40

Pairs = NDArray[np.int64]


@dataclass(frozen=True)
class TrivialModels:
    """
    What no training needs.

    Parameters
    ----------
    mean, median : float
        Of all train trips, dollars.
    pairs : ndarray of int64, shape (pairs,)
        Numbers of pairs of zones, ascending.
    medians : ndarray of float64, shape (pairs,)
        Of the train trips of each pair, dollars.
    """

    mean: float
    median: float
    pairs: Pairs
    medians: Numbers

    def predict(self, trips: pa.Table) -> dict[str, Numbers]:
        """Predict trips, as dollars by the name of the baseline."""
        pairs = ways_of(trips)
        places = self.pairs.searchsorted(pairs).clip(max=len(self.pairs) - 1)
        known = self.pairs[places] == pairs
        return {
            MEAN: np.full(len(pairs), self.mean),
            PAIR_MEDIAN: np.where(known, self.medians[places], self.median),
        }


def packed(trips: pa.Table, paid: Numbers) -> Pairs:
    """Put pair and cents of each trip into one number that sorts by both."""
    cents = np.rint(paid * _CENTS).clip(0, _MOST_CENTS - 1).astype(np.int64)
    return ways_of(trips) * _MOST_CENTS + cents


def fit_trivial(batches: Iterable[Pairs]) -> TrivialModels:
    """
    Fit both to trips, of which there is at least one.

    Parameters
    ----------
    batches : iterable of ndarray of int64
        What ``packed`` made of them.
    """
    every = np.concatenate([*batches])
    every.sort()
    pairs, first, count = np.unique(
        every // _MOST_CENTS, return_index=True, return_counts=True
    )
    cents = every % _MOST_CENTS
    # The lower one of two in the middle, as Spark ranks.
    medians = cents[first + (count - 1) // 2] / _CENTS
    half = (len(cents) - 1) // 2
    middle = np.partition(cents, half)[half]
    return TrivialModels(
        float(cents.mean() / _CENTS), float(middle / _CENTS), pairs, medians
    )
