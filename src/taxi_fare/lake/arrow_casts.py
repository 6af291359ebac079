"""Cast trips of any writer to the declared columns, with Arrow."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taxi_fare.core.arrow import ARROW_TYPES, TRIP_SCHEMA
from taxi_fare.core.columns import TRIP_COLUMNS, Kind
from taxi_fare.lake.parquet import reading_parquet
from taxi_fare.lake.part import PartSchema

# A double holds every whole number up to here.
EXACT = 2**53
LONGEST = 2**63
# Microseconds of the years 1 to 9999, a day less at each end: zones are
# defined there, and 64 bits are enough.
FIRST_ZONED, LAST_ZONED = -62_135_510_400_000_000, 253_402_214_400_000_000
TO_MICROSECONDS = {"s": 1_000_000, "ms": 1_000}


def read_part(
    source: Path | pa.NativeFile, *, schema: PartSchema, batch_rows: int
) -> Iterator[pa.RecordBatch]:
    """
    Read a part of a month batch by batch, as ``cast_trips`` gives it.

    Raises
    ------
    UnreadableFileError
        If it cannot be read to its end.
    """
    with (
        reading_parquet(),
        pq.ParquetFile(
            source,
            coerce_int96_timestamp_unit="us",
            page_checksum_verification=True,
        ) as parquet,
    ):
        batches = parquet.iter_batches(
            batch_rows, columns=list(schema.written)
        )
        for batch in batches:
            yield cast_trips(batch, schema)


def cast_trips(batch: pa.RecordBatch, schema: PartSchema) -> pa.RecordBatch:
    """
    Cast trips of a part to the declared columns.

    Returns
    -------
    pyarrow.RecordBatch
        The same trips in ``TRIP_SCHEMA``; null is what the part lacks, and
        each value that does not fit, as Spark reads them.
    """
    arrays = {
        each.column.name: cast_values(
            _zoned(batch[each.name], each.type), each.column.kind
        )
        for each in schema.stored
        if each.name in schema.written
    }
    empty = {
        column.name: pa.nulls(batch.num_rows, ARROW_TYPES[column.kind])
        for column in TRIP_COLUMNS
        if column.name not in arrays
    }
    every = arrays | empty
    return pa.RecordBatch.from_arrays(
        [every[name] for name in TRIP_SCHEMA.names], schema=TRIP_SCHEMA
    )


def cast_values(array: pa.Array, kind: Kind) -> pa.Array:
    """Cast values to a declared kind; what does not fit becomes null."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    target = ARROW_TYPES[kind]
    if array.type == target and kind != "text":
        return array
    if kind == "timestamp":
        return _wall_clock(array)
    if kind == "text":
        return _text(array)
    if pa.types.is_decimal(array.type):
        return _from_decimal(array, kind)
    if kind == "integer":
        return _integers(array)
    if pa.types.is_integer(array.type):
        array = _between(_integers(array), -EXACT, EXACT)
    return array.cast(target)


def with_zones(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """Give the times of a batch the zones that the stored schema tells."""
    arrays = [
        _zoned(batch[name], schema.field(name).type)
        for name in batch.schema.names
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def _zoned(array: pa.Array, kind: pa.DataType) -> pa.Array:
    """Give times that were read of INT96 the zone that they have."""
    if pa.types.is_timestamp(kind) and kind.tz and not array.type.tz:
        return array.cast(pa.timestamp(array.type.unit, kind.tz))
    return array


def _wall_clock(array: pa.Array) -> pa.Array:
    unit, zone = array.type.unit, array.type.tz
    times = array.cast(pa.int64())
    if unit == "ns":
        # Digits below a microsecond are dropped.
        times = pc.divide(times, 1_000)
    elif unit != "us":
        factor = TO_MICROSECONDS[unit]
        most = (LONGEST - 1) // factor
        times = pc.multiply(_between(times, -most, most), factor)
    if not zone:
        return times.cast(pa.timestamp("us"))
    times = _between(times, FIRST_ZONED, LAST_ZONED)
    return pc.local_timestamp(times.cast(pa.timestamp("us", zone)))


def _text(array: pa.Array) -> pa.Array:
    try:
        return array.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        texts = map(_decoded, array.cast(pa.binary()).to_pylist())
        return pa.array(texts, pa.string())


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _from_decimal(array: pa.Array, kind: Kind) -> pa.Array:
    # By way of text: PyArrow's own cast to doubles is off by a bit in one of
    # eight prices.
    if kind == "number":
        return array.cast(pa.string()).cast(pa.float64())
    try:
        return array.cast(pa.int64())
    except pa.ArrowInvalid:
        return pa.array(map(_integer, array.to_pylist()), pa.int64())


def _integer(value: Decimal | None) -> int | None:
    if value is None or value != int(value):
        return None
    return int(value) if -LONGEST <= value < LONGEST else None


def _integers(array: pa.Array) -> pa.Array:
    """Keep what is a whole number of 64 bits."""
    if pa.types.is_floating(array.type):
        array = array.cast(pa.float64())
        in_range = pc.and_(
            pc.greater_equal(array, -float(LONGEST)),
            pc.less(array, float(LONGEST)),
        )
        is_whole = pc.equal(pc.trunc(array), array)
        array = pc.if_else(pc.and_(is_whole, in_range), array, None)
    elif array.type == pa.uint64():
        fits = pc.less_equal(array, pa.scalar(LONGEST - 1, pa.uint64()))
        array = pc.if_else(fits, array, None)
    return array.cast(pa.int64())


def _between(array: pa.Array, least: int, most: int) -> pa.Array:
    fits = pc.and_(pc.greater_equal(array, least), pc.less_equal(array, most))
    return pc.if_else(fits, array, None)
