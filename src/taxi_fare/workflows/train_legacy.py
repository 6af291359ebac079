"""The legacy mode: fixed months, 80 % to train on, 20 % to test on."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pyspark.sql import SparkSession

from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import Months, Split, TrainMetrics
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.core.usual_places import LEGACY_MODEL
from taxi_fare.lake.catalog import require_unchanged
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import paths_of, refusing_damage
from taxi_fare.registry.single_model import SingleModel
from taxi_fare.run.fit import require_recipe
from taxi_fare.run.judge import judge
from taxi_fare.run.record import (
    replace_model,
    restore_reports,
    write_reports,
)
from taxi_fare.run.report import Outcome
from taxi_fare.run.run import Run
from taxi_fare.run.saved import save_model
from taxi_fare.run.shared_folder import require_shared_by_trial
from taxi_fare.run.trained import train_model
from taxi_fare.run.window import RunData, find_months
from taxi_fare.scoring.compatibility import require_understood
from taxi_fare.training.recipes import chosen_recipe
from taxi_fare.workflows.train import TrainResult

_ALONE = "every quality gate is passed; legacy models are not compared"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LegacyRequest:
    """
    A legacy run that was asked for.

    Parameters
    ----------
    months : tuple of Month or None
        None for the specification's.
    """

    lake: AnyLake
    reports: Path
    months: tuple[Month, ...] | None = None
    model: Path = LEGACY_MODEL
    force: bool = False


@refusing_damage()
def train_legacy(
    request: LegacyRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> TrainResult:
    """
    Train and test on parts of the same months, and replace the legacy model.

    Raises
    ------
    DataMissingError
        If a month is missing.
    DataRefusedError
        If a month must not be used.
    RegistryConflictError
        If the name of the model belongs to something else.
    WrongUsageError
        If Spark's workers do not share the folder of the model.
    """
    log = PipelineLogger(__name__)
    data = _find(request, settings)
    run = Run.start(data, recipe=chosen_recipe(settings), settings=settings)
    # Spark's JVM may have been started in another working directory.
    model = SingleModel(request.model.absolute(), settings.registry)
    done = None if request.force else _done_before(run, request, model)
    if done is not None:
        return TrainResult(done, "already_done")
    spark = _session(run, model.path)
    trained = train_model(run, spark=spark, log=log, on_tree=on_tree)
    judgement = judge(trained, current=None, log=log, alone=_ALONE)
    outcome = Outcome(trained, judgement, log.summary(), run.header())
    require_unchanged(run.data.months)
    if judgement.promotion.decision == "promoted":
        with model.staging(run.model_id) as folder:
            saved = save_model(trained, folder=folder, log=log)
            replace_model(outcome, saved, model)
    write_reports(outcome, request.reports)
    return TrainResult(outcome.train_metrics, "trained")


def _find(request: LegacyRequest, settings: Settings) -> RunData:
    wanted = request.months or map(Month, settings.legacy.months)
    months = find_months(request.lake, months=sorted(set(wanted)))
    split = Split(
        train_share=settings.legacy.train_share, seed=settings.training.seed
    )
    names = tuple(str(each.month) for each in months)
    parts = Months(train_months=names, test_month=None, split=split)
    return RunData(months, parts)


def _done_before(
    run: Run, request: LegacyRequest, model: SingleModel
) -> TrainMetrics | None:
    """Return the report of the same run, if this code can use its model."""
    try:
        before = model.manifest()
        require_understood(before or {})
    except IncompatibleModelError:
        return None
    if before is None or before["run_key"] != run.key:
        return None
    _logger.info("Nothing to do: run %s did this", before["run_id"])
    return restore_reports(model.path, request.reports)


def _session(run: Run, model: Path) -> SparkSession:
    """Start Spark where its workers see the model."""
    settings = run.settings
    spark = spark_session(settings, paths=paths_of(run.data.months))
    require_recipe(run.recipe, spark=spark, settings=settings)
    require_shared_by_trial(
        model, spark=spark, settings=settings, written=True
    )
    return spark
