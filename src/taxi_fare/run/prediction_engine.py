"""Decide what predicts a month: Arrow and NumPy, or Spark."""

from collections.abc import Callable

from pyspark.sql import SparkSession

from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import read_trips
from taxi_fare.run.local_prediction import LocalEngine, local_engine
from taxi_fare.run.models import CheckedModel, FoundModel
from taxi_fare.run.pipelines import model_session
from taxi_fare.run.prediction import SparkEngine
from taxi_fare.run.shared_folder import (
    require_shared,
    require_shared_by_trial,
)

Engine = SparkEngine | LocalEngine


def find_engine(
    chosen: FoundModel,
    model: CheckedModel,
    *,
    month: LakeMonth,
    settings: Settings,
    on_trips: Callable[[int, int], None] | None = None,
) -> Engine:
    """
    Start Spark only where it is needed: that takes seconds.

    Parameters
    ----------
    on_trips : callable or None
        Called with the trips that were predicted and all there are, where
        no Spark is started.
    """
    here = local_engine(
        month, model=model, settings=settings, on_trips=on_trips
    )
    if here is not None:
        return here
    spark = _session(chosen, month=month, settings=settings)
    return SparkEngine(read_trips(spark, [month]), month, model, settings)


def _session(
    chosen: FoundModel, *, month: LakeMonth, settings: Settings
) -> SparkSession:
    """Start Spark where its workers see the model."""
    place = chosen.url or chosen.folder
    # A registry could be in a store; a model that is in none could not.
    in_registry = bool(chosen.manifest)
    if in_registry:
        require_shared(place, settings)
    spark = model_session(settings, paths=month.paths, place=place)
    if not in_registry:
        require_shared_by_trial(
            chosen.folder, spark=spark, settings=settings, written=False
        )
    return spark
