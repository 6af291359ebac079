"""Where the files of one month lie, and whether an ingest wrote them."""

import logging

from obstore.exceptions import PreconditionError

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.layout import is_parquet
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.place import Lake, LakePath
from taxi_fare.lake.record import MONTH_FILE, IngestRecord, record_in

REJECTED_FILE = "rejected.parquet"
_DAMAGE = (UnreadableFileError, OSError, DataRefusedError)
_logger = logging.getLogger(__name__)


def month_file(lake: Lake, month: Month) -> LakePath:
    """Return the one file of a month."""
    return lake.path(f"{month.path}/{MONTH_FILE}")


def rejected_file(lake: Lake, month: Month) -> LakePath:
    """Return the file of a month's rejected trips, beside the lake."""
    return lake.beside("_rejected").path(f"{month.path}/{REJECTED_FILE}")


def known_record(file: LakePath) -> IngestRecord | None:
    """
    Read the record of an earlier ingest, if there is one that can be read.

    Raises
    ------
    DataRefusedError
        If other parquet files lie there, or another program wrote this one.
    """
    found, beside = file.look()
    others = {name for name in beside if is_parquet(name)}
    record = None
    if found is not None:
        try:
            record = record_in(found.read_footer())
        except (*_DAMAGE, PreconditionError) as error:
            _logger.warning("%s is written again: %s", file, error)
        else:
            others |= {file.name} if record is None else set()
    # Readers pass over hidden names.
    foreign = [name for name in others if not name.startswith((".", "_"))]
    if foreign:
        raise DataRefusedError(
            f"{file.parent} holds parquet files of another program:"
            f" {', '.join(sorted(foreign))}.",
            expected=f"only {file.name}, written by taxi-fare ingest, since"
            " readers take every parquet file of the folder",
            remedy="move them away, then ingest the month again.",
        )
    return record
