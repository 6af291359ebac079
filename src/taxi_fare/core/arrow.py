"""The declared columns in Arrow."""

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import INPUTS, TRIP_COLUMNS, Kind

ARROW_TYPES: dict[Kind, pa.DataType] = {
    "timestamp": pa.timestamp("us"),
    "integer": pa.int64(),
    "number": pa.float64(),
    "text": pa.string(),
}
TRIP_SCHEMA = pa.schema(
    [(column.name, ARROW_TYPES[column.kind]) for column in TRIP_COLUMNS]
)
# What the features are derived from.
INPUT_SCHEMA = pa.schema([TRIP_SCHEMA.field(name) for name in INPUTS])
_MICROSECONDS_PER_MINUTE = 60_000_000


def minutes_between(start: pa.Array, end: pa.Array) -> pa.Array:
    """
    Return the minutes from one wall-clock time to another.

    Returns
    -------
    DoubleArray
        Negative when ``end`` is the earlier one, null when one is null.
    """
    # As doubles, as Spark does: the difference of times of other programs'
    # months may not fit into an integer.
    first, last = (
        each.cast(pa.int64()).cast(pa.float64(), safe=False)
        for each in (start, end)
    )
    return pc.divide(pc.subtract(last, first), _MICROSECONDS_PER_MINUTE)
