"""A month of a lake: its files, rows, columns, record and fingerprint."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.place import LakeFile
from taxi_fare.lake.record import IngestRecord, record_in


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
    files: tuple[LakeFile, ...]
    rows: int
    columns: tuple[str, ...]
    record: IngestRecord | None

    @property
    def simulated(self) -> bool:
        """Whether the trips come from the project's simulator."""
        return self.record is not None and self.record.simulated

    @property
    def paths(self) -> tuple[str, ...]:
        """What Spark reads."""
        return tuple(file.address for file in self.files)

    def fingerprint(self) -> str:
        """Identify the bytes of the month."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.fingerprint().encode())
        return digest.hexdigest()


def read_month(
    month: Month, files: Sequence[LakeFile] | str
) -> LakeMonth | str:
    """
    Read the footers of a month, if there is no reason not to.

    Raises
    ------
    FileNotFoundError, obstore.exceptions.PreconditionError
        If a file was removed or replaced since the listing.
    """
    if isinstance(files, str):
        return files
    footers = []
    for file in files:
        if file.problem:
            return f"{file.name} is not readable: {file.problem}"
        try:
            footers.append(file.read_footer())
        except FileNotFoundError:
            raise
        except (OSError, UnreadableFileError) as error:
            return f"{file.name} is not readable: {error}"
    rows = sum(footer.num_rows for footer in footers)
    if rows == 0:
        return "no trip in its parquet files"
    try:
        record = record_in(footers[0])
    except DataRefusedError as refusal:
        return f"{files[0].name}: {refusal.summary}"
    columns = tuple(footers[-1].schema.to_arrow_schema().names)
    return LakeMonth(month, tuple(files), rows, columns, record)
