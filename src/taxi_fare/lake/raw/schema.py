"""Match and cast the columns of a raw month to the declared schema."""

import logging

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.arrow import ARROW_TYPES, TRIP_SCHEMA
from taxi_fare.core.columns import TRIP_COLUMNS, Column
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.arrow_casts import cast_values
from taxi_fare.lake.columns import find_columns, is_accepted, type_refused

# Set to b"true" in the file metadata of months made by the simulator.
SIMULATED_KEY = b"taxi_fare.simulated"

LAKE_SCHEMA = TRIP_SCHEMA
_logger = logging.getLogger(__name__)


def match_columns(schema: pa.Schema, *, month: Month) -> dict[str, str]:
    """
    Find the declared columns in a raw file, in any mix of cases.

    Raises
    ------
    DataRefusedError
        If a required column is missing, or a column is there twice.
    """
    names = find_columns(schema.names, where=f"{month}: the raw file")
    _require_columns(names, schema=schema, month=month)
    kept = {*names.values()}
    unknown = [name for name in schema.names if name not in kept]
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
        If a value does not fit, such as a count of 1.5, or a column is of a
        type that cannot be cast.
    """
    arrays = []
    for column in TRIP_COLUMNS:
        name = names.get(column.name)
        if name is None:
            arrays.append(pa.nulls(batch.num_rows, ARROW_TYPES[column.kind]))
            continue
        try:
            arrays.append(_cast(batch[name], column, month))
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


def _check_type(array: pa.Array, column: Column, month: Month) -> None:
    """Refuse what is of another kind; a null is of every kind."""
    if array.null_count < len(array) and not is_accepted(
        array.type, as_kind=column.kind
    ):
        raise type_refused(
            str(month),
            name=column.name,
            found=str(array.type),
            kind=column.kind,
        )


def _cast(array: pa.Array, column: Column, month: Month) -> pa.Array:
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if column.kind != "number" and pa.types.is_floating(array.type):
        # pandas writes a missing count, or text, as NaN.
        array = pc.if_else(pc.is_nan(array), None, array)
    _check_type(array, column, month)
    if array.null_count == len(array):
        return pa.nulls(len(array), ARROW_TYPES[column.kind])
    found = cast_values(array, column.kind)
    if found.null_count > array.null_count:
        # In PyArrow's words, which show the value.
        array.cast(ARROW_TYPES[column.kind]).validate(full=True)
        raise pa.ArrowInvalid("a time beyond the years 1 to 9999")
    return found
