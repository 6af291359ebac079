"""Read the files that the pipeline wrote; a cache knows when they change."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from fare_app.places import Places
from taxi_fare.core.documents import Part
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.registry_files import MANIFEST, STATE_FILE
from taxi_fare.reports.documents.listing import (
    BACKTEST,
    REPORTS,
    WATCH_SERIES,
    Report,
)
from taxi_fare.scoring.predictor import FarePredictor

Document = dict[str, Any]
_REPORTS: dict[str, Report[Part]] = {
    each.file: each for each in (*REPORTS, WATCH_SERIES)
}
# Of a file: name, time of change, size. Files are replaced whole.
Stamp = tuple[str, int, int]
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Artefact:
    """
    A file that the app shows.

    Parameters
    ----------
    name : str
        In texts and code.
    file : str
        In its folder.
    command : str
        What writes it; ``{month}``, ``{months}`` and ``{options}`` are
        filled in.
    registry : bool
        Whether the command takes a registry.
    """

    name: str
    file: str
    command: str
    registry: bool = True


_TRAIN = "taxi-fare train --test-month {month}{options}"
_EDA = "taxi-fare eda --months {months}{options}"
ARTEFACTS = {
    each.name: each
    for each in (
        Artefact("registry", STATE_FILE, _TRAIN),
        Artefact("train_metrics", "train_metrics.json", _TRAIN),
        Artefact("error_summary", "error_summary.json", _TRAIN),
        Artefact(
            "error_by_price_bucket", "error_by_price_bucket.json", _TRAIN
        ),
        Artefact("feature_importance", "feature_importance.json", _TRAIN),
        Artefact(
            "validation_report",
            "validation_report.json",
            "taxi-fare ingest --months {months}{options}",
            registry=False,
        ),
        Artefact(
            "predict_report",
            "predict_report.json",
            "taxi-fare predict --month {month}{options}",
        ),
        Artefact(
            "predictions",
            "predictions",
            "taxi-fare predict --month {month}{options}",
        ),
        Artefact(
            "watch_series",
            WATCH_SERIES.file,
            "taxi-fare watch --month {month}{options}",
        ),
        Artefact(
            "backtest",
            BACKTEST.file,
            "taxi-fare backtest --from 2023-04 --to {month}{options}",
            registry=False,
        ),
        Artefact("eda_summary", "eda_summary.json", _EDA, registry=False),
        Artefact("eda_sample", "eda_sample.csv", _EDA, registry=False),
    )
}


class DamagedError(Exception):
    """A file is there, but is not what it should be."""


def path_of(name: str, places: Places) -> Path:
    """
    Return where a report is, or would be.

    Parameters
    ----------
    name : str
        Of the artefact; not the registry, which may be in a store.
    places : Places
        Where the files are.

    Returns
    -------
    Path
        A file, or the folder of the predictions.
    """
    return places.reports / ARTEFACTS[name].file


def stamp(path: Path) -> Stamp | None:
    """
    Return what changes when a file does.

    Parameters
    ----------
    path : Path
        May be missing.

    Returns
    -------
    tuple or None
        A key for caches; None when there is no such file.
    """
    try:
        status = path.stat()
    except OSError:
        return None
    return str(path), status.st_mtime_ns, status.st_size


def read_artefact(name: str, places: Places) -> Document | None:
    """
    Read a report that is an artefact.

    Parameters
    ----------
    name : str
        Of the artefact.
    places : Places
        Where the files are.

    Returns
    -------
    dict
        None when it is missing.

    Raises
    ------
    DamagedError
        If it is no JSON document.
    """
    return read_report(_REPORTS[ARTEFACTS[name].file], places.reports)


def read_report(report: Report[Part], folder: Path) -> Document | None:
    """
    Read a report.

    Parameters
    ----------
    report : Report
        Which one.
    folder : Path
        Of the reports.

    Returns
    -------
    dict or None
        None when it is missing.

    Raises
    ------
    DamagedError
        If it is no JSON document.
    """
    found = stamp(folder / report.file)
    document = None if found is None else _document(found, report, folder)
    if isinstance(document, str):
        raise DamagedError(document)
    return document


@st.cache_data(max_entries=64, show_spinner=False)
def _document(
    found: Stamp, _report: Report[Part], _folder: Path
) -> Document | str:
    try:
        return _report.read(_folder).to_document()
    except (OSError, TaxiFareError) as error:
        return str(error)


def load_predictor(folder: Path) -> FarePredictor:
    """
    Load a model that needs no Spark.

    Parameters
    ----------
    folder : Path
        Of a version.

    Returns
    -------
    FarePredictor
        The same one until its manifest changes.

    Raises
    ------
    TaxiFareError
        If there is none, or it is damaged.
    """
    return _predictor(str(folder.resolve()), stamp(folder / MANIFEST))


@st.cache_resource(max_entries=4, show_spinner=False)
def _predictor(folder: str, manifest: Stamp | None) -> FarePredictor:
    return FarePredictor.load(folder)
