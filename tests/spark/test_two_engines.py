"""What Spark and Arrow both do is the same on any trip."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.arrow import TRIP_SCHEMA
from taxi_fare.core.columns import FEATURES
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.features import derive
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.read import read_trips
from taxi_fare.scoring import derive as scoring
from taxi_fare.validation.rules import RULES

pytestmark = pytest.mark.spark

Trip = dict[str, Any]
ROWS = 500
# Which trip it is: a column that nothing here reads.
NUMBER = "fare_amount"
FIRST, LAST = 1_685_577_600_000_000, 1_688_169_600_000_000  # June 2023
HOUR = 3_600_000_000
# Microseconds: in the month and on its edges, on either side of 1970, in
# the year 290,000.
moment = st.one_of(
    st.integers(FIRST - HOUR, LAST + HOUR),
    st.sampled_from([FIRST - 1, FIRST, LAST - 1, LAST]),
    st.integers(-(10**15), 4 * 10**15),
    st.integers(-9_200_000_000_000_000_000, 9_200_000_000_000_000_000),
)
length = st.sampled_from([0, 1, -1, 24 * HOUR, 24 * HOUR - 1]) | st.integers(
    -HOUR, 25 * HOUR
)
whole = st.integers(-2, 300) | st.integers(-(2**63), 2**63 - 1)
finite = st.floats(allow_nan=False, allow_infinity=False)
flag = st.text(" yN\tÿ\N{NO-BREAK SPACE}", max_size=3)


@st.composite
def times(draw: st.DrawFn) -> tuple[int, int]:
    """A pickup, and a dropoff that is near it or anywhere."""
    start = draw(moment)
    if not -(10**18) < start < 10**18 or draw(st.booleans()):
        return start, draw(moment)
    return start, start + draw(length)


def _trips(*, clean: bool) -> st.SearchStrategy[Trip]:
    """Any trip; a clean one has what a price needs."""
    gap = st.nothing() if clean else st.none()
    number = finite if clean else st.floats() | gap

    def trip(at: tuple[int, int], lost: int, others: Trip) -> Trip:
        start = None if lost == 1 else at[0]
        end = None if lost == 2 else at[1]
        return others | {
            "tpep_pickup_datetime": start,
            "tpep_dropoff_datetime": end,
        }

    others = st.fixed_dictionaries(
        {
            "passenger_count": st.none() | whole,
            "trip_distance": number,
            "total_amount": number | st.sampled_from([0.0, 1000.0, 1000.01]),
            "store_and_fwd_flag": st.none() | flag,
            **dict.fromkeys(
                (
                    "VendorID",
                    "RatecodeID",
                    "payment_type",
                    "PULocationID",
                    "DOLocationID",
                ),
                st.none() | whole,
            ),
        }
    )
    lost = st.just(0) if clean else st.integers(0, 12)
    return st.builds(trip, times(), lost, others)


def _drawn(trips: st.SearchStrategy[Trip]) -> pa.Table:
    """Let Hypothesis draw some hundred trips, for one Spark action."""
    found: list[Trip] = []

    @settings(
        max_examples=ROWS,
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(trips)
    def draw(trip: Trip) -> None:
        found.append(trip | {NUMBER: float(len(found))})

    draw()
    return pa.Table.from_pylist(found, schema=TRIP_SCHEMA)


def _read(spark: SparkSession, *, lake: Path, trips: pa.Table) -> DataFrame:
    """The same trips as a month of the lake, read by Spark."""
    month = lake / "2023" / "06"
    month.mkdir(parents=True)
    pq.write_table(trips, month / "trips.parquet")
    return read_trips(spark, list(read_catalog(lake).months.values()))


def _by_number(rows: DataFrame) -> list[Trip]:
    found = [row.asDict() for row in rows.collect()]
    return sorted(found, key=lambda row: float(row[NUMBER]))


def test_features_are_derived_alike(
    spark: SparkSession, tmp_path: Path
) -> None:
    """To the last bit, whatever the trip."""
    trips = _drawn(_trips(clean=True))
    read = _read(spark, lake=tmp_path, trips=trips)
    theirs = _by_number(derive.derive_features(read, keep=[NUMBER]))
    ours = scoring.derive_features(trips)
    assert ours.num_rows == len(theirs) >= ROWS // 2
    for name in FEATURES:
        pairs = zip(ours[name].to_pylist(), theirs, strict=True)
        differ = [(mine, row) for mine, row in pairs if mine != row[name]]
        assert differ == [], name


def test_rules_are_broken_alike(spark: SparkSession, tmp_path: Path) -> None:
    """Each by the same trips: null, NaN, infinite, negative, far away."""
    trips = _drawn(_trips(clean=False))
    read = _read(spark, lake=tmp_path, trips=trips)
    limits = ValidationSettings()
    rules = [replace(rule, limits=limits) for rule in RULES]
    columns = [rule.is_broken().alias(rule.name) for rule in rules]
    theirs = _by_number(read.select(NUMBER, *columns))
    (batch,) = trips.to_batches()
    for rule in rules:
        ours = rule.breaks(batch, month=Month("2023-06")).to_pylist()
        pairs = zip(ours, theirs, strict=True)
        differ = [row for mine, row in pairs if mine != row[rule.name]]
        numbers = [int(row[NUMBER]) for row in differ[:3]]
        assert not differ, f"{rule.name}: {trips.take(numbers)}"
        assert len(set(ours)) == 2, f"{rule.name} is broken by none, or all"
