"""A month of a lake: its files, rows, columns, record and fingerprint."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.files import sha256_of
from taxi_fare.core.months import Month
from taxi_fare.lake.in_store.place import StoreFile
from taxi_fare.lake.record import IngestRecord, record_in

# One file of a month, as the lake's listing found it.
TripFile = Path | StoreFile


@dataclass(frozen=True)
class LakeMonth:
    """
    A month that can be read.

    Parameters
    ----------
    record : IngestRecord or None
        How it came into the lake; None when another program wrote it.
    """

    month: Month
    files: tuple[TripFile, ...]
    rows: int
    columns: tuple[str, ...]
    record: IngestRecord | None

    @property
    def simulated(self) -> bool:
        """Whether the trips come from the project's simulator."""
        return self.record is not None and self.record.simulated

    @property
    def paths(self) -> tuple[str, ...]:
        """What Spark reads; its JVM may be in another working directory."""
        return tuple(
            str(file.absolute() if isinstance(file, Path) else file)
            for file in self.files
        )

    def fingerprint(self) -> str:
        """Identify the bytes of the month."""
        digest = hashlib.sha256()
        for file in self.files:
            told = (
                sha256_of(file)
                if isinstance(file, Path)
                else file.fingerprint()
            )
            digest.update(told.encode())
        return digest.hexdigest()


def read_month(month: Month, files: Sequence[TripFile]) -> LakeMonth | str:
    """Read the footers of a month."""
    if not files:
        return "no parquet file in its folder"
    footers = []
    for file in files:
        try:
            footers.append(_footer(file))
        except (OSError, pa.ArrowException) as error:
            return f"{file.name} is not readable: {str(error).split('. ')[0]}"
    rows = sum(footer.num_rows for footer in footers)
    if rows == 0:
        return "no trip in its parquet files"
    try:
        record = record_in(footers[0])
    except DataRefusedError as refusal:
        return f"{files[0].name}: {refusal.summary}"
    columns = tuple(footers[-1].schema.to_arrow_schema().names)
    return LakeMonth(month, tuple(files), rows, columns, record)


def _footer(file: TripFile) -> pq.FileMetaData:
    if isinstance(file, Path):
        return pq.read_metadata(file)
    return file.read_footer()
