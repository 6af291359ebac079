"""Decide about a trained model, and record it while that still holds."""

import logging
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.errors import DataMissingError, DataRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.lake.catalog import require_unchanged
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.state import RegistryChangedError
from taxi_fare.reports.documents.listing import watch_of
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.monthly.pages import earlier_report
from taxi_fare.run.current_model import CurrentModel, check_current
from taxi_fare.run.judge import judge
from taxi_fare.run.record import record_model
from taxi_fare.run.report import Outcome
from taxi_fare.run.saved import save_model
from taxi_fare.run.trained import Trained

_ATTEMPTS = 3
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Production:
    """
    What a new model is to replace.

    Parameters
    ----------
    current : CurrentModel or None
        As it was found before the training.
    reports : Path
        Where the watch of the month may be, and reports of other months.
    """

    registry: ModelRegistry
    current: CurrentModel | None
    reports: Path


def decide_and_record(
    trained: Trained,
    *,
    production: Production,
    force: bool,
    log: PipelineLogger,
) -> tuple[Outcome, HistoryEntry]:
    """Decide against the current model, again when it changes meanwhile."""
    run, registry = trained.run, production.registry
    current = production.current
    url = registry.versions.upload_url(run.model_id)
    with registry.staging(run.model_id) as folder:
        saved = save_model(trained, folder=folder, log=log, upload_url=url)
        for attempt in range(1, _ATTEMPTS + 1):
            current = check_current(registry, current)
            judgement = judge(trained, current=current, log=log, saved=saved)
            outcome = Outcome(
                trained,
                judgement,
                log.summary(),
                run.header(),
                _watched(trained, production.reports),
                saved.before,
                earlier_report(production.reports, run.data.label),
            )
            require_unchanged(run.data.months)
            try:
                entry = record_model(
                    outcome, saved, registry=registry, force=force
                )
            except RegistryChangedError as error:
                if attempt == _ATTEMPTS:
                    raise
                _logger.warning("%s Deciding again.", error)
            else:
                _logger.info("%s: %s", entry.event, entry.reason)
                break
    return outcome, entry


def _watched(trained: Trained, reports: Path) -> Watch | None:
    """Return what the watch found of the test month, if anybody looked."""
    month = trained.run.data.parts.test_month
    if month is None:
        return None
    try:
        return watch_of(Month(month)).read(reports)
    except (DataMissingError, DataRefusedError):
        return None
