"""What a part of a month holds, and whether it is read right: its footer."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taxi_fare.core.columns import TRIP_COLUMNS, Column
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.lake.columns import (
    find_columns,
    is_accepted,
    type_refused,
    values_of,
)
from taxi_fare.lake.parquet import reading_parquet
from taxi_fare.lake.place import LakeFile

_CODECS = frozenset({"UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4"})
_MOST_DIGITS = 38


@dataclass(frozen=True)
class StoredColumn:
    """
    How a part stores a declared column.

    Parameters
    ----------
    name : str
        As it is written there.
    type : pyarrow.DataType
        Of its values; null where every value is. Times have the zone whose
        clocks showed them.
    spark : str
        The type that Spark reads it as, which is cast afterwards.
    """

    column: Column
    name: str
    type: pa.DataType
    spark: str


@dataclass(frozen=True)
class PartSchema:
    """The declared columns that a part has, in the declared order."""

    stored: tuple[StoredColumn, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The declared names."""
        return tuple(each.column.name for each in self.stored)

    @property
    def written(self) -> tuple[str, ...]:
        """The names of the columns to read, as they are written."""
        return tuple(
            each.name
            for each in self.stored
            if not pa.types.is_null(each.type)
        )


@dataclass(frozen=True)
class Part:
    """A file of a month that holds trips."""

    file: LakeFile
    schema: PartSchema


def stored_schema(footer: pq.FileMetaData) -> pa.Schema:
    """
    Return the Arrow schema of a file, with the zone of every time.

    PyArrow forgets the zone of times that are written as INT96; they are of
    microseconds here, as they should be read.
    """
    schema = footer.schema.to_arrow_schema()
    old = {each.path for each in _columns(footer) if _is_int96(each)}
    if not old:
        return schema
    zones = _zones(footer)
    for index, name in enumerate(schema.names):
        if name in old:
            kind = pa.timestamp("us", zones.get(name))
            schema = schema.set(index, schema.field(index).with_type(kind))
    return schema


def part_schema(footer: pq.FileMetaData, *, where: str) -> PartSchema:
    """
    Find out how to read the declared columns of a file.

    Raises
    ------
    DataRefusedError
        If one is there twice, or is of a type, packed or stored in a way
        that cannot be read right.
    """
    schema = stored_schema(footer)
    written = find_columns(schema.names, where=where)
    return PartSchema(
        tuple(
            _stored(
                column,
                name=written[column.name],
                kind=values_of(schema.field(written[column.name]).type),
                footer=footer,
                where=where,
            )
            for column in TRIP_COLUMNS
            if column.name in written
        )
    )


def _stored(
    column: Column,
    *,
    name: str,
    kind: pa.DataType,
    footer: pq.FileMetaData,
    where: str,
) -> StoredColumn:
    paths = [each.path for each in _columns(footer)]
    at = paths.index(name) if name in paths else None
    if at is not None and _is_all_null(footer, at):
        kind = pa.null()
    found = str(kind)
    # What is nested has another path.
    if at is not None and is_accepted(kind, as_kind=column.kind):
        if not pa.types.is_null(kind):
            _require_codec(footer, at, where=where)
            _require_zone(kind, name=name, where=where)
        spark = _spark_type(kind, footer.schema.column(at))
        if spark is not None:
            return StoredColumn(column, name, kind, spark)
        found = f"{kind}, which Spark does not read"
    raise type_refused(where, name=name, found=found, kind=column.kind)


def _columns(footer: pq.FileMetaData) -> Iterator[pq.ColumnSchema]:
    return map(footer.schema.column, range(len(footer.schema)))


def _is_int96(column: pq.ColumnSchema) -> bool:
    return bool(column.physical_type == "INT96")


def _zones(footer: pq.FileMetaData) -> dict[str, str]:
    """Return the zones that the program which wrote a file knew of."""
    packed = (footer.metadata or {}).get(b"ARROW:schema")
    if packed is None:
        return {}
    with reading_parquet():
        schema = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(packed)))
    return {
        field.name: field.type.tz
        for field in schema
        if pa.types.is_timestamp(field.type) and field.type.tz
    }


def _chunks(
    footer: pq.FileMetaData, at: int
) -> Iterator[pq.ColumnChunkMetaData]:
    groups = map(footer.row_group, range(footer.num_row_groups))
    return (group.column(at) for group in groups if group.num_rows)


def _is_all_null(footer: pq.FileMetaData, at: int) -> bool:
    """Tell whether a column has no value, whatever its type."""
    if footer.schema.column(at).max_repetition_level:
        return False
    for chunk in _chunks(footer, at):
        found = chunk.statistics
        if found is None or not found.has_null_count:
            return False
        if found.null_count != chunk.num_values:
            return False
    return True


def _require_codec(footer: pq.FileMetaData, at: int, *, where: str) -> None:
    codecs = {chunk.compression for chunk in _chunks(footer, at)}
    lacking = ", ".join(sorted(codecs - _CODECS))
    if lacking:
        name = footer.schema.column(at).name
        raise DataRefusedError(
            f"{where}: the column {name} is packed by {lacking}, which Spark"
            " cannot unpack.",
            expected="a file packed by snappy, zstd, gzip or lz4, or not"
            " packed",
            remedy="write it again with compression='zstd'.",
        )


def _require_zone(kind: pa.DataType, *, name: str, where: str) -> None:
    if not pa.types.is_timestamp(kind) or not kind.tz:
        return
    try:
        pc.local_timestamp(pa.array([0], kind))
    except pa.ArrowException:
        raise DataRefusedError(
            f"{where}: the times of {name} are of the zone {kind.tz}.",
            expected="a zone of the time-zone database, such as"
            " America/New_York, or none",
            remedy="write the wall-clock times of New York without a zone.",
        ) from None


def _spark_type(kind: pa.DataType, column: pq.ColumnSchema) -> str | None:
    """Return the widest type that Spark reads without a loss, if any."""
    if pa.types.is_null(kind):
        return "void"
    if pa.types.is_timestamp(kind):
        return "timestamp" if _is_int96(column) else "bigint"
    if pa.types.is_decimal(kind):
        digits = f"decimal({kind.precision},{kind.scale})"
        return digits if kind.precision <= _MOST_DIGITS else None
    if pa.types.is_integer(kind):
        return "decimal(20,0)" if kind == pa.uint64() else "bigint"
    if pa.types.is_floating(kind):
        return {"FLOAT": "float", "DOUBLE": "double"}.get(column.physical_type)
    return "string"
