"""The gate on a model: whether it may exist."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.gates import GateCheck
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.registry.model_folder import damaged_files, read_manifest
from taxi_fare.run.report import MAIN_REPORT
from taxi_fare.workflows.gates.report import (
    DAMAGED_FILES,
    GateReport,
    read_report,
)


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
    settings : Settings
        The quality gates.

    Returns
    -------
    GateReport
        What passed, and what did not.

    Raises
    ------
    DataMissingError
        If nothing was trained.
    DataRefusedError
        If what was found lacks a metric.
    RegistryConflictError
        If the model's manifest cannot be read.
    """
    if folder is None:
        report = reports / MAIN_REPORT
        document = read_report(report, "taxi-fare train")
        return check_metrics(document, settings=settings)
    if not folder.is_dir():
        raise DataMissingError(
            f"There is no model in {folder}.",
            expected="a folder with metadata/, stages/ and manifest.json",
            remedy="run `taxi-fare train`, or name another.",
        )
    document = read_manifest(folder.resolve())
    damaged = damaged_files(folder.resolve())
    whole = GateCheck(DAMAGED_FILES, value=len(damaged), sign="<=", limit=0)
    return check_metrics(document, settings=settings, also=(whole,))


def check_metrics(
    document: Mapping[str, Any],
    *,
    settings: Settings,
    also: tuple[GateCheck, ...] = (),
) -> GateReport:
    """Check the metrics of a model against the quality gates."""
    model = str(document["model_id"])
    metrics = Metrics.from_document(document.get("metrics"), of=model)
    return GateReport(
        "model",
        "May this model exist?",
        model,
        check_quality(metrics, gates=settings.gates) + also,
        bool(document["simulated"]),
    )
