"""Match and cast the columns of a raw month to the declared schema."""

import logging
from collections import defaultdict
from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.arrow import ARROW_TYPES, TRIP_SCHEMA
from taxi_fare.core.columns import TRIP_COLUMNS, Column, Kind
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month

# Set to b"true" in the file metadata of months made by the simulator.
SIMULATED_KEY = b"taxi_fare.simulated"

LAKE_SCHEMA = TRIP_SCHEMA
_logger = logging.getLogger(__name__)


_NUMERIC = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
_ACCEPTED: dict[Kind, tuple[Callable[[pa.DataType], bool], ...]] = {
    "timestamp": (pa.types.is_timestamp,),
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "text": (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
    ),
}


def match_columns(schema: pa.Schema, *, month: Month) -> dict[str, str]:
    """
    Find the declared columns in a raw file, in any mix of cases.

    Raises
    ------
    DataRefusedError
        If a required column is missing, or a column is there twice or is of
        a type that cannot be cast.
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in schema.names:
        spellings[name.lower()].append(name)
    names: dict[str, str] = {}
    for column in TRIP_COLUMNS:
        found = spellings.pop(column.name.lower(), [])
        if len(found) > 1:
            raise DataRefusedError(
                f"{month}: the raw file has the column {column.name} more"
                f" than once: {', '.join(found)}.",
                expected="each column once, in any mix of upper and lower"
                " case",
                remedy="remove or rename all but one of them.",
            )
        if found:
            names[column.name] = found[0]
    _require_columns(names, schema=schema, month=month)
    _check_types(names, schema=schema, month=month)
    unknown = [name for found in spellings.values() for name in found]
    if unknown:
        _logger.info("%s: columns not kept: %s", month, ", ".join(unknown))
    return names


def cast_batch(
    batch: pa.RecordBatch, *, names: dict[str, str], month: Month
) -> pa.RecordBatch:
    """
    Cast raw trips to the schema of the lake.

    Returns
    -------
    pyarrow.RecordBatch
        The same trips in ``LAKE_SCHEMA``. Wall-clock times are kept;
        optional columns that the file lacks are null.

    Raises
    ------
    DataRefusedError
        If a value does not fit, such as a count of 1.5.
    """
    arrays = []
    for column in TRIP_COLUMNS:
        name = names.get(column.name)
        if name is None:
            arrays.append(pa.nulls(batch.num_rows, ARROW_TYPES[column.kind]))
            continue
        try:
            arrays.append(_cast(batch[name], column))
        except pa.ArrowException as error:
            raise DataRefusedError(
                f"{month}: a value of {name} does not fit: {error!s:.120}",
                expected=f"values of type {ARROW_TYPES[column.kind]}",
                remedy="correct the raw file or fetch it again.",
            ) from error
    return pa.RecordBatch.from_arrays(arrays, schema=LAKE_SCHEMA)


def _require_columns(
    names: dict[str, str], *, schema: pa.Schema, month: Month
) -> None:
    missing = [
        column.name
        for column in TRIP_COLUMNS
        if column.required and column.name not in names
    ]
    if missing:
        raise DataRefusedError(
            f"{month}: the raw file lacks {', '.join(missing)}."
            f" It has: {', '.join(schema.names) or 'no columns'}.",
            expected="every required column of the yellow-taxi schema",
            remedy="check that the file is a yellow-taxi month of the TLC.",
        )


def _check_types(
    names: dict[str, str], *, schema: pa.Schema, month: Month
) -> None:
    for column in TRIP_COLUMNS:
        if column.name not in names:
            continue
        kind = schema.field(names[column.name]).type
        values = kind.value_type if pa.types.is_dictionary(kind) else kind
        accepted = (pa.types.is_null, *_ACCEPTED[column.kind])
        if not any(accepts(values) for accepts in accepted):
            raise DataRefusedError(
                f"{month}: the column {names[column.name]} is of type {kind}.",
                expected=f"a {column.kind} type",
                remedy="convert the column before the ingest.",
            )


def _cast(array: pa.Array, column: Column) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    target = ARROW_TYPES[column.kind]
    if pa.types.is_timestamp(array.type):
        if array.type.tz:
            array = pc.local_timestamp(array)
        # Nanoseconds always fit, but for digits below a microsecond.
        return array.cast(target, safe=array.type.unit != "ns")
    if column.kind == "integer" and pa.types.is_floating(array.type):
        # pandas writes a missing count as NaN.
        array = pc.if_else(pc.is_nan(array), None, array)
    return array.cast(target)
