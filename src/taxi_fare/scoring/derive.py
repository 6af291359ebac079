"""
Derive the 12 features from raw trips, without Spark.

The definitions are those of ``taxi_fare.features.derive``: the tests compare
the two on generated trips, and registration compares predictions from raw
trips.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.arrow import INPUT_SCHEMA, minutes_between
from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DROPOFF_AT,
    DURATION,
    FEATURES,
    FLAGS,
    INPUTS,
    NULLABLE_INPUTS,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    STORED,
    TRIP_FEATURES,
    Feature,
)
from taxi_fare.core.errors import DataRefusedError

Columns = Mapping[str, pa.Array]


def _level(raw: Columns, *, name: str) -> pa.Array:
    text = pc.cast(raw[name], pa.string())
    return pc.if_else(pc.equal(pc.utf8_trim(text, " "), ""), None, text)


def _flag(raw: Columns) -> pa.Array:
    text = pc.cast(raw[STORED], pa.string())
    return pc.if_else(pc.is_in(text, pa.array(FLAGS)), text, None)


# Null where a source is null: what a feature is then, its record says.
DEFINITIONS: dict[str, Callable[[Columns], pa.Array]] = {
    DISTANCE: lambda raw: raw[DISTANCE],
    PASSENGERS: lambda raw: raw[PASSENGERS],
    DURATION: lambda raw: minutes_between(raw[PICKUP_AT], raw[DROPOFF_AT]),
    PICKUP_HOUR: lambda raw: pc.hour(raw[PICKUP_AT]),
    PICKUP_WEEKDAY: lambda raw: pc.day_of_week(raw[PICKUP_AT]),
    PICKUP_MONTH: lambda raw: pc.month(raw[PICKUP_AT]),
    **{name: partial(_level, name=name) for name in CATEGORICAL_FEATURES},
    STORED: _flag,
}


class ArrowTable(Protocol):
    """A table of any library that speaks Arrow: PyArrow, pandas, polars."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table over without copying it."""


Trips = ArrowTable | Sequence[Mapping[str, Any]]


def derive_features(trips: Trips) -> pa.Table:
    """
    Derive the features of the specification.

    Parameters
    ----------
    trips : table or sequence of mapping
        Trips with the raw columns that the features are made of; others are
        left alone. Times are New York wall-clock times without a zone.

    Returns
    -------
    pyarrow.Table
        The 12 features. Numbers are doubles: miles, minutes, hour 0-23, day
        of week 0 (Monday) to 6, month 1-12; an unknown passenger count is 0.
        Categories are strings; null, blank, and a flag that is neither Y
        nor N are the level ``unknown``.

    Raises
    ------
    DataRefusedError
        If a column is missing, or a value cannot be priced.
    """
    raw = {
        name: _column(column, name)
        for name, column in _input_columns(trips).items()
    }
    values = {each.name: _derived(each, raw) for each in TRIP_FEATURES}
    return pa.table({name: values[name] for name in FEATURES})


def _derived(feature: Feature, raw: Columns) -> pa.Array:
    kind = pa.float64() if feature.kind == "number" else pa.string()
    # A count beyond 2^53 is rounded, as Spark does.
    value = pc.cast(DEFINITIONS[feature.name](raw), kind, safe=False)
    unknown = feature.if_null
    return value if unknown is None else pc.fill_null(value, unknown)


def _input_columns(trips: Trips) -> dict[str, pa.Array]:
    if isinstance(trips, Sequence):
        there = set(INPUTS).intersection(*trips)
        _refuse_missing(there if trips else set(INPUTS))
        return {
            name: _array([trip[name] for trip in trips], name)
            for name in INPUTS
        }
    table = pa.table(trips)
    _refuse_missing(set(table.column_names))
    return {name: table[name].combine_chunks() for name in INPUTS}


def _refuse_missing(there: set[str]) -> None:
    missing = [name for name in INPUTS if name not in there]
    if missing:
        raise DataRefusedError(
            f"The trips lack {', '.join(missing)}.",
            expected=f"{', '.join(INPUTS)}",
            remedy="name the columns as the TLC does; None is a value.",
        )


def _array(values: list[Any], name: str) -> pa.Array:
    # Among times without a zone Arrow turns others into UTC without a word.
    for value in values:
        if isinstance(value, datetime) and value.tzinfo is not None:
            raise _unfit(name, f"times of the zone {value.tzinfo}")
    try:
        return pa.array(values)
    except pa.ArrowException as error:
        raise _unfit(name, str(error)) from error


def _column(column: pa.Array, name: str) -> pa.Array:
    """Cast a column to its declared type, without rounding."""
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        raise _unfit(name, f"times of the zone {column.type.tz}")
    try:
        column = pc.cast(column, INPUT_SCHEMA.field(name).type)
    except pa.ArrowException as error:
        raise _unfit(name, str(error)) from error
    if name not in NULLABLE_INPUTS and column.null_count:
        raise _unfit(name, "null")
    is_number = pa.types.is_floating(column.type)
    if is_number and not pc.all(pc.is_finite(column), min_count=0).as_py():
        raise _unfit(name, "a number that is not finite")
    return column


def _unfit(name: str, found: str) -> DataRefusedError:
    return DataRefusedError(
        f"The column {name} cannot be priced: {found:.120}",
        expected="New York wall-clock times without a zone; whole numbers"
        " for counts, codes and zones; a distance for every trip",
        remedy="correct the trips; categories and the passenger count may be"
        " null.",
    )
