"""What training makes of a run: read, validate, part, fit."""

from collections.abc import Callable
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.logs import PipelineLogger
from taxi_fare.features.derive import PACKED_TRIP
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.run.fit import FittedPipeline, fit_pipeline
from taxi_fare.run.local_trips import local_trips
from taxi_fare.run.run import Run
from taxi_fare.run.train_trips import TrainTrips
from taxi_fare.run.trips import ValidTrips, read_valid_trips


@dataclass(frozen=True)
class Trained:
    """
    A run whose model is fitted: nothing is decided about it yet.

    Parameters
    ----------
    test : DataFrame
        Trips that the model has not seen: their features, and what these were
        derived from, packed.
    """

    run: Run
    trips: ValidTrips
    fitted: FittedPipeline
    test: DataFrame


def read_run(
    run: Run, *, spark: SparkSession, log: PipelineLogger
) -> ValidTrips:
    """
    Read and validate the trips of a run.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or a month keeps too few of its trips.
    TemporaryError
        If a month changed meanwhile.
    """
    months = run.data.months
    with one_snapshot(months):
        trips = read_valid_trips(
            spark, months=months, settings=run.settings, log=log
        )
    require_unchanged(months)
    return trips


def train_model(
    run: Run,
    *,
    spark: SparkSession,
    log: PipelineLogger,
    on_tree: Callable[[int], None] | None,
) -> Trained:
    """
    Fit a model on the train trips of a run.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or a month keeps too few of its trips.
    TemporaryError
        If a month changed meanwhile.
    """
    trips = read_run(run, spark=spark, log=log)
    train, test = run.data.parted(trips)
    here = local_trips(run, run.data.parts.train_months)
    with one_snapshot(run.data.months):
        fitted = fit_pipeline(
            TrainTrips(train.drop(PACKED_TRIP), here),
            recipe=run.recipe,
            settings=run.settings,
            log=log,
            on_tree=on_tree,
        )
    return Trained(run, trips, fitted, test)
