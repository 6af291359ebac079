"""Write the page over all months, beside the pages of the runs."""

import logging
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.files import write_text
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.monthly.index import INDEX_FILE, index_page
from taxi_fare.reports.monthly.page import FOLDER, PAGE_FILE

_logger = logging.getLogger(__name__)


def write_index(registry: ModelRegistry, reports: Path) -> None:
    """
    Write it anew from the history.

    The decision is recorded by now: a page that cannot be written is told,
    and nothing else.
    """
    folder = reports / FOLDER
    try:
        pages = {each.parent.name for each in folder.glob(f"*/{PAGE_FILE}")}
        page = index_page(registry.read().history, pages=pages)
        write_text(folder / INDEX_FILE, page)
    except (TaxiFareError, OSError) as error:
        _logger.warning("The page over all months stays as it is: %s", error)
