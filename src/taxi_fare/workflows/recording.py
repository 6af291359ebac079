"""Write a run down: the model into the registry, the reports beside it."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from pyspark.ml import PipelineModel

from taxi_fare.core.files import replacing, write_json
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.store import Registry
from taxi_fare.reports.validation_report import update_training_section
from taxi_fare.workflows.documents import Outcome, remembered_document

MAIN_REPORT = "train_metrics.json"
_REPORTS = "reports"
_logger = logging.getLogger(__name__)


def record_model(
    outcome: Outcome, registry: Registry, *, force: bool
) -> HistoryEntry:
    """
    Put the model and its reports into the registry, with the decision.

    Parameters
    ----------
    outcome : Outcome
        Everything about the run.
    registry : Registry
        Where to.
    force : bool
        Whether the same run may be recorded twice.

    Returns
    -------
    HistoryEntry
        Of this run; of an equal one if that was recorded meanwhile, and then
        this model is dropped.

    Raises
    ------
    RegistryChangedError
        If another model became current since the decision was taken.
    """
    current = outcome.verdict.current
    with registry.staging(outcome.run.model_id) as folder:
        _save_model(outcome.fitted.model, folder)
        write_reports(outcome, folder / _REPORTS)
        return registry.commit(
            folder,
            outcome.manifest(),
            outcome.history_entry(),
            expected_current=current.model_id if current else None,
            force=force,
        )


def _save_model(model: PipelineModel, folder: Path) -> None:
    # Spark saves into a folder that it makes itself; this one exists, and
    # must stay: its lock tells others that it is in use.
    saved = folder / "saved"
    model.save(str(saved))
    for part in saved.iterdir():
        part.rename(folder / part.name)
    saved.rmdir()


def write_reports(outcome: Outcome, folder: Path) -> None:
    """
    Write every report of a run.

    Parameters
    ----------
    outcome : Outcome
        Everything about the run.
    folder : Path
        Where to; created when missing.
    """
    run = outcome.run
    update_training_section(
        folder,
        run.months_document() | {"months": outcome.trips.to_document()},
        [month.record for month in run.data.months if month.record],
        run.run_id,
    )
    for name, document in outcome.reports().items():
        write_json(folder / name, document)


def restore_reports(
    registry: Registry, entry: HistoryEntry, folder: Path
) -> dict[str, Any]:
    """
    Give a run's main report again, without running.

    Reports that are there are left alone; those that are missing are copied
    from the model's version.

    Parameters
    ----------
    registry : Registry
        Where the run was recorded.
    entry : HistoryEntry
        The run.
    folder : Path
        Folder of the reports.

    Returns
    -------
    dict
        What ``train_metrics.json`` held, or what history still knows of it
        once the version was pruned.
    """
    kept = registry.versions.path(entry.model_id) / _REPORTS
    for source in sorted(kept.glob("*.json")):
        target = folder / source.name
        if not target.exists():
            with replacing(target) as temporary:
                shutil.copyfile(source, temporary)
    report = kept / MAIN_REPORT
    if not report.is_file():
        _logger.info("Version %s was pruned: history only", entry.model_id)
        return remembered_document(entry)
    document: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return document
