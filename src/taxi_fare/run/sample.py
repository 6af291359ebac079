"""Draw raw test trips with Spark's prediction, to compare others with."""

import pyarrow as pa
from pyspark.ml import PipelineModel
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.arrow import INPUT_SCHEMA
from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.features.derive import PACKED_TRIP, derive_beside
from taxi_fare.lake.tables.sample import draw_rows

# Not a recipe's: every model is compared on the same trips of a month.
_SEED = 42
# What was paid is told beside what features are derived from.
_TOLD = INPUT_SCHEMA.append(pa.field(LABEL, pa.float64()))
_SCHEMA = _TOLD.append(pa.field(PREDICTION, pa.float64()))


def predicted_sample(
    trips: DataFrame, *, model: PipelineModel, rows: int
) -> pa.Table:
    """
    Predict the same trips wherever they lie, in one Spark action.

    They are drawn before anything is derived of them: raw columns of a whole
    month would have to be kept in memory otherwise.

    Parameters
    ----------
    trips : DataFrame
        Packed trips.

    Returns
    -------
    pyarrow.Table
        The raw columns that features are derived from, ``total_amount`` and
        ``prediction`` in dollars.
    """
    raw = trips.select(f"{PACKED_TRIP}.*", LABEL)
    drawn = draw_rows(raw, rows=rows, seed=_SEED)
    predicted = model.transform(derive_beside(drawn, columns=raw.columns))
    columns = [_plain(field) for field in _TOLD]
    # Not toArrow(): that needs memory which Java must be allowed to reach.
    found = predicted.select(*columns, PREDICTION).collect()
    return pa.Table.from_pylist([x.asDict() for x in found], schema=_SCHEMA)


def _plain(field: pa.Field) -> Column:
    value = F.col(f"{PACKED_TRIP}.{field.name}")
    if pa.types.is_timestamp(field.type):
        # A time would be collected in the time zone of this machine.
        value = F.unix_micros(value)
    return value.alias(field.name)
