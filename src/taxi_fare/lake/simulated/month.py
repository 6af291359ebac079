"""Write a month of simulated trips in the TLC's own raw format."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import TRIP_COLUMNS
from taxi_fare.core.files import replacing
from taxi_fare.core.months import Month
from taxi_fare.lake.parquet import write_parquet
from taxi_fare.lake.raw.schema import SIMULATED_KEY
from taxi_fare.lake.simulated.dirt import soil
from taxi_fare.lake.simulated.habits import (
    UNKNOWN_PAYMENT,
    Habits,
    habits_of,
)
from taxi_fare.lake.simulated.prices import add_prices
from taxi_fare.lake.simulated.trips import Trips, draw_trips

_CHUNK = 250_000
# Since January 2025 the TLC publishes one more surcharge.
_CBD_FEE_SINCE = Month("2025-01")
_TIMES = ("tpep_pickup_datetime", "tpep_dropoff_datetime")
_COUNTS = ("passenger_count", "RatecodeID")
_IDS = ("VendorID", "PULocationID", "DOLocationID")
# They are declared in the TLC's order.
_ORDER = tuple(column.name for column in TRIP_COLUMNS)


def simulate_month(path: Path, *, month: Month, trips: int, seed: int) -> None:
    """
    Write a raw month, as dirty as real ones are, and marked as simulated.

    Parameters
    ----------
    path : Path
        The parquet file to write or replace.
    month : Month
        Decides the schema as well: odd months have the types of the real
        2023-01 (float counts), even ones those of 2023-02.
    trips : int
        Rows, at least 1.
    seed : int
        The same seed gives the same bytes.

    Examples
    --------
    >>> path = Path("raw/yellow_tripdata_2023-06.parquet")
    >>> simulate_month(path, month=Month("2023-06"), trips=1_000, seed=42)
    >>> pq.read_metadata(path).num_rows
    1000
    """
    schema, digits = _schema(month), (month.start.year, month.start.month)
    with (
        replacing(path) as temporary,
        write_parquet(temporary, schema) as writer,
    ):
        for chunk, first in enumerate(range(0, trips, _CHUNK)):
            rng = np.random.default_rng([seed, *digits, chunk])
            count = min(_CHUNK, trips - first)
            drawn = draw_trips(month, count=count, rng=rng)
            add_prices(drawn, rng=rng)
            soil(drawn, month=month, rng=rng)
            writer.write_batch(_batch(drawn, schema, habits_of(month)))


def _schema(month: Month) -> pa.Schema:
    early = month.start.month % 2 == 1
    types = dict.fromkeys(_ORDER, pa.float64())
    types |= dict.fromkeys(_TIMES, pa.timestamp("us"))
    types |= dict.fromkeys(_COUNTS, pa.float64() if early else pa.int64())
    types |= dict.fromkeys(_IDS, pa.int64() if early else pa.int32())
    types["payment_type"] = pa.int64()
    types["store_and_fwd_flag"] = pa.string() if early else pa.large_string()
    if not early:
        types["Airport_fee"] = types.pop("airport_fee")
    if month >= _CBD_FEE_SINCE:
        types["cbd_congestion_fee"] = pa.float64()
    return pa.schema(list(types.items()), metadata={SIMULATED_KEY: b"true"})


def _batch(trips: Trips, schema: pa.Schema, habits: Habits) -> pa.RecordBatch:
    trips["Airport_fee"] = trips["airport_fee"]
    unknown = trips["payment_type"] == UNKNOWN_PAYMENT
    # A part of the trips is told incompletely.
    masks = dict.fromkeys(habits.hidden, unknown)
    masks |= dict.fromkeys(habits.absent, np.ones(len(unknown), np.bool_))
    arrays = [
        pa.array(trips[each.name], mask=masks.get(each.name)).cast(each.type)
        for each in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
