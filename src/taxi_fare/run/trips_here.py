"""Valid trips in reach of this process: what a model learns from them."""

from abc import ABC, abstractmethod
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
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
from taxi_fare.run.coded_trips import CodedTrips, LevelCodes
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
        total = _Total()
        for found in self.map(_summed_up):
            total.add(found)
        return total.learnt()

    def summed_up_and_coded(self) -> tuple[Learnt, CodedTrips]:
        """Sum the trips up, and keep them as numbers: they are read once."""
        total, levels = _Total(), LevelCodes()

        def work(
            features: pa.Table, paid: Floats
        ) -> tuple[_Sums, np.ndarray, Floats]:
            return _summed_up(features, paid), levels.coded(features), paid

        def parts() -> Iterator[tuple[np.ndarray, Floats]]:
            for found, part, paid in self.map(work):
                total.add(found)
                yield part, paid

        matrix, paid = self._together(parts())
        return total.learnt(), CodedTrips(levels, matrix, paid)

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
        work = partial(_encoded, levels=levels, label=label)
        return EncodedTrips(*self._together(self.map(work)))

    def _together(
        self, parts: Iterable[tuple[np.ndarray, Floats]]
    ) -> tuple[np.ndarray, np.ndarray]:
        rows, end = self.rows, 0
        # What boosts trees computes in 32 bits: half as much is kept.
        matrix = np.empty((rows, len(FEATURES)), dtype=np.float32)
        paid = np.empty(rows, dtype=np.float32)
        for part, dollars in parts:
            start, end = end, end + len(dollars)
            matrix[start:end], paid[start:end] = part, dollars
        return matrix[:end], paid[:end]


_Sums: TypeAlias = tuple[LevelSums, Pairs, RouteSums]


class _Total:
    """Sums of all batches."""

    def __init__(self) -> None:
        self._levels: list[LevelSums] = []
        self._pairs: list[Pairs] = []
        self._routes = RouteTotal()

    def add(self, found: _Sums) -> None:
        """Add those of a batch."""
        levels, pairs, routes = found
        self._levels.append(levels)
        self._pairs.append(pairs)
        self._routes.add(routes)

    def learnt(self) -> Learnt:
        """Fit what needs no more than sums."""
        return Learnt(
            added_up(self._levels),
            fit_trivial(self._pairs),
            fit_routes(self._routes.sums()),
        )


def _summed_up(features: pa.Table, paid: Floats) -> _Sums:
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
