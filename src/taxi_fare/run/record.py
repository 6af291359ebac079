"""Write a run down: the model into the registry, the reports beside it."""

import logging
import shutil
from pathlib import Path
from typing import Any

from taxi_fare.core.choices import LANGUAGES
from taxi_fare.core.documents import Kind
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.files import replacing, write_json, write_text
from taxi_fare.core.intervals import INTERVALS_FILE
from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.model_folder import require_whole
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.single_model import SingleModel
from taxi_fare.reports.documents.listing import (
    TRAIN_METRICS,
    VALIDATION,
    Report,
)
from taxi_fare.reports.documents.trips import TrainingCounts
from taxi_fare.reports.monthly.pages import in_language
from taxi_fare.reports.validation_report import update_training_section
from taxi_fare.run.report import Outcome
from taxi_fare.run.saved import SavedModel

_REPORTS = "reports"
_logger = logging.getLogger(__name__)


def record_model(
    outcome: Outcome,
    saved: SavedModel,
    *,
    registry: ModelRegistry,
    force: bool,
) -> HistoryEntry:
    """
    Put the model and its reports into the registry, with the decision.

    Raises
    ------
    RegistryChangedError
        If another model became current since the decision was taken.
    """
    return registry.commit(
        saved.folder,
        manifest=_explained(outcome, saved),
        entry=outcome.history_entry(),
        expected_current=outcome.judgement.promotion.compared_with,
        force=force,
    )


def replace_model(
    outcome: Outcome, saved: SavedModel, place: SingleModel
) -> None:
    """Put the model and its reports under a fixed name."""
    place.publish(saved.folder, _explained(outcome, saved))


def _explained(outcome: Outcome, saved: SavedModel) -> dict[str, Any]:
    """Write what was found out beside a model, and return its manifest."""
    write_reports(outcome, saved.folder / _REPORTS)
    intervals = outcome.judgement.intervals
    if intervals is not None:
        write_json(saved.folder / INTERVALS_FILE, intervals.to_document())
    return outcome.manifest.model_copy(
        update={"portable": saved.check}
    ).to_document()


def write_reports(outcome: Outcome, folder: Path) -> None:
    """Write every report of a run: the same bytes wherever they go."""
    run = outcome.run
    update_training_section(
        folder,
        training=TrainingCounts(
            **run.data.parts.to_document(), months=outcome.trained.trips.months
        ),
        records=[month.record for month in run.data.months if month.record],
        run_id=run.run_id,
        timestamp=outcome.header["timestamp"],
    )
    for name, text in outcome.files.items():
        write_text(folder / name, text)


def restore_reports(version: Path, folder: Path) -> TrainMetrics | None:
    """
    Give a run's reports again, without running.

    Reports of this very run that are there are left alone.

    Returns
    -------
    TrainMetrics or None
        The main report; None when the version was pruned.

    Raises
    ------
    RegistryConflictError
        If the version is damaged.
    """
    if not version.is_dir():
        return None
    require_whole(version)
    kept = version / _REPORTS
    document = _read(TRAIN_METRICS, kept)
    if document is None:
        return None
    there = _read(TRAIN_METRICS, folder)
    # Not the key: a run that was forced, and refused, has the same one.
    is_other_run = there is None or there.run_id != document.run_id
    if is_other_run and document.report:
        _remove_pages(folder, kept=kept, page=document.report)
    for source in _main_last(kept):
        target = folder / source.relative_to(kept)
        if target.exists() and not is_other_run:
            continue
        validation = _read(VALIDATION, kept)
        if target.exists() and source.name == VALIDATION.file and validation:
            # Months that were ingested since then stay in it.
            update_training_section(
                folder,
                training=validation.training,
                records=[],
                run_id=document.run_id,
            )
        else:
            with replacing(target) as temporary:
                shutil.copyfile(source, temporary)
    return document


def _remove_pages(folder: Path, *, kept: Path, page: str) -> None:
    """Remove what another run said in a language that this one has not."""
    for language in LANGUAGES:
        name = in_language(page, language)
        if not (kept / name).is_file():
            (folder / name).unlink(missing_ok=True)


def _main_last(kept: Path) -> list[Path]:
    """List the kept reports: whose run they are is said at the end."""
    files = [path for path in kept.rglob("*") if path.is_file()]
    main = TRAIN_METRICS.file
    return sorted(files, key=lambda path: (path.name == main, path))


def _read(report: Report[Kind], folder: Path) -> Kind | None:
    try:
        return report.read(folder)
    except TaxiFareError as error:
        _logger.debug("%s", error)
        return None
