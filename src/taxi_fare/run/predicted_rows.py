"""Predictions on their way to the file: completed, and looked at."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    DISTANCE,
    LABEL,
    PREDICTION,
    RATE_CODE,
    UNKNOWN_LEVEL,
)
from taxi_fare.core.intervals import (
    KINDS,
    Coverage,
    Intervals,
    interval_columns,
)
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.metrics import is_spread
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.coverage import Covered
from taxi_fare.evaluation.metrics import Metrics, collected_metrics
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    numbers,
    prediction_figures,
)
from taxi_fare.run.models import CheckedModel

MODEL_ID = "model_id"
# Whether what was paid is a total that a model can be measured by.
IS_PAID = "is_paid"


@dataclass(frozen=True)
class Predictions:
    """
    What was predicted.

    Parameters
    ----------
    metrics : Metrics or None
        Of the trips with a valid total; None without any, where all cost
        the same, or where a prediction is not finite.
    coverage : Coverage or None
        What the intervals held of these trips; None without any, or where
        the model has no intervals.
    """

    counts: MonthCounts
    figures: PredictionFigures
    metrics: Metrics | None
    coverage: Coverage | None


@dataclass
class PredictedRows:
    """What is made of predictions, and what was seen of them."""

    columns: list[str]
    model: CheckedModel
    settings: Settings
    seen: list[pa.Table] = field(default_factory=list)
    covered: list[Covered] = field(default_factory=list)

    def finish(self, table: pa.Table) -> pa.Table:
        """Make of some rows what is written."""
        paid = [LABEL, IS_PAID] if LABEL in self.columns else []
        looked_at = [PREDICTION, DISTANCE, RATE_CODE, *paid]
        self.seen.append(table.select(looked_at))
        prediction = table[PREDICTION]
        if self.settings.prediction.floor_at_minimum_fare:
            lowest = self.settings.prediction.minimum_fare_dollars
            prediction = pc.max_element_wise(prediction, lowest)
        written = table.select(self.columns)
        written = written.append_column(PREDICTION, prediction)
        for name, ends in self._ends(table, prediction).items():
            written = written.append_column(name, ends)
        return written.append_column(
            MODEL_ID, pa.repeat(self.model.model_id, table.num_rows)
        )

    def _ends(
        self, table: pa.Table, written: pa.ChunkedArray
    ) -> dict[str, pa.Array]:
        """Return the ends of the intervals, where the model has any."""
        intervals = self.model.intervals
        if intervals is None:
            return {}
        stated = self.settings.prediction.interval
        low, high = intervals.around(
            numbers(table, PREDICTION), _kinds(table), coverage=stated
        )
        if LABEL in self.columns:
            self._look(table.filter(table[IS_PAID]), intervals)
        price = np.asarray(written, dtype=np.float64)
        # The smallest fare may be more than the model predicts.
        ends = np.minimum(low, price), np.maximum(high, price)
        return {
            name: pa.array(each)
            for name, each in zip(interval_columns(stated), ends, strict=True)
        }

    def _look(self, paid: pa.Table, intervals: Intervals) -> None:
        """Count what the intervals hold of the trips that are paid for."""
        self.covered.append(
            Covered.of_batch(
                _kinds(paid),
                numbers(paid, LABEL),
                numbers(paid, PREDICTION),
                intervals=intervals,
                limits=self.settings.error_analysis.bucket_limits_dollars,
            )
        )

    def told(self, counts: MonthCounts) -> Predictions:
        """Say what was seen."""
        seen = pa.concat_tables(self.seen)
        settings = self.settings
        figures = prediction_figures(
            seen,
            limit_dollars=settings.plausibility.total_max_dollars,
            minimum_fare_dollars=settings.prediction.minimum_fare_dollars,
        )
        usable = LABEL in self.columns and not figures.non_finite
        return Predictions(
            counts,
            figures,
            self._metrics(seen) if usable else None,
            self._coverage() if usable else None,
        )

    def _metrics(self, seen: pa.Table) -> Metrics | None:
        paid = seen.filter(seen[IS_PAID])
        totals = numbers(paid, LABEL)
        if not paid.num_rows or not is_spread(float(totals.var())):
            return None
        return collected_metrics(totals, numbers(paid, PREDICTION))

    def _coverage(self) -> Coverage | None:
        intervals = self.model.intervals
        if intervals is None:
            return None
        first, *others = self.covered
        return sum(others, start=first).to_document(intervals)


def _kinds(table: pa.Table) -> pa.Table:
    """Return the features that tell kinds of rides apart, of raw columns."""
    return pa.table(
        {
            name: pc.fill_null(table[name].cast(pa.string()), UNKNOWN_LEVEL)
            for name in KINDS
        }
    )
