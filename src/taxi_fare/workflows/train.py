"""The sliding-window run: find, validate, fit, judge, record, report."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from taxi_fare.core.logging_config import PipelineLogger
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import spark_session
from taxi_fare.evaluation.error_analysis import analyse_errors
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.store import Registry, RegistryChangedError
from taxi_fare.training.recipes import DEFAULT_RECIPE
from taxi_fare.workflows.current_model import check_current, load_current
from taxi_fare.workflows.documents import Outcome, data_document
from taxi_fare.workflows.fitting import FittedPipeline, fit_pipeline
from taxi_fare.workflows.judging import judge
from taxi_fare.workflows.recording import (
    record_model,
    restore_reports,
    write_reports,
)
from taxi_fare.workflows.run import Run
from taxi_fare.workflows.trips import ValidTrips, read_valid_trips
from taxi_fare.workflows.window import WindowRequest, find_window

_ATTEMPTS = 3
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class TrainRequest:
    """
    A run that was asked for.

    Parameters
    ----------
    window : WindowRequest
        Lake and months.
    registry, reports : Path
        Folders of the model registry and of the reports.
    dry_run : bool
        Whether to validate only, and write nothing.
    force : bool
        Whether to train again what was trained before.
    """

    window: WindowRequest
    registry: Path
    reports: Path
    dry_run: bool = False
    force: bool = False


@dataclass(frozen=True)
class TrainResult:
    """
    What a run did.

    Parameters
    ----------
    document : dict
        What ``train_metrics.json`` holds; for a dry run what was validated.
    status : {'trained', 'already_done', 'dry_run'}
        Whether there is a new model.
    """

    document: dict[str, Any]
    status: Literal["trained", "already_done", "dry_run"]


def train(
    request: TrainRequest,
    settings: Settings,
    *,
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
    RegistryConflictError
        If the registry is locked, or keeps changing.
    """
    log = PipelineLogger(__name__)
    data = find_window(request.window, settings)
    run = Run.start(data, recipe=DEFAULT_RECIPE, settings=settings)
    if request.dry_run:
        return TrainResult(_validated(run, _read(run, log)), "dry_run")
    # Spark's JVM may have been started in another working directory.
    registry = Registry(request.registry.absolute(), settings.registry)
    registry.recover()
    done = registry.find_run(run.key)
    if done is not None and not request.force:
        return _done_before(request, registry, done)
    check_current(registry)  # better now than after the training
    trips = _read(run, log)
    fitted = fit_pipeline(
        trips.of(*data.window.train),
        recipe=run.recipe,
        settings=settings,
        log=log,
        on_tree=on_tree,
    )
    candidate = _Candidate(run, trips, fitted)
    outcome, entry = _decide(candidate, registry, force=request.force, log=log)
    if entry.run_id != run.run_id:
        return _done_before(request, registry, entry)
    write_reports(outcome, request.reports)
    return TrainResult(outcome.train_metrics(), "trained")


def _done_before(
    request: TrainRequest, registry: Registry, entry: HistoryEntry
) -> TrainResult:
    _logger.info("Nothing to do: run %s did the same", entry.run_id)
    document = restore_reports(registry, entry, request.reports)
    return TrainResult(document, "already_done")


def _validated(run: Run, trips: ValidTrips) -> dict[str, Any]:
    return run.header() | {
        "dry_run": True,
        "run_key": run.key,
        "data": data_document(run, trips),
    }


@dataclass(frozen=True)
class _Candidate:
    run: Run
    trips: ValidTrips
    fitted: FittedPipeline


def _read(run: Run, log: PipelineLogger) -> ValidTrips:
    return read_valid_trips(
        spark_session(run.settings),
        run.data,
        limits=run.settings.validation,
        log=log,
    )


def _decide(
    candidate: _Candidate,
    registry: Registry,
    *,
    force: bool,
    log: PipelineLogger,
) -> tuple[Outcome, HistoryEntry]:
    """Decide against the current model, again when it changes meanwhile."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return _judge_and_record(candidate, registry, force=force, log=log)
        except RegistryChangedError as error:
            _logger.warning("%s Deciding again.", error)
    return _judge_and_record(candidate, registry, force=force, log=log)


def _judge_and_record(
    candidate: _Candidate,
    registry: Registry,
    *,
    force: bool,
    log: PipelineLogger,
) -> tuple[Outcome, HistoryEntry]:
    run, trips = candidate.run, candidate.trips
    test = run.data.window.test
    log.stage_start("evaluate", test_month=test.path)
    verdict = judge(
        candidate.fitted.model,
        load_current(registry),
        test_features=trips.of(test),
        test_month=test,
        settings=run.settings,
    )
    log.stage_end("evaluate", verdict.metrics.rows)
    log.stage_start("error_analysis")
    errors = analyse_errors(
        verdict.scored, settings=run.settings.error_analysis
    )
    verdict.scored.unpersist()
    log.stage_end("error_analysis")
    outcome = Outcome(
        run=run,
        trips=trips,
        fitted=candidate.fitted,
        verdict=verdict,
        errors=errors,
        seconds=log.summary(),
        header=run.header(),
    )
    entry = record_model(outcome, registry, force=force)
    _logger.info("%s: %s", entry.event, entry.reason)
    return outcome, entry
