"""Where the files of one month lie, and whether an ingest wrote them."""

import logging
from pathlib import Path

import pyarrow as pa

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.ingest_record import (
    MONTH_FILE,
    IngestRecord,
    read_ingest_record,
)

REJECTED_FILE = "rejected.parquet"
_logger = logging.getLogger(__name__)


def month_file(lake: Path, month: Month) -> Path:
    """
    Return the one file of a month in a local lake.

    Parameters
    ----------
    lake : Path
        Folder of the lake.
    month : Month
        The month.

    Returns
    -------
    Path
        ``<lake>/YYYY/MM/trips.parquet``, whether it exists or not.
    """
    return lake / month.path / MONTH_FILE


def rejected_file(lake: Path, month: Month) -> Path:
    """
    Return the file of a month's rejected trips, beside the lake.

    Parameters
    ----------
    lake : Path
        Folder of the lake.
    month : Month
        The month.

    Returns
    -------
    Path
        ``<lake>_rejected/YYYY/MM/rejected.parquet``: outside the lake, since
        readers take every parquet file of a month's folder for its trips.
    """
    folder = lake.absolute()  # "." has no name to add to
    beside = folder.with_name(f"{folder.name}_rejected")
    return beside / month.path / REJECTED_FILE


def known_record(file: Path) -> IngestRecord | None:
    """
    Read the record of a file that an earlier ingest wrote.

    Parameters
    ----------
    file : Path
        From ``month_file`` or ``rejected_file``.

    Returns
    -------
    IngestRecord or None
        None when there is no such file, or none that can be read.

    Raises
    ------
    DataRefusedError
        If other parquet files lie there, or another program wrote this one.
    """
    foreign = [
        each
        for each in file.parent.glob("*.parquet")
        # Readers pass over hidden names.
        if not each.name.startswith((".", "_"))
        and (each != file or not each.is_file())
    ]
    record = None
    if file.is_file():
        try:
            record = read_ingest_record(file)
        except (pa.ArrowException, OSError, ValueError, TypeError) as error:
            _logger.warning("%s is written again: %s", file, error)
        else:
            foreign += [file] if record is None else []
    if foreign:
        names = ", ".join(sorted(each.name for each in foreign))
        raise DataRefusedError(
            f"{file.parent} holds parquet files of another program: {names}.",
            expected=f"only {file.name}, written by taxi-fare ingest, since"
            " readers take every parquet file of the folder",
            remedy="move them away, then ingest the month again.",
        )
    return record
