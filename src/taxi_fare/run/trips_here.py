"""Valid trips in reach of this process: what a model learns from them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import FEATURES, LABEL
from taxi_fare.evaluation.local_baselines import (
    Pairs,
    fit_trivial,
    packed,
)
from taxi_fare.features.levels import (
    Floats,
    LevelSums,
    added_up,
    collected_sums,
)
from taxi_fare.features.route_sums import (
    RouteSums,
    RouteTotal,
    route_sums,
)
from taxi_fare.features.routes import fit_routes
from taxi_fare.run.learnt import Learnt
from taxi_fare.run.local_month import Result
from taxi_fare.scoring.encode import encode
from taxi_fare.training.algorithms import EncodedTrips

# Tells from a batch's features and prices what is to be learnt, in dollars.
Label: TypeAlias = Callable[[pa.Table, Floats], Floats]


def as_paid(features: pa.Table, paid: Floats) -> Floats:
    """Learn the price."""
    del features
    return paid


class TripsHere(ABC):
    """Trips that this process can work on itself, batch by batch."""

    @property
    @abstractmethod
    def rows(self) -> int:
        """How many they are at most."""

    @abstractmethod
    def map(
        self, work: Callable[[pa.Table, Floats], Result]
    ) -> Iterator[Result]:
        """Work on features and prices, batch by batch, in their order."""

    def summed_up(self) -> Learnt:
        """Sum the trips up, and fit what needs no more than sums."""
        levels: list[LevelSums] = []
        pairs: list[Pairs] = []
        routes = RouteTotal()
        for sums, found, ways in self.map(_summed_up):
            levels.append(sums)
            pairs.append(found)
            routes.add(ways)
        return Learnt(
            added_up(levels), fit_trivial(pairs), fit_routes(routes.sums())
        )

    def sample(self, rows: int, *beside: str) -> pa.Table:
        """
        Return the features and the label of every n-th trip.

        Parameters
        ----------
        *beside : str
            What is returned besides.
        """
        every = max(-(-self.rows // rows), 1)
        names = (*FEATURES, *beside)
        return pa.concat_tables(self.map(partial(_every, every, names)))

    def encoded(
        self, levels: Mapping[str, Sequence[str]], *, label: Label = as_paid
    ) -> EncodedTrips:
        """Turn all of them into numbers, a level into its index."""
        rows, end = self.rows, 0
        # What boosts trees computes in 32 bits: half as much is kept.
        matrix = np.empty((rows, len(FEATURES)), dtype=np.float32)
        paid = np.empty(rows, dtype=np.float32)
        work = partial(_encoded, levels=levels, label=label)
        for part, dollars in self.map(work):
            start, end = end, end + len(dollars)
            matrix[start:end], paid[start:end] = part, dollars
        return EncodedTrips(matrix[:end], paid[:end])


def _summed_up(
    features: pa.Table, paid: Floats
) -> tuple[LevelSums, Pairs, RouteSums]:
    return (
        collected_sums(features, paid),
        packed(features, paid),
        route_sums(features),
    )


def _encoded(
    features: pa.Table,
    paid: Floats,
    *,
    levels: Mapping[str, Sequence[str]],
    label: Label,
) -> tuple[np.ndarray, Floats]:
    return encode(features, levels=levels), label(features, paid)


def _every(
    step: int, names: Sequence[str], features: pa.Table, paid: Floats
) -> pa.Table:
    table = features.select(names).append_column(LABEL, pa.array(paid))
    return table.take(np.arange(0, table.num_rows, step))
