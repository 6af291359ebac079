"""The valid trips of months of a folder, as features: without Spark."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import FEATURES, INPUTS, LABEL
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
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
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.learnt import Learnt
from taxi_fare.run.local_month import Result, map_batches
from taxi_fare.run.run import Run
from taxi_fare.run.valid_batch import valid_batch
from taxi_fare.scoring.encode import encode
from taxi_fare.training.algorithms import EncodedTrips

# Tells from a batch's features and prices what is to be learnt, in dollars.
Label: TypeAlias = Callable[[pa.Table, Floats], Floats]


def as_paid(features: pa.Table, paid: Floats) -> Floats:
    """Learn the price."""
    del features
    return paid


@dataclass(frozen=True)
class LocalTrips:
    """Months whose valid trips this process reads itself."""

    months: Sequence[LakeMonth]
    settings: Settings

    @property
    def rows(self) -> int:
        """How many they are, those that are not valid included."""
        return sum(each.rows for each in self.months)

    def map(
        self, work: Callable[[pa.Table, Floats], Result]
    ) -> Iterator[Result]:
        """
        Work on features and prices, some batches at once, in their order.

        The day of the month is beside the features.

        Raises
        ------
        DataRefusedError
            If a file is damaged.
        """
        for each in self.months:
            whole = partial(
                _of_valid, work=work, month=each.month, settings=self.settings
            )
            yield from map_batches(whole, each, *INPUTS, LABEL)

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

    def sample(self, rows: int) -> pa.Table:
        """Return the features and the label of every n-th trip."""
        every = max(-(-self.rows // rows), 1)
        return pa.concat_tables(self.map(partial(_every, every)))

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


def local_trips(run: Run, names: Iterable[str]) -> LocalTrips | None:
    """Return trips of some months of a run; None where Spark is needed."""
    months = run.data.read_here(names, run.settings)
    return LocalTrips(months, run.settings) if months else None


def _of_valid(
    trips: pa.RecordBatch,
    *,
    work: Callable[[pa.Table, Floats], Result],
    month: Month,
    settings: Settings,
) -> Result:
    valid = valid_batch(trips, month=month, settings=settings)
    return work(valid.features, valid.paid)


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


def _every(step: int, features: pa.Table, paid: Floats) -> pa.Table:
    table = features.select(FEATURES).append_column(LABEL, pa.array(paid))
    return table.take(np.arange(0, table.num_rows, step))
