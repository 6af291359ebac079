"""Which months a lake holds, told from file footers, without Spark."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.files import sha256_of
from taxi_fare.core.months import Month
from taxi_fare.lake.ingest_record import IngestRecord, read_ingest_record


@dataclass(frozen=True)
class LakeMonth:
    """
    A month that can be read.

    Parameters
    ----------
    month : Month
        Which month.
    files : tuple of Path
        Its parquet files, by name.
    rows : int
        Trips in them.
    columns : tuple of str
        Names of their columns, as written.
    record : IngestRecord or None
        How it came into the lake; None when another program wrote it.
    """

    month: Month
    files: tuple[Path, ...]
    rows: int
    columns: tuple[str, ...]
    record: IngestRecord | None

    @property
    def simulated(self) -> bool:
        """Whether the trips come from the project's simulator."""
        return self.record is not None and self.record.simulated

    def fingerprint(self) -> str:
        """
        Identify the bytes of the month.

        Returns
        -------
        str
            SHA-256 over the content of its files; copying or touching them
            does not change it.
        """
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(sha256_of(file).encode())
        return digest.hexdigest()


@dataclass(frozen=True)
class Catalog:
    """
    The months of a lake.

    Parameters
    ----------
    lake : Path
        Folder of the lake.
    months : dict of Month to LakeMonth
        Months that can be read.
    unreadable : dict of Month to str
        Months that have a folder but cannot be read, with the reason.
    """

    lake: Path
    months: dict[Month, LakeMonth]
    unreadable: dict[Month, str]

    def select(self, months: Iterable[Month]) -> list[LakeMonth]:
        """
        Return some months, in the order asked for.

        Parameters
        ----------
        months : iterable of Month
            Months that the catalog has.

        Returns
        -------
        list of LakeMonth
            One for each.
        """
        return [self.months[month] for month in months]


def read_catalog(lake: Path) -> Catalog:
    """
    Look at every month folder of a lake.

    Parameters
    ----------
    lake : Path
        Folder with ``YYYY/MM/*.parquet``; may be missing.

    Returns
    -------
    Catalog
        What is there; empty when the folder is missing.
    """
    months: dict[Month, LakeMonth] = {}
    unreadable: dict[Month, str] = {}
    for folder in sorted(lake.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]")):
        try:
            month = Month(f"{folder.parent.name}-{folder.name}")
        except WrongUsageError:
            continue
        found = _read_month(month, folder)
        if isinstance(found, str):
            unreadable[month] = found
        else:
            months[month] = found
    return Catalog(lake, months, unreadable)


def _read_month(month: Month, folder: Path) -> LakeMonth | str:
    """Return the month, or why it cannot be read."""
    # Spark passes over hidden names too.
    files = tuple(
        file
        for file in sorted(folder.glob("*.parquet"))
        if not file.name.startswith((".", "_"))
    )
    if not files:
        return "no parquet file in its folder"
    rows = 0
    for file in files:
        try:
            footer = pq.read_metadata(file)
        except (OSError, pa.ArrowException) as error:
            return f"{file.name} is not readable: {str(error).split('. ')[0]}"
        rows += footer.num_rows
    if rows == 0:
        return "no trip in its parquet files"
    columns = tuple(footer.schema.to_arrow_schema().names)
    return LakeMonth(month, files, rows, columns, read_ingest_record(files[0]))
