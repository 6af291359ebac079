"""The gate on predictions: whether a person would accept them."""

import os
from pathlib import Path

import pyarrow.parquet as pq

from taxi_fare.core.columns import DISTANCE, PREDICTION, RATE_CODE
from taxi_fare.core.errors import DataMissingError, DataRefusedError
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.plausibility_gates import check_plausibility
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    prediction_figures,
)
from taxi_fare.lake.parquet import UnreadableFileError, reading_parquet
from taxi_fare.lake.tables.file import read_origin
from taxi_fare.reports.documents.listing import PREDICT_REPORT
from taxi_fare.reports.documents.predictions import PredictionsOrigin
from taxi_fare.validation.rules import missing_columns
from taxi_fare.workflows.gates.report import GateReport

_PREDICTED = (PREDICTION, DISTANCE, RATE_CODE)


def check_predictions(
    reports: Path, *, predictions: Path | None, settings: Settings
) -> GateReport:
    """
    Answer whether predictions are acceptable to a person.

    Parameters
    ----------
    reports : Path
        Folder of the reports: what ``predict_report.json`` names is checked,
        the latest predictions.
    predictions : Path or None
        A parquet file of predictions, to check that one instead.

    Raises
    ------
    DataMissingError
        If there are none.
    DataRefusedError
        If the file is damaged.
    """
    places = _places(reports) if predictions is None else [predictions]
    found = [each for each in places if each.exists()]
    if not found:
        looked = " nor in ".join(map(str, places))
        raise DataMissingError(
            f"There are no predictions in {looked}.",
            expected="a parquet file that `taxi-fare predict` wrote",
            remedy="run `taxi-fare predict`, or name it with --predictions.",
        )
    predictions = found[0]
    checks = check_plausibility(
        _figures(predictions, settings), limits=settings.plausibility
    )
    origin = None
    if predictions.is_file():
        origin = read_origin(predictions, PredictionsOrigin)
    return GateReport(
        "predictions",
        "Are the results acceptable to a person?",
        str(predictions),
        checks,
        origin is not None and origin.simulated,
    )


def _places(reports: Path) -> list[Path]:
    """Tell where the latest predictions may be: first by their report."""
    report = PREDICT_REPORT.read(reports)
    # The folder in which that command was run may not be this one: the same
    # words may name nothing here, or predictions of somebody else.
    told = Path(report.output)
    beside = report.output_from_report or Path(os.pardir, told)
    by_report = Path(os.path.normpath(reports / beside))
    return list(dict.fromkeys([by_report, told]))


def _figures(predictions: Path, settings: Settings) -> PredictionFigures:
    expected = "a parquet file that `taxi-fare predict` wrote"
    try:
        with reading_parquet():
            table = pq.ParquetDataset(
                predictions, page_checksum_verification=True
            )
            written = {name.lower(): name for name in table.schema.names}
            missing = missing_columns(written, required=_PREDICTED)
            if missing:
                raise DataRefusedError(
                    f"{predictions} has no column {', '.join(missing)}.",
                    expected=expected,
                    remedy="name it with --predictions.",
                )
            rows = table.read([written[name.lower()] for name in _PREDICTED])
    except (OSError, UnreadableFileError) as error:
        raise DataRefusedError(
            f"{predictions} cannot be read to its end.",
            expected=expected,
            remedy="remove it, then run `taxi-fare predict` again.",
        ) from error
    return prediction_figures(
        rows.rename_columns(list(_PREDICTED)),
        limit_dollars=settings.plausibility.total_max_dollars,
        minimum_fare_dollars=settings.prediction.minimum_fare_dollars,
    )
