"""Write the files of one month: its trips, and those it rejected."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.months import Month
from taxi_fare.lake.clean import REJECTED_BY, Cleaned
from taxi_fare.lake.kinds import Kinds
from taxi_fare.lake.parquet import write_parquet
from taxi_fare.lake.place import LakePath
from taxi_fare.lake.raw.file import BATCH_ROWS
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.lake.record import IngestRecord

REJECTED_SCHEMA = LAKE_SCHEMA.append(pa.field(REJECTED_BY, pa.string()))


@dataclass(frozen=True)
class Origin:
    """
    Where the trips of a month come from.

    Parameters
    ----------
    sha256 : str
        Of the raw file's bytes.
    rules_version : int
        Of the rules that the trips keep.
    columns : dict of str to tuple of str
        Kinds of each column of the raw file.
    """

    month: Month
    source: str
    sha256: str
    simulated: bool
    rules_version: int
    columns: Kinds


def write_month(
    file: LakePath,
    *,
    parts: Iterable[Cleaned],
    origin: Origin,
    accept: Callable[[IngestRecord], None],
) -> IngestRecord:
    """Write the valid trips of a month and its record, atomically."""
    valid, rejected = 0, Counter[str]()
    with _replacing_table(file, LAKE_SCHEMA) as writer:
        for part in parts:
            if part.valid.num_rows:
                writer.write_batch(part.valid, row_group_size=BATCH_ROWS)
            valid += part.valid.num_rows
            rejected.update(part.counts)
        record = IngestRecord(
            month=str(origin.month),
            source=origin.source,
            source_sha256=origin.sha256,
            rules_version=origin.rules_version,
            raw_rows=valid + rejected.total(),
            valid_rows=valid,
            rejected=dict(rejected),
            simulated=origin.simulated,
            columns=origin.columns,
        )
        accept(record)
        writer.add_key_value_metadata(record.to_metadata())
    return record


def write_rejected(
    file: LakePath, *, parts: Iterable[Cleaned], record: IngestRecord
) -> None:
    """Write the rejected trips of a month, atomically."""
    with _replacing_table(file, REJECTED_SCHEMA) as writer:
        for part in parts:
            if part.rejected.num_rows:
                writer.write_batch(part.rejected)
        writer.add_key_value_metadata(record.to_metadata())


@contextmanager
def _replacing_table(
    file: LakePath, schema: pa.Schema
) -> Iterator[pq.ParquetWriter]:
    with (
        file.replacing() as temporary,
        write_parquet(temporary, schema) as writer,
    ):
        yield writer
