"""Write a run down: the model into the registry, the reports beside it."""

import logging
import shutil
from pathlib import Path
from typing import Any

from taxi_fare.core.documents import Kind
from taxi_fare.core.errors import (
    ModelRefusedError,
    RegistryConflictError,
    TaxiFareError,
)
from taxi_fare.core.files import replacing, write_text
from taxi_fare.core.manifest import PortableCheck, TrainMetrics
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
from taxi_fare.reports.validation_report import update_training_section
from taxi_fare.run.pipelines import save_pipeline
from taxi_fare.run.report import Outcome
from taxi_fare.scoring.exported.parity import check_parity
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
    upload_url = registry.versions.upload_url(outcome.run.model_id)
    with registry.staging(outcome.run.model_id) as folder:
        return registry.commit(
            folder,
            manifest=_fill(folder, outcome=outcome, upload_url=upload_url),
            entry=outcome.history_entry(),
            expected_current=outcome.judgement.promotion.compared_with,
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
    model = outcome.trained.fitted.model
    save_pipeline(model, folder=folder, upload_url=upload_url)
    portable = _save_portable(folder, outcome)
    write_reports(outcome, folder / _REPORTS)
    return outcome.manifest.model_copy(
        update={"portable": portable}
    ).to_document()


def _save_portable(folder: Path, outcome: Outcome) -> PortableCheck:
    """Make the saved model portable; refuse it where that changes it."""
    export_pipeline(folder).write(folder)
    try:
        written = parse_portable_model((folder / PORTABLE_FILE).read_bytes())
    except RegistryConflictError as error:
        raise ModelRefusedError(
            f"The model is too large to be used. {error.found}",
            expected="trees within the bounds of a portable model",
            remedy="train with fewer or less deep trees (max_iter,"
            " max_depth); nothing was recorded.",
        ) from error
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
