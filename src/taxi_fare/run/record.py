"""Write a run down: the model into the registry, the reports beside it."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

from taxi_fare.core.files import replacing, write_json
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.single_model import SingleModel
from taxi_fare.reports.monthly.page import (
    monthly_report_name,
    write_monthly_report,
)
from taxi_fare.reports.validation_report import FILE_NAME as VALIDATION_REPORT
from taxi_fare.reports.validation_report import update_training_section
from taxi_fare.run.pipelines import save_pipeline
from taxi_fare.run.report import MAIN_REPORT, Outcome, monthly_documents
from taxi_fare.scoring.exported.parity import Parity, check_parity
from taxi_fare.scoring.exported.pipeline import export_pipeline
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    parse_portable_model,
)

_REPORTS = "reports"
_logger = logging.getLogger(__name__)


def record_model(
    outcome: Outcome, *, registry: ModelRegistry, force: bool
) -> HistoryEntry:
    """
    Put the model and its reports into the registry, with the decision.

    Raises
    ------
    RegistryChangedError
        If another model became current since the decision was taken.
    ModelRefusedError
        If the portable model predicts something else; nothing is recorded.
    """
    current = outcome.judgement.current
    upload_url = registry.versions.upload_url(outcome.run.model_id)
    with registry.staging(outcome.run.model_id) as folder:
        return registry.commit(
            folder,
            manifest=_fill(folder, outcome=outcome, upload_url=upload_url),
            entry=outcome.history_entry(),
            expected_current=current.model_id if current else None,
            force=force,
        )


def replace_model(outcome: Outcome, place: SingleModel) -> None:
    """
    Put the model and its reports under a fixed name.

    Raises
    ------
    ModelRefusedError
        If the portable model predicts something else; nothing is replaced.
    """
    with place.staging(outcome.run.model_id) as folder:
        place.publish(folder, _fill(folder, outcome=outcome))


def _fill(
    folder: Path, *, outcome: Outcome, upload_url: str | None = None
) -> dict[str, Any]:
    """Write everything but the manifest, which is returned."""
    save_pipeline(outcome.fitted.model, folder=folder, upload_url=upload_url)
    parity = _save_portable(folder, outcome)
    write_reports(outcome, folder / _REPORTS)
    return outcome.manifest() | {"portable": parity.to_document()}


def _save_portable(folder: Path, outcome: Outcome) -> Parity:
    """Make the saved model portable; refuse it where that changes it."""
    export_pipeline(folder).write(folder)
    written = parse_portable_model((folder / PORTABLE_FILE).read_bytes())
    parity = check_parity(
        written,
        tested=outcome.judgement.tested,
        limit_dollars=outcome.run.settings.scoring.parity_max_dollars,
    )
    _logger.info(
        "Portable model: %s test trips, %.1e dollars from Spark at most",
        f"{parity.trips:,}",
        parity.max_difference_dollars,
    )
    return parity


def write_reports(outcome: Outcome, folder: Path) -> None:
    """Write every report of a run."""
    run = outcome.run
    update_training_section(
        folder,
        training=run.data.parts_document()
        | {"months": outcome.trips.to_document()},
        records=[month.record for month in run.data.months if month.record],
        run_id=run.run_id,
    )
    page = folder / monthly_report_name(run.data.label)
    write_monthly_report(page, monthly_documents(outcome))
    for name, document in outcome.reports().items():
        write_json(folder / name, document)


def restore_reports(version: Path, folder: Path) -> dict[str, Any] | None:
    """
    Give a run's reports again, without running.

    Reports of this very run that are there are left alone.

    Returns
    -------
    dict or None
        What ``train_metrics.json`` held; None when the version was pruned.
    """
    kept = version / _REPORTS
    document = _read(kept / MAIN_REPORT)
    if document is None:
        return None
    there = _read(folder / MAIN_REPORT) or {}
    # Not the key: a run that was forced, and refused, has the same one.
    is_other_run = there.get("run_id") != document["run_id"]
    for source in _main_last(kept):
        target = folder / source.relative_to(kept)
        if target.exists() and not is_other_run:
            continue
        if source.name == VALIDATION_REPORT and target.exists():
            # Months that were ingested since then stay in it.
            training = (_read(source) or {})["training"]
            update_training_section(
                folder,
                training=training,
                records=[],
                run_id=document["run_id"],
            )
        else:
            with replacing(target) as temporary:
                shutil.copyfile(source, temporary)
    return document


def _main_last(kept: Path) -> list[Path]:
    """List the kept reports: whose run they are is said at the end."""
    files = [path for path in kept.rglob("*") if path.is_file()]
    return sorted(files, key=lambda path: (path.name == MAIN_REPORT, path))


def _read(report: Path) -> dict[str, Any] | None:
    try:
        document: dict[str, Any] = json.loads(report.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return document
