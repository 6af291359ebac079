"""Tables of one parquet file, which say where their rows come from."""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.documents import Kind, Part, Refusal, parse_document
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.files import remove_leftovers, replacing
from taxi_fare.lake.parquet import write_parquet

# Key of the JSON document in the file's metadata.
METADATA_KEY = b"taxi_fare.table"
_REFUSAL = Refusal(
    expected="what the command that wrote the file says of it",
    remedy="write the file again, with the same command.",
)
# A row group: readers skip, and read at once, whole ones.
_GROUP_ROWS = 1_000_000


def write_table(
    batches: Iterable[pa.RecordBatch],
    *,
    file: Path,
    document: Part,
    finish: Callable[[pa.Table], pa.Table] | None = None,
    accept: Callable[[], None] | None = None,
) -> None:
    """
    Write rows as one parquet file, atomically; tidy after killed writers.

    They leave up to a month of rows, which nobody would look for.
    """
    content = json.dumps(document.to_document()).encode()
    file.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(file, age_seconds=0)
    with replacing(file) as temporary:
        groups = map(finish or _as_it_is, _row_groups(batches))
        first = next(groups)
        schema = first.schema.remove_metadata()
        with write_parquet(temporary, schema) as writer:
            writer.write_table(first.cast(schema))
            for group in groups:
                writer.write_table(group.cast(schema))
            writer.add_key_value_metadata({METADATA_KEY: content})
        if accept is not None:
            accept()


def refuse_folder(file: Path) -> None:
    """
    Check, before any work, that a table can be written.

    Raises
    ------
    WrongUsageError
        If it is a folder.
    """
    if file.is_dir():
        raise WrongUsageError(
            f"The output {file} is a folder.",
            expected="the name of a parquet file, to write or to replace",
            remedy=f"write --output {file / 'table.parquet'}.",
        )


def read_origin(file: Path, model: type[Kind]) -> Kind | None:
    """
    Read where rows come from; None when another program wrote the file.

    Raises
    ------
    DataRefusedError
        If what the file says of itself is damaged.
    """
    content = (pq.read_metadata(file).metadata or {}).get(METADATA_KEY)
    if not content:
        return None
    place = f"{file} ({METADATA_KEY.decode()})"
    return parse_document(content, model, place=place, refusal=_REFUSAL)


def _as_it_is(table: pa.Table) -> pa.Table:
    return table


def _row_groups(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    group: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        if rows >= _GROUP_ROWS:
            yield pa.Table.from_batches(group)
            group, rows = [], 0
    if group:
        yield pa.Table.from_batches(group)
