"""Write what Spark has computed as one parquet file."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.sql import DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import TimestampType

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.files import replacing, temporary_folder

# Key of the JSON document in the file's metadata.
METADATA_KEY = b"taxi_fare.table"


def write_table(
    rows: DataFrame,
    file: Path,
    *,
    document: Mapping[str, Any],
    accept: Callable[[], None] | None = None,
) -> None:
    """
    Write rows as one parquet file, atomically, in one Spark action.

    Parameters
    ----------
    rows : DataFrame
        What to write; its times are wall-clock times and stay so.
    file : Path
        The file to write or replace; keeps its content when anything fails.
    document : mapping
        Where the rows come from, kept in the file's metadata.
    accept : callable, optional
        Called before the file takes its name; raises to refuse it.
    """
    # Spark's JVM may have been started in another working directory.
    file = file.absolute()
    with temporary_folder(file) as folder:
        parts = folder / "parts"
        # They are read once, at once: to pack them would be for nothing.
        _without_zone(rows).write.option("compression", "none").parquet(
            str(parts)
        )
        if accept is not None:
            accept()
        with replacing(file) as temporary:
            _merge(sorted(parts.glob("part-*.parquet")), temporary, document)


def refuse_folder(file: Path) -> None:
    """
    Check, before any work, that a table can be written.

    Parameters
    ----------
    file : Path
        What ``write_table`` is going to write.

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


def read_document(file: Path) -> dict[str, Any] | None:
    """
    Read where the rows of a file come from.

    Parameters
    ----------
    file : Path
        A readable parquet file.

    Returns
    -------
    dict or None
        None when another program wrote the file.
    """
    metadata = pq.read_metadata(file).metadata or {}
    content = metadata.get(METADATA_KEY)
    return dict(json.loads(content)) if content else None


def _without_zone(rows: DataFrame) -> DataFrame:
    # The session's time zone is UTC: the wall-clock time stays as it is.
    times = {
        field.name: F.col(field.name).cast("timestamp_ntz")
        for field in rows.schema.fields
        if isinstance(field.dataType, TimestampType)
    }
    return rows.withColumns(times)


def _merge(parts: list[Path], file: Path, document: Mapping[str, Any]) -> None:
    schema = pq.read_schema(parts[0]).remove_metadata()
    content = json.dumps(document).encode()
    with pq.ParquetWriter(file, schema, compression="zstd") as writer:
        for part in map(pq.ParquetFile, parts):
            for group in range(part.num_row_groups):
                table: pa.Table = part.read_row_group(group)
                writer.write_table(table.cast(schema))
        writer.add_key_value_metadata({METADATA_KEY: content})
