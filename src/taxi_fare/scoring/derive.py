"""
Derive the 12 features from raw trips, without Spark.

The definitions are those of ``taxi_fare.features.derive``; the tests compare
the two on odd trips, and registration compares the predictions.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DROPOFF_AT,
    DURATION,
    FEATURES,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    TRIP_COLUMNS,
    UNKNOWN_LEVEL,
)
from taxi_fare.core.errors import DataRefusedError

_TYPES = {
    "timestamp": pa.timestamp("us"),
    "integer": pa.int64(),
    "number": pa.float64(),
    "text": pa.string(),
}
# What the features are derived from.
INPUT_COLUMNS = {
    each.name: _TYPES[each.kind]
    for each in TRIP_COLUMNS
    if each.name
    in {PICKUP_AT, DROPOFF_AT, DISTANCE, PASSENGERS, *CATEGORICAL_FEATURES}
}
_NEVER_NULL = (PICKUP_AT, DROPOFF_AT, DISTANCE)
_MICROSECONDS_PER_MINUTE = 60_000_000


class ArrowTable(Protocol):
    """A table of any library that speaks Arrow: PyArrow, pandas, polars."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Hand the table over without copying it."""


Trips = ArrowTable | Sequence[Mapping[str, Any]]


def derive_features(trips: Trips) -> pa.Table:
    """
    Derive the features of the description.

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
        Categories are strings; null and blank are the level ``unknown``.

    Raises
    ------
    DataRefusedError
        If a column is missing, or a value cannot be priced.
    """
    raw = {
        name: _column(column, name)
        for name, column in _input_columns(trips).items()
    }
    pickup = raw[PICKUP_AT]
    values: dict[str, Any] = {
        DISTANCE: raw[DISTANCE],
        PASSENGERS: pc.fill_null(raw[PASSENGERS], 0),
        DURATION: _minutes(pickup, raw[DROPOFF_AT]),
        PICKUP_HOUR: pc.hour(pickup),
        PICKUP_WEEKDAY: pc.day_of_week(pickup),
        PICKUP_MONTH: pc.month(pickup),
    }
    values = {name: pc.cast(v, pa.float64()) for name, v in values.items()}
    for name in CATEGORICAL_FEATURES:
        text = pc.cast(raw[name], pa.string())
        is_blank = pc.equal(pc.utf8_trim(text, " "), "")
        known = pc.if_else(is_blank, None, text)
        values[name] = pc.fill_null(known, UNKNOWN_LEVEL)
    return pa.table({name: values[name] for name in FEATURES})


def _input_columns(trips: Trips) -> dict[str, pa.Array]:
    if isinstance(trips, Sequence):
        there = set(INPUT_COLUMNS).intersection(*trips)
        _refuse_missing(there if trips else set(INPUT_COLUMNS))
        return {
            name: _array([trip[name] for trip in trips], name)
            for name in INPUT_COLUMNS
        }
    table = pa.table(trips)
    _refuse_missing(set(table.column_names))
    return {name: table[name].combine_chunks() for name in INPUT_COLUMNS}


def _refuse_missing(there: set[str]) -> None:
    missing = [name for name in INPUT_COLUMNS if name not in there]
    if missing:
        raise DataRefusedError(
            f"The trips lack {', '.join(missing)}.",
            expected=f"{', '.join(INPUT_COLUMNS)}",
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
        column = pc.cast(column, INPUT_COLUMNS[name])
    except pa.ArrowException as error:
        raise _unfit(name, str(error)) from error
    if name in _NEVER_NULL and column.null_count:
        raise _unfit(name, "null")
    if name == DISTANCE and not np.isfinite(column.to_numpy()).all():
        raise _unfit(name, "a number that is not finite")
    return column


def _minutes(start: pa.Array, end: pa.Array) -> np.ndarray:
    microseconds = [
        each.cast(pa.int64()).to_numpy(zero_copy_only=False)
        for each in (start, end)
    ]
    minutes: np.ndarray = (
        microseconds[1] - microseconds[0]
    ) / _MICROSECONDS_PER_MINUTE
    return minutes


def _unfit(name: str, found: str) -> DataRefusedError:
    return DataRefusedError(
        f"The column {name} cannot be priced: {found:.120}",
        expected="New York wall-clock times without a zone; whole numbers"
        " for counts, codes and zones; a distance for every trip",
        remedy="correct the trips; categories and the passenger count may be"
        " null.",
    )
