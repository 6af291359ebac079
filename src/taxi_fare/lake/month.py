"""A month of a lake: its files, rows, columns, record and fingerprint."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow.parquet as pq

from taxi_fare.core.columns import REQUIRED_COLUMNS, TRIP_COLUMNS
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.core.store.client import is_store_url
from taxi_fare.lake.kinds import Kinds, column_kinds, kinds_together
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.part import Part, part_schema
from taxi_fare.lake.place import LakeFile
from taxi_fare.lake.record import IngestRecord, record_in


@dataclass(frozen=True)
class LakeMonth:
    """
    A month that can be read.

    Parameters
    ----------
    parts : tuple of Part
        The files that hold trips, and how each of them is read.
    record : IngestRecord or None
        How it came into the lake; None when another program wrote it.
    published : dict of str to tuple of str or None
        Kinds of every column that the published files have, by its name in
        lower case; None where nobody recorded them.
    """

    month: Month
    files: tuple[LakeFile, ...]
    rows: int
    parts: tuple[Part, ...]
    record: IngestRecord | None
    published: Kinds | None = None

    @property
    def place(self) -> str:
        """Its folder, or its address in a store."""
        return f"{self.files[0].lake}/{self.month.path}"

    @property
    def simulated(self) -> bool:
        """Whether the trips come from the project's simulator."""
        return self.record is not None and self.record.simulated

    @property
    def columns(self) -> tuple[str, ...]:
        """The declared columns that it has: the others are null."""
        there = {name for part in self.parts for name in part.schema.columns}
        return tuple(each.name for each in TRIP_COLUMNS if each.name in there)

    @property
    def paths(self) -> tuple[str, ...]:
        """What Spark reads."""
        return tuple(part.file.address for part in self.parts)

    def fingerprint(self) -> str:
        """Identify the bytes of the month."""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(file.fingerprint().encode())
        return digest.hexdigest()


def read_month(
    month: Month, files: Sequence[LakeFile] | str
) -> LakeMonth | DataRefusedError | str:
    """
    Read the footers of a month, and find out how to read its parts.

    Returns
    -------
    LakeMonth, DataRefusedError or str
        The month; or why whole files cannot be read right; or why there is
        nothing to read.

    Raises
    ------
    FileNotFoundError, obstore.exceptions.PreconditionError
        If a file was removed or replaced since the listing.
    """
    if isinstance(files, str):
        return files
    footers, file = [], files[0]
    try:
        for file in files:
            if file.problem:
                raise UnreadableFileError(file.problem)
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
    try:
        parts = _parts(files, footers)
    except DataRefusedError as refusal:
        return refusal
    full = (footer for footer in footers if footer.num_rows)
    published = (
        record.columns if record else kinds_together(map(column_kinds, full))
    )
    return LakeMonth(month, tuple(files), rows, parts, record, published)


def _parts(
    files: Sequence[LakeFile], footers: Sequence[pq.FileMetaData]
) -> tuple[Part, ...]:
    # Spark writes an empty part where a partition has no row, and pandas
    # knows no type of a column without a value.
    parts = tuple(
        Part(file, part_schema(footer, where=str(file)))
        for file, footer in zip(files, footers, strict=True)
        if footer.num_rows
    )
    _require_plain_names(parts)
    there = {name for part in parts for name in part.schema.columns}
    for part in parts:
        needed = there.intersection(REQUIRED_COLUMNS)
        lacking = sorted(needed.difference(part.schema.columns))
        if lacking:
            raise DataRefusedError(
                f"{part.file} lacks {', '.join(lacking)}, which other parts"
                " of the month have.",
                expected="every required column in each part, or in none",
                remedy="write this part again with it, null where it is"
                " unknown.",
            )
    return parts


def _require_plain_names(parts: Sequence[Part]) -> None:
    """Refuse what Hadoop takes for an address: it keeps files beside it."""
    for part in parts:
        if ":" in part.file.name and not is_store_url(part.file.address):
            raise DataRefusedError(
                f"{part.file} has a colon in its name, and Spark opens no"
                " such file.",
                expected="a name such as part-00000.parquet",
                remedy="rename the file.",
            )
