"""Trials of hyper-parameters: fit on a sample of trips, measure on others."""

import logging
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.columns import LABEL, PICKUP_DAY, PREDICTION
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import DaySums
from taxi_fare.evaluation.metrics import unusable_predictions
from taxi_fare.evaluation.slices import parted_sums
from taxi_fare.run.fit import fit_pipeline
from taxi_fare.run.held_trips import HeldTrips
from taxi_fare.run.kept_study import FACTOR
from taxi_fare.run.train_trips import TrainTrips
from taxi_fare.training.recipes import Recipe

_STEPS = 3
# Of fewer trips no tree learns what it learns of a month.
_FEWEST = 5_000


@dataclass(frozen=True)
class TrialTrips:
    """
    The trips of all trials.

    Parameters
    ----------
    train, test : HeldTrips
        What is learnt from, and what is predicted; the latter with its days.
    """

    spark: SparkSession
    train: HeldTrips
    test: HeldTrips

    @property
    def rungs(self) -> tuple[int, ...]:
        """How many trips are learnt from, step by step."""
        every = self.train.rows
        sizes = (every // FACTOR**step for step in reversed(range(_STEPS)))
        return tuple(x for x in sizes if x >= min(_FEWEST, every))

    def measured(
        self, recipe: Recipe, settings: Settings, rows: int
    ) -> DaySums:
        """Learn from some of the train trips, and predict the test trips."""
        some = self.train.part(rows)
        fitted = fit_pipeline(
            TrainTrips(self._in_spark(some.table), some),
            recipe=recipe,
            settings=settings,
            log=_quiet(),
        )
        predicted = fitted.model.transform(self._in_spark(self.test.table))
        # Three columns: whatever becomes of the order of the trips.
        found = predicted.select(LABEL, PREDICTION, PICKUP_DAY).toArrow()
        paid, prices = (found[x].to_numpy() for x in (LABEL, PREDICTION))
        if unusable := int((~np.isfinite(prices)).sum()):
            raise unusable_predictions(unusable, of=len(prices), name="trial")
        return parted_sums(found, paid, {PREDICTION: prices})[PREDICTION]

    def _in_spark(self, table: pa.Table) -> DataFrame:
        return self.spark.createDataFrame(table)


def _quiet() -> PipelineLogger:
    """Two lines for each of a thousand fits are none for people."""
    name = f"{__name__}.fits"
    logging.getLogger(name).setLevel(logging.WARNING)
    return PipelineLogger(name)
