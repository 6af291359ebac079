"""Predict a month of a folder by a portable model: no JVM is started."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import INPUTS, LABEL
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.tables.file import write_table
from taxi_fare.run.local_month import (
    map_batches,
    needs_no_spark,
    read_batches,
)
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.predicted_rows import (
    IS_PAID,
    PredictedRows,
    Predictions,
)
from taxi_fare.run.prediction import origin_of, require_whole
from taxi_fare.run.trip_counts import LocalCounting, told_months
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.table_batches import predict_batches
from taxi_fare.validation.arrow_checks import (
    Broken,
    RuleCounts,
)
from taxi_fare.validation.rules import input_rules, label_rules

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LocalEngine:
    """
    A month that is in a folder, and a model that needs no Spark.

    Parameters
    ----------
    portable : PortableModel
        Of the model.
    on_trips : callable or None
        Called with the trips that were predicted and all there are.
    """

    month: LakeMonth
    model: CheckedModel
    portable: PortableModel
    settings: Settings
    on_trips: Callable[[int, int], None] | None = None

    def count_sample(self, share: float) -> MonthCounts:
        """Count the violations in some of the trips, drawn at random."""
        rules = input_rules(self.settings.validation)
        counts = RuleCounts(rules)
        draw = np.random.default_rng(self.settings.training.seed)
        for batch in read_batches(self.month, *INPUTS):
            drawn = draw.random(batch.num_rows) < share
            some = batch.filter(pa.array(drawn))
            counts.add(Broken(some, rules=rules, month=self.month.month))
        return counts.to_document()

    def told_months(self, found: MonthCounts) -> str:
        """Tell which months the trips are of; nothing if of no other."""
        counting = LocalCounting([self.month])
        return told_months(counting, str(self.month.month), found)

    def predict(self, output: Path) -> Predictions:
        """
        Predict every trip that can be, and write the file.

        Raises
        ------
        DataRefusedError
            If the month is damaged.
        """
        columns = list(self.month.columns)
        counts = RuleCounts(input_rules(self.settings.validation))
        predicted = PredictedRows(columns, self.model, self.settings)

        def counted(
            results: Iterable[tuple[Broken, pa.RecordBatch]],
        ) -> Iterator[pa.RecordBatch]:
            for broken, rows in results:
                counts.add(broken)
                if self.on_trips is not None:
                    self.on_trips(counts.rows, self.month.rows)
                yield rows

        work = partial(self._predicted, columns=columns)
        write_table(
            counted(map_batches(work, self.month)),
            file=output,
            document=origin_of(self.month, self.model),
            finish=predicted.finish,
            accept=lambda: require_whole(self.month, rows=counts.rows),
        )
        return predicted.told(counts.to_document())

    def _predicted(
        self, trips: pa.RecordBatch, *, columns: list[str]
    ) -> tuple[Broken, pa.RecordBatch]:
        limits, month = self.settings.validation, self.month.month
        broken = Broken(trips, rules=input_rules(limits), month=month)
        valid = trips.filter(broken.valid)
        rows = valid.select(columns)
        if LABEL in columns:
            paid = Broken(valid, rules=label_rules(limits), month=month)
            rows = rows.append_column(IS_PAID, paid.valid)
        (priced,) = predict_batches([rows], model=self.portable)
        return broken, priced


def local_engine(
    month: LakeMonth,
    *,
    model: CheckedModel,
    settings: Settings,
    on_trips: Callable[[int, int], None] | None = None,
) -> LocalEngine | None:
    """Return what predicts a month without Spark; None where it is needed."""
    if model.portable is None or not needs_no_spark(month, settings):
        return None
    _logger.info("Predicting without Spark: nothing here needs it")
    return LocalEngine(month, model, model.portable, settings, on_trips)
