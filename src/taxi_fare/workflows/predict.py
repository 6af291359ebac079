"""Batch inference: validate a sample of a month, predict it, report."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from taxi_fare.core.columns import LABEL, REQUIRED_COLUMNS
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.tables.file import refuse_folder
from taxi_fare.reports.documents.listing import PREDICT_REPORT
from taxi_fare.reports.documents.predictions import (
    PredictedFigures,
    PredictingModel,
    PredictReport,
    SampleCounts,
)
from taxi_fare.run.models import ModelChoice, check_model, choose_model
from taxi_fare.run.predicted_rows import Predictions
from taxi_fare.run.prediction_engine import Engine, find_engine
from taxi_fare.run.trip_counts import telling_months
from taxi_fare.run.trips import require_retention
from taxi_fare.run.window import find_months
from taxi_fare.validation.rules import check_columns, rejecting

_NEEDED = tuple(name for name in REQUIRED_COLUMNS if name != LABEL)
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PredictRequest:
    """
    A prediction that was asked for.

    Parameters
    ----------
    lake, reports : Path
        Folders of the lake and of the reports.
    model : ModelChoice
        Which model predicts.
    month : Month or None
        None for the latest month of the lake; for the specification's month
        where the legacy model predicts.
    output : Path or None
        File of the predictions; None for one below the reports.

    Examples
    --------
    >>> lake = lake_place("data/nyc-interim/yellow", load_settings())
    >>> current = ModelChoice(registry="models/registry")
    >>> request = PredictRequest(lake, Path("reports"), model=current)
    """

    lake: AnyLake
    reports: Path
    model: ModelChoice
    month: Month | None = None
    output: Path | None = None


def predict(
    request: PredictRequest,
    settings: Settings,
    *,
    on_trips: Callable[[int, int], None] | None = None,
) -> PredictReport:
    """
    Predict a month.

    Parameters
    ----------
    request : PredictRequest
        Month, model, where to.
    settings : Settings
        Everything else.
    on_trips : callable, optional
        Called with the trips that were predicted and all there are, where
        no Spark is started.

    Returns
    -------
    PredictReport
        What ``predict_report.json`` holds.

    Raises
    ------
    DataMissingError
        If the month or the model is missing.
    DataRefusedError
        If the month lacks a column, is damaged, or too many trips of the
        sample break a rule.
    RegistryConflictError
        If the model is damaged.
    WrongUsageError
        If the output is a folder, or workers do not see the model.

    Examples
    --------
    >>> current = ModelChoice(registry="no-registry")
    >>> request = PredictRequest(Path("lake"), Path("reports"), model=current)
    >>> predict(request, load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: There is no model yet: …
    """
    chosen = choose_model(request.model, settings)
    usual = Month(settings.legacy.predict_month) if chosen.legacy else None
    month = _find(request.lake, request.month or usual)
    default_output = f"predictions/{month.month}.parquet"
    output = request.output or request.reports / default_output
    refuse_folder(output)
    model = check_model(chosen)
    log = PipelineLogger(__name__)
    with one_snapshot([month]):
        engine = find_engine(
            chosen, model, month=month, settings=settings, on_trips=on_trips
        )
        sample = _validate_sample(
            engine, month=month, settings=settings, log=log
        )
        path = month.month.path
        log.stage_start("predict", month=path, model=model.model_id)
        predictions = engine.predict(output)
    log.stage_end("predict", row_count=predictions.figures.rows)
    simulated = month.simulated or model.simulated
    report = PredictReport(
        **report_header(new_run_id(), simulated=simulated),
        month=str(month.month),
        model_id=model.model_id,
        model=PredictingModel(
            train_months=model.train_months,
            trained_on_month=str(month.month) in model.train_months,
        ),
        **_predicted(predictions, settings),
        sample=sample,
        output=str(output),
        output_from_report=os.path.relpath(output, request.reports),
        seconds=log.summary(),
    )
    _warn(predictions)
    PREDICT_REPORT.write(request.reports, report)
    return report


def _find(lake: AnyLake, wanted: Month | None) -> LakeMonth:
    """Find the month; the latest of the lake when none is wanted."""
    months = [wanted] if wanted else []
    # The others may lack what they like.
    month = find_months(lake, months=months, option="--month", needed=())[-1]
    check_columns(str(month.month), columns=month.columns, required=_NEEDED)
    return month


def _validate_sample(
    engine: Engine,
    *,
    month: LakeMonth,
    settings: Settings,
    log: PipelineLogger,
) -> SampleCounts:
    """Refuse a month that is not fit to be predicted, before it is."""
    share = min(1.0, settings.prediction.sample_rows / month.rows)
    name = str(month.month)
    log.stage_start("validate")
    found = engine.count_sample(share)
    log.stage_end("validate", row_count=found.valid_rows, months=[name])
    # A small month may give an empty sample: then there is nothing to refuse.
    if found.rows:
        with telling_months(name, partial(engine.told_months, found)):
            require_retention(
                found,
                stages=("sample", "sample valid"),
                limits=settings.validation,
                log=log,
            )
    return SampleCounts(**found.model_dump(exclude={"rejected_rows"}))


def _predicted(predictions: Predictions, settings: Settings) -> dict[str, Any]:
    """Return what the report says of the trips."""
    counts, metrics = predictions.counts, predictions.metrics
    return {
        "rows": counts.rows,
        "predicted_rows": predictions.figures.rows,
        "rejected_rows": counts.rejected_rows,
        "rejected": rejecting(counts.violations),
        "predictions": PredictedFigures(
            **predictions.figures.to_document(),
            floored=settings.prediction.floor_at_minimum_fare,
        ),
        "metrics": metrics.to_document() if metrics else None,
        "intervals": predictions.coverage,
    }


def _warn(predictions: Predictions) -> None:
    figures = predictions.figures
    odd = {
        "not finite": figures.non_finite,
        "negative": figures.negative,
        "too high": figures.above_limit,
    }
    for name, count in odd.items():
        if count:
            _logger.warning("%s predictions are %s", f"{count:,}", name)
