"""Read one raw file, batch by batch, in the schema of the lake."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.arrow_casts import with_zones
from taxi_fare.lake.kinds import Kinds, column_kinds
from taxi_fare.lake.parquet import (
    UnreadableFileError,
    read_footer,
    reading_parquet,
)
from taxi_fare.lake.part import stored_schema
from taxi_fare.lake.raw.schema import SIMULATED_KEY, cast_batch, match_columns
from taxi_fare.lake.raw.spans import Spans
from taxi_fare.lake.record import record_in

# Trips held in memory at a time, and in one row group of the lake: as many
# as compression and statistics gain from, about 40 MB decoded.
BATCH_ROWS = 1 << 18


@dataclass(frozen=True)
class RawMonth:
    """A raw file that can be read as a month."""

    month: Month
    file: Path
    rows: int
    simulated: bool
    names: dict[str, str]
    columns: Kinds


def unusable_because(file: Path) -> str | None:
    """
    Tell why a file is not a parquet file with rows.

    Returns
    -------
    str or None
        The reason; None when the footer can be read and counts rows.
    """
    try:
        rows = read_footer(file).num_rows
    except (UnreadableFileError, OSError) as error:
        return f"is not readable parquet ({error})"
    return None if rows else "holds no rows"


def open_parts(files: Sequence[Path], month: Month) -> list[RawMonth]:
    """
    Open the files of one raw month; an empty one may lie beside others.

    Raises
    ------
    DataRefusedError
        As ``open_raw`` does, for any of them.
    """
    # Spark writes an empty part where a partition has no row.
    empty = "holds no rows"
    full = [file for file in files if unusable_because(file) != empty]
    return [open_raw(file, month) for file in full or files[:1]]


def open_raw(file: Path, month: Month) -> RawMonth:
    """
    Match the columns of a raw file to the declared ones.

    Raises
    ------
    DataRefusedError
        If the file is unreadable, empty, lacks a required column, or has one
        twice.
    """
    reason = unusable_because(file)
    if reason is not None:
        raise DataRefusedError(
            f"{month}: the raw file {file} {reason}.",
            expected="a parquet file of one month's trips",
            remedy="delete the file and fetch it again.",
        )
    footer = read_footer(file)
    names = match_columns(stored_schema(footer), month=month)
    marked = (footer.metadata or {}).get(SIMULATED_KEY) == b"true"
    # A month of another lake has no mark, but a record.
    record = None if marked else record_in(footer)
    return RawMonth(
        month=month,
        file=file,
        rows=footer.num_rows,
        simulated=marked or (record is not None and record.simulated),
        names=names,
        columns=(record and record.columns) or column_kinds(footer),
    )


def read_raw(raw: RawMonth) -> Iterator[pa.RecordBatch]:
    """
    Read a raw month batch by batch, in the schema of the lake.

    Raises
    ------
    DataRefusedError
        If the file breaks off, holds values other than its footer says, or a
        column or a value of it does not fit.
    """
    rows = 0
    try:
        with reading_parquet():
            # Years that do not fit into nanoseconds would wrap around in
            # INT96.
            with pq.ParquetFile(
                raw.file,
                coerce_int96_timestamp_unit="us",
                page_checksum_verification=True,
            ) as parquet:
                schema = stored_schema(parquet.metadata)
                spans = Spans(parquet.metadata, raw.names.values())
                for batch in parquet.iter_batches(
                    BATCH_ROWS, columns=list(raw.names.values())
                ):
                    rows += batch.num_rows
                    spans.add(batch)
                    yield cast_batch(
                        with_zones(batch, schema),
                        names=raw.names,
                        month=raw.month,
                    )
            if rows != raw.rows:
                raise UnreadableFileError(f"{rows} of {raw.rows} rows")
            spans.require_declared()
    except (UnreadableFileError, OSError) as error:
        raise DataRefusedError(
            f"{raw.month}: the raw file {raw.file} cannot be read to its end"
            f" ({error}).",
            expected="a complete parquet file",
            remedy="delete the file and fetch it again.",
        ) from error
