"""Cast trips of any writer to the declared columns, with Spark."""

from collections.abc import Callable

import pyarrow as pa
from pyspark.sql import Column as SparkColumn
from pyspark.sql import functions as F
from pyspark.sql.types import StructType

from taxi_fare.core.columns import TRIP_COLUMNS, Kind
from taxi_fare.lake.arrow_casts import (
    EXACT,
    FIRST_ZONED,
    LAST_ZONED,
    LONGEST,
    TO_MICROSECONDS,
)
from taxi_fare.lake.part import PartSchema, StoredColumn

_SPARK_TYPES: dict[Kind, str] = {
    "timestamp": "timestamp",
    "integer": "bigint",
    "number": "double",
    "text": "string",
}


def read_schema(schema: PartSchema) -> str | StructType:
    """
    Return the schema that Spark reads the files of a part in.

    Spark asks no file for it, and looks at no other column.
    """
    types = {each.name: each.spark for each in schema.stored}
    columns = [f"`{name}` {types[name]}" for name in schema.written]
    return ", ".join(columns) or StructType()


def trip_columns(schema: PartSchema) -> list[SparkColumn]:
    """
    Cast what was read so to the declared columns.

    A value that does not fit becomes null, and null is judged by the rules:
    a plain cast would cut it, or end the whole run.
    """
    stored = {each.column.name: each for each in schema.stored}
    columns = []
    for column in TRIP_COLUMNS:
        each = stored.get(column.name)
        if each is None or each.name not in schema.written:
            value = F.lit(None).cast(_SPARK_TYPES[column.kind])
        else:
            value = _CASTS[column.kind](F.col(f"`{each.name}`"), each)
        columns.append(value.alias(column.name))
    return columns


def _wall_clock(value: SparkColumn, stored: StoredColumn) -> SparkColumn:
    zone = stored.type.tz
    if stored.spark == "timestamp":
        if not zone:
            return value
        value = F.unix_micros(value)
    elif stored.type.unit == "ns":
        # Digits below a microsecond are dropped.
        value = F.call_function("div", value, F.lit(1_000))
    elif stored.type.unit != "us":
        factor = TO_MICROSECONDS[stored.type.unit]
        most = (LONGEST - 1) // factor
        value = _between(value, -most, most) * F.lit(factor)
    if not zone:
        return F.timestamp_micros(value)
    times = F.timestamp_micros(_between(value, FIRST_ZONED, LAST_ZONED))
    return F.from_utc_timestamp(times, zone)


def _integer(value: SparkColumn, stored: StoredColumn) -> SparkColumn:
    if pa.types.is_decimal(stored.type):
        is_whole = value % F.lit(1) == F.lit(0)
        return F.when(is_whole, value.try_cast("bigint"))
    if pa.types.is_floating(stored.type):
        value = value.cast("double")
        fits = (
            (F.rint(value) == value)
            & (value >= F.lit(-float(LONGEST)))
            & (value < F.lit(float(LONGEST)))
        )
        return F.when(fits, value.cast("bigint"))
    return value.try_cast("bigint")


def _number(value: SparkColumn, stored: StoredColumn) -> SparkColumn:
    if pa.types.is_integer(stored.type):
        value = _between(value, -EXACT, EXACT)
    return value.cast("double")


def _text(value: SparkColumn, stored: StoredColumn) -> SparkColumn:
    return F.try_validate_utf8(value)


_CASTS: dict[Kind, Callable[[SparkColumn, StoredColumn], SparkColumn]] = {
    "timestamp": _wall_clock,
    "integer": _integer,
    "number": _number,
    "text": _text,
}


def _between(value: SparkColumn, least: int, most: int) -> SparkColumn:
    return F.when(value.between(F.lit(least), F.lit(most)), value)
