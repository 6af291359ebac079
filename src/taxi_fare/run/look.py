"""One pass over a month: what its trips look like, and how a model did."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    FEATURES,
    INPUTS,
    LABEL,
    PASSENGERS,
    PREDICTION,
)
from taxi_fare.core.intervals import Intervals
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.coverage import Covered
from taxi_fare.evaluation.day_sums import DaySums
from taxi_fare.evaluation.local_baselines import (
    Pairs,
    TrivialModels,
    packed,
)
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.evaluation.slices import Slice, parted_sums, slices
from taxi_fare.lake.catalog import require_unchanged
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import require_all_rows
from taxi_fare.run.month_batches import map_month
from taxi_fare.run.valid_batch import predicted_prices, valid_batch
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.validation.arrow_checks import Broken, RuleCounts
from taxi_fare.validation.rules import trip_rules
from taxi_fare.watching.counting import Counted
from taxi_fare.watching.profiled import ERROR, PRICE_PARTS

MODEL = "model"
OnTrips = Callable[[int, int], None]


@dataclass(frozen=True)
class Look:
    """
    What one pass over a month found in its valid trips.

    Parameters
    ----------
    sums : mapping of str to DaySums
        By who predicted: the model, or a baseline; empty without any.
    pairs : tuple of ndarray
        What baselines are fitted to; empty where nobody asked.
    covered : Covered or None
        What the intervals of the model held; None without any.
    """

    counts: MonthCounts
    counted: Counted
    sums: Mapping[str, DaySums]
    pairs: tuple[Pairs, ...]
    covered: Covered | None


@dataclass(frozen=True)
class Looking:
    """
    What a pass is to find out.

    Parameters
    ----------
    model : PortableModel or None
        Who predicts.
    every : int
        It predicts the first trip of so many; accuracy is told only where it
        predicts all.
    intervals : Intervals or None
        Of the model: what they hold is counted.
    baselines : TrivialModels or None
        Who predicts, too.
    pairs : bool
        Whether baselines will be fitted to the trips.
    on_trips : callable or None
        Called with the trips of a month that were looked at, and all of it.
    """

    settings: Settings
    model: PortableModel | None = None
    every: int = 1
    intervals: Intervals | None = None
    baselines: TrivialModels | None = None
    pairs: bool = False
    on_trips: OnTrips | None = None

    @cached_property
    def slices(self) -> tuple[Slice, ...]:
        """The ways to part the trips."""
        return slices(self.settings.error_analysis)

    def at(self, month: LakeMonth) -> Look:
        """
        Look at every trip of a month.

        Raises
        ------
        DataRefusedError
            If the month is damaged.
        ModelRefusedError
            If the model predicts what is no number.
        TemporaryError
            If the month changed meanwhile.
        """
        counts = RuleCounts(trip_rules(self.settings.validation))
        found: _Batch | None = None
        pairs: list[Pairs] = []
        for broken, batch, packed_pairs in self._batches(month):
            counts.add(broken)
            if self.on_trips is not None:
                self.on_trips(counts.rows, month.rows)
            pairs += packed_pairs
            found = batch if found is None else found + batch
        require_unchanged([month])
        require_all_rows([month], {str(month.month): counts.rows})
        if found is None:
            raise TypeError("a month without a batch")
        return Look(
            counts.to_document(),
            found.counted,
            found.sums,
            tuple(pairs),
            found.covered,
        )

    def _batches(
        self, month: LakeMonth
    ) -> Iterator[tuple[Broken, "_Batch", tuple[Pairs, ...]]]:
        work = partial(self._of_batch, month=month)
        names = [*INPUTS, LABEL, *PRICE_PARTS]
        return map_month(work, month, *names, settings=self.settings)

    def _of_batch(
        self, trips: pa.RecordBatch, *, month: LakeMonth
    ) -> tuple[Broken, "_Batch", tuple[Pairs, ...]]:
        batch = valid_batch(trips, month=month.month, settings=self.settings)
        features, paid = batch.features, batch.paid
        columns = {name: features[name] for name in FEATURES}
        columns |= {name: batch.trips[name] for name in (LABEL, *PRICE_PARTS)}
        # An unknown count is 0, as the TLC writes it too.
        count = features[PASSENGERS]
        columns[PASSENGERS] = pc.if_else(pc.equal(count, 0), None, count)
        sums: dict[str, DaySums] = {}
        covered: Covered | None = None
        if self.model is not None:
            some = features.take(np.arange(0, len(paid), self.every))
            predicted = predicted_prices(self.model, some)
            error = paid[:: self.every] - predicted
            columns[PREDICTION], columns[ERROR] = map(
                pa.array, (predicted, error)
            )
            if self.every == 1:
                sums = self._sums(features, paid, predicted)
                covered = self._covered(features, paid, predicted)
        pairs = (packed(features, paid),) if self.pairs else ()
        found = _Batch(Counted.of_batch(columns), sums, covered)
        return batch.broken, found, pairs

    def _covered(
        self, trips: pa.Table, paid: Numbers, predicted: Numbers
    ) -> Covered | None:
        if self.intervals is None:
            return None
        limits = self.settings.error_analysis.bucket_limits_dollars
        return Covered.of_batch(
            trips, paid, predicted, intervals=self.intervals, limits=limits
        )

    def _sums(
        self, trips: pa.Table, paid: Numbers, predicted: Numbers
    ) -> dict[str, DaySums]:
        found = parted_sums(trips, paid, {MODEL: predicted}, ways=self.slices)
        if self.baselines is not None:
            found |= parted_sums(trips, paid, self.baselines.predict(trips))
        return found


@dataclass(frozen=True)
class _Batch:
    """What was found in some trips."""

    counted: Counted
    sums: Mapping[str, DaySums]
    covered: Covered | None

    def __add__(self, other: "_Batch") -> "_Batch":
        return _Batch(
            self.counted + other.counted,
            {
                name: each + other.sums[name]
                for name, each in self.sums.items()
            },
            self.covered and other.covered and self.covered + other.covered,
        )
