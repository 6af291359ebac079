"""Decide about a trained model, and record it while that still holds."""

import logging

from taxi_fare.core.logs import PipelineLogger
from taxi_fare.lake.catalog import require_unchanged
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.state import RegistryChangedError
from taxi_fare.run.current_model import CurrentModel, check_current
from taxi_fare.run.judge import judge
from taxi_fare.run.record import record_model
from taxi_fare.run.report import Outcome
from taxi_fare.run.saved import save_model
from taxi_fare.run.trained import Trained

_ATTEMPTS = 3
_logger = logging.getLogger(__name__)


def decide_and_record(
    trained: Trained,
    *,
    registry: ModelRegistry,
    current: CurrentModel | None,
    force: bool,
    log: PipelineLogger,
) -> tuple[Outcome, HistoryEntry]:
    """Decide against the current model, again when it changes meanwhile."""
    run = trained.run
    url = registry.versions.upload_url(run.model_id)
    with registry.staging(run.model_id) as folder:
        saved = save_model(trained, folder=folder, log=log, upload_url=url)
        for attempt in range(1, _ATTEMPTS + 1):
            current = check_current(registry, current)
            judgement = judge(trained, current=current, log=log, saved=saved)
            outcome = Outcome(trained, judgement, log.summary(), run.header())
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
