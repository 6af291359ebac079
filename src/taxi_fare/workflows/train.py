"""The sliding-window run: find, validate, fit, judge, record, report."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pyspark.sql import SparkSession

from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.recipe_used import Tuned
from taxi_fare.core.settings import Settings
from taxi_fare.lake.read import paths_of, refusing_damage
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.opening import open_registry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.documents.printed import DryRun, RunReport
from taxi_fare.run import current_model
from taxi_fare.run.decide import Production, decide_and_record
from taxi_fare.run.fit import require_recipe
from taxi_fare.run.month_index import write_index
from taxi_fare.run.pipelines import model_session
from taxi_fare.run.record import restore_reports, write_reports
from taxi_fare.run.report import data_document, remembered_document
from taxi_fare.run.run import Run
from taxi_fare.run.series import remember_training
from taxi_fare.run.shared_folder import require_shared
from taxi_fare.run.trained import read_run, train_model
from taxi_fare.run.window import RunData, WindowRequest, find_window
from taxi_fare.training.recipes import chosen_recipe
from taxi_fare.workflows.mirror import follow_decision

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainRequest:
    """
    A run that was asked for.

    Parameters
    ----------
    window : WindowRequest
        Lake and months.
    registry : Path or str
        Folder of the model registry, or its address in a store.
    reports : Path
        Folder of the reports.
    dry_run : bool
        Whether to validate only, and write nothing.
    force : bool
        Whether to train again what was trained before.
    request_id : str or None
        Of who asks: a run that is forced is forced once for each.
    tuned : Tuned or None
        Recipe and parameters that win over the settings.

    Examples
    --------
    >>> lake = lake_place("data/nyc-interim/yellow", load_settings())
    >>> window = WindowRequest(lake, test_month=Month("2023-04"))
    >>> TrainRequest(window, "models/registry", Path("reports")).dry_run
    False
    """

    window: WindowRequest
    registry: Path | str
    reports: Path
    dry_run: bool = False
    force: bool = False
    request_id: str | None = None
    tuned: Tuned | None = None


@dataclass(frozen=True)
class TrainResult:
    """
    What a run did.

    Parameters
    ----------
    document : TrainMetrics, RememberedRun or DryRun
        What ``train_metrics.json`` holds, history remembers, or was validated.
    status : {'trained', 'already_done', 'dry_run'}
        Whether there is a new model.
    current : str or None
        Version that is in production now, where that is known.

    Examples
    --------
    >>> TrainResult({}, status="dry_run").current is None
    True
    """

    document: RunReport | DryRun
    status: Literal["trained", "already_done", "dry_run"]
    current: str | None = None

    @property
    def run_report(self) -> RunReport:
        """What is known of a run that was not dry."""
        if isinstance(self.document, DryRun):
            raise TypeError("a dry run decides nothing")
        return self.document

    def refusal(self) -> ModelRefusedError | None:
        """
        Return the error that a refused model ends in.

        Returns
        -------
        ModelRefusedError or None
            None when no quality gate refused it.
        """
        dry = self.status == "dry_run"
        if dry or self.run_report.promotion.decision != "refused":
            return None
        return ModelRefusedError(
            f"The model is refused: {self.run_report.promotion.reason}",
            expected="a model that passes every quality gate",
            remedy="look at error_summary.json and at the data it was"
            " trained on; the model in production stays.",
        )


@refusing_damage()
def train(
    request: TrainRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> TrainResult:
    """
    Train on the months before, test on the month, promote if better.

    Parameters
    ----------
    request : TrainRequest
        Months, registry, reports.
    settings : Settings
        Everything else.
    on_tree : callable, optional
        Called with the number of the tree that is growing.

    Returns
    -------
    TrainResult
        The decision is in its document: promoted, kept or refused.

    Raises
    ------
    DataMissingError
        If months are missing.
    DataRefusedError
        If months must not be used.
    TemporaryError
        If the registry is locked, or keeps changing.
    WrongUsageError
        If the registry is a folder that Spark's workers do not see, or what
        was tuned has seen the test month.

    Examples
    --------
    >>> window = WindowRequest(Path("no-lake"), test_month=Month("2023-04"))
    >>> request = TrainRequest(window, "models/registry", Path("reports"))
    >>> train(request, settings=load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: ❌ DATA NOT FOUND
    """
    log = PipelineLogger(__name__)
    data = find_window(request.window, settings)
    run = _begun(data, request, settings)
    if request.dry_run:
        return TrainResult(_validated(run, request, log), "dry_run")
    require_shared(request.registry, settings)
    registry = open_registry(request.registry, settings)
    registry.recover()
    # With a model that this code cannot use, nothing counts as done.
    force = request.force or current_model.is_outdated(registry)
    asked = run.request_id if force else None
    if done := registry.find_run(run.key, request_id=asked):
        follow_decision(request.registry, settings)
        return _done_before(request, registry=registry, entry=done)
    # Better now than after the training.
    current = current_model.check_current(registry)
    spark = _session(run, request)
    trained = train_model(run, spark=spark, log=log, on_tree=on_tree)
    production = Production(registry, current, request.reports)
    outcome, entry = decide_and_record(
        trained, production=production, force=force, log=log
    )
    follow_decision(request.registry, settings)
    if entry.run_id != run.run_id:
        return _done_before(request, registry=registry, entry=entry)
    write_reports(outcome, request.reports)
    remember_training(
        outcome.train_metrics, registry=registry, reports=request.reports
    )
    write_index(registry, request.reports)
    return TrainResult(outcome.train_metrics, "trained")


def _begun(data: RunData, request: TrainRequest, settings: Settings) -> Run:
    """Begin a run with the recipe that was asked for."""
    tuned = request.tuned
    if tuned is not None:
        tuned.require_unseen(data.label)
        settings = tuned.applied(settings)
    return Run.start(
        data,
        recipe=chosen_recipe(settings),
        settings=settings,
        request_id=request.request_id,
        tuned=tuned.tuning if tuned else None,
    )


def _done_before(
    request: TrainRequest, *, registry: ModelRegistry, entry: HistoryEntry
) -> TrainResult:
    _logger.info("Nothing to do: run %s did the same", entry.run_id)
    version = registry.versions.path(entry.model_id)
    restored = restore_reports(version, request.reports)
    if restored is None:
        _logger.info("Version %s was pruned: history only", entry.model_id)
    document = restored or remembered_document(entry)
    return TrainResult(document, "already_done", registry.read().current)


def _validated(run: Run, request: TrainRequest, log: PipelineLogger) -> DryRun:
    trips = read_run(run, spark=_session(run, request), log=log)
    test_rows = trips.months[run.data.label].valid_rows
    return DryRun(
        **run.header(),
        dry_run=True,
        run_key=run.key,
        data=data_document(run, trips=trips, test_rows=test_rows),
    )


def _session(run: Run, request: TrainRequest) -> SparkSession:
    """Start Spark where its workers see months and models."""
    months, place = paths_of(run.data.months), request.registry
    spark = model_session(run.settings, paths=months, place=place)
    require_recipe(run.recipe, spark=spark, settings=run.settings)
    return spark
