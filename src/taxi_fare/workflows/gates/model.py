"""The gate on a model: whether it may exist."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.gates import GateCheck
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.registry.model_folder import require_whole
from taxi_fare.reports.documents.listing import TRAIN_METRICS
from taxi_fare.reports.documents.printed import RunReport
from taxi_fare.workflows.gates.report import GateReport

# What is damaged is an error of its own, which names the files.
_DAMAGED_FILES = "damaged files"


def check_trained_model(
    reports: Path, *, folder: Path | None, settings: Settings
) -> GateReport:
    """
    Answer whether a model may exist.

    Parameters
    ----------
    reports : Path
        Folder of the reports: what ``train_metrics.json`` describes is
        checked, the model that was trained last.
    folder : Path or None
        Folder of a model, to check that one and its files instead.

    Raises
    ------
    DataMissingError
        If nothing was trained.
    DataRefusedError
        If what was found lacks a metric.
    RegistryConflictError
        If the model's manifest cannot be read, or its files are damaged.
    """
    if folder is None:
        return check_metrics(TRAIN_METRICS.read(reports), settings=settings)
    if not folder.is_dir():
        raise DataMissingError(
            f"There is no model in {folder}.",
            expected="a folder with metadata/, stages/ and manifest.json",
            remedy="run `taxi-fare train`, or name another.",
        )
    document = require_whole(folder.resolve())
    whole = GateCheck(_DAMAGED_FILES, value=0, sign="<=", limit=0)
    return _checked(document, settings=settings, also=(whole,))


def check_metrics(document: RunReport, *, settings: Settings) -> GateReport:
    """Check the metrics of a run against the quality gates."""
    return _checked(document.to_document(), settings=settings)


def _checked(
    document: Mapping[str, Any],
    *,
    settings: Settings,
    also: tuple[GateCheck, ...] = (),
) -> GateReport:
    model = str(document.get("model_id"))
    metrics = Metrics.from_document(document.get("metrics"), of=model)
    return GateReport(
        "model",
        "May this model exist?",
        model,
        check_quality(metrics, gates=settings.gates) + also,
        bool(document.get("simulated")),
    )
