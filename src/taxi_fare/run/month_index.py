"""Write the page over all months, beside the pages of the runs."""

import logging
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.files import write_text
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.documents.listing import PREDICT_REPORT
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.monthly.index import index_pages
from taxi_fare.reports.monthly.pages import FOLDER

_logger = logging.getLogger(__name__)


def write_index(registry: ModelRegistry, reports: Path) -> None:
    """
    Write it anew from the history.

    The decision is recorded by now: a page that cannot be written is told,
    and nothing else.
    """
    folder = reports / FOLDER
    try:
        pages = {
            each.relative_to(folder).as_posix()
            for each in folder.glob("*/*.html")
        }
        found = index_pages(
            registry.read().history,
            pages=pages,
            prediction=_predicted(reports),
        )
        for name, page in found.items():
            write_text(folder / name, page)
    except (TaxiFareError, OSError) as error:
        _logger.warning("The page over all months stays as it is: %s", error)


def _predicted(reports: Path) -> PredictReport | None:
    """Return what was predicted last; None where nobody can read it."""
    try:
        return PREDICT_REPORT.read(reports)
    except TaxiFareError:
        return None
