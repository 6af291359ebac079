"""Where the files of one month lie, and whether an ingest wrote them."""

import logging
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from obstore.exceptions import PreconditionError

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.in_store.place import StorePath
from taxi_fare.lake.place import Lake, LakePath
from taxi_fare.lake.record import (
    MONTH_FILE,
    IngestRecord,
    record_in,
)

REJECTED_FILE = "rejected.parquet"
_DAMAGE = (pa.ArrowException, OSError, DataRefusedError)
_ReadFooter = Callable[[], pq.FileMetaData]
_logger = logging.getLogger(__name__)


def month_file(lake: Lake, month: Month) -> LakePath:
    """Return the one file of a month."""
    return _below(lake, f"{month.path}/{MONTH_FILE}")


def rejected_file(lake: Lake, month: Month) -> LakePath:
    """Return the file of a month's rejected trips, beside the lake."""
    if isinstance(lake, Path):
        folder = lake.absolute()  # "." has no name to add to
        beside: Lake = folder.with_name(f"{folder.name}_rejected")
    else:
        beside = lake.beside("_rejected")
    return _below(beside, f"{month.path}/{REJECTED_FILE}")


def known_record(file: LakePath) -> IngestRecord | None:
    """
    Read the record of a file that an earlier ingest wrote.

    Returns
    -------
    IngestRecord or None
        None when there is no such file, or none that can be read.

    Raises
    ------
    DataRefusedError
        If other parquet files lie there, or another program wrote this one.
    """
    others, read = (
        _in_folder(file) if isinstance(file, Path) else _in_store(file)
    )
    record = None
    if read is not None:
        try:
            record = record_in(read())
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


def _below(lake: Lake, key: str) -> LakePath:
    return lake / key if isinstance(lake, Path) else lake.path(key)


def _in_folder(file: Path) -> tuple[set[str], _ReadFooter | None]:
    """Return the names of other parquet files, and how to read this one."""
    there = file.is_file()
    names = {each.name for each in file.parent.glob("*.parquet")}
    if not there:
        return names, None
    return names - {file.name}, lambda: pq.read_metadata(file)


def _in_store(path: StorePath) -> tuple[set[str], _ReadFooter | None]:
    """Return the same of a store, with one listing."""
    names: set[str] = set()
    read: _ReadFooter | None = None
    folder = path.parent.key
    for file in path.lake.files(folder):
        name = file.key.removeprefix(f"{folder}/").split("/")[0]
        if file.key == path.key:
            read = file.read_footer
        elif name.endswith(".parquet"):
            names.add(name)
    return names, read
