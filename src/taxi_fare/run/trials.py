"""Trials of hyper-parameters: fit on a sample of trips, measure on others."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL, PICKUP_AT, PICKUP_DAY, PREDICTION
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.evaluation.day_sums import DaySums
from taxi_fare.evaluation.metrics import unusable_predictions
from taxi_fare.evaluation.slices import parted_sums
from taxi_fare.features.derive import PACKED_TRIP
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.lake.read import paths_of
from taxi_fare.run.fit import fit_pipeline, require_recipe
from taxi_fare.run.held_trips import HeldTrips
from taxi_fare.run.kept_study import FACTOR
from taxi_fare.run.local_trips import local_trips
from taxi_fare.run.run import Run
from taxi_fare.run.train_trips import TrainTrips
from taxi_fare.run.trained import read_run
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


def read_trial_trips(
    run: Run, recipes: Iterable[Recipe], *, rows: int
) -> TrialTrips:
    """
    Read the trips that trials learn from, and those they predict.

    Parameters
    ----------
    rows : int
        Of either, at most about so many.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or a month keeps too few of its trips.
    EnvironmentLackError
        If a recipe needs what is not installed.
    TemporaryError
        If a month changed meanwhile.
    """
    data, settings = run.data, run.settings
    spark = spark_session(settings, paths=paths_of(data.months))
    for recipe in recipes:
        require_recipe(recipe, spark=spark, settings=settings)
    trips = read_run(run, spark=spark, log=PipelineLogger(__name__))
    train, test = data.parted(trips)
    day = F.dayofmonth(f"{PACKED_TRIP}.{PICKUP_AT}")
    test = test.withColumn(PICKUP_DAY, day)
    with one_snapshot(data.months):
        learnt, predicted = (
            TrainTrips(part.drop(PACKED_TRIP), local_trips(run, names)).sample(
                rows, *beside
            )
            for part, names, beside in (
                (train, data.parts.train_months, ()),
                (test, [data.label], (PICKUP_DAY,)),
            )
        )
    require_unchanged(data.months)
    return TrialTrips(spark, HeldTrips(learnt), HeldTrips(predicted))


def _quiet() -> PipelineLogger:
    """Two lines for each of a thousand fits are none for people."""
    name = f"{__name__}.fits"
    logging.getLogger(name).setLevel(logging.WARNING)
    return PipelineLogger(name)
