"""Cleaning keeps a trip, or counts it once under the first broken rule."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.lake.clean import clean
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.validation.rules import ingest_rules

RULES = ingest_rules(ValidationSettings())
MONTH = Month("2023-06")
FIRST = datetime(2023, 6, 1)
LAST = datetime(2023, 6, 30, 23, 59, 59, 999999)
VALID: dict[str, Any] = {
    "tpep_pickup_datetime": datetime(2023, 6, 15, 12),
    "tpep_dropoff_datetime": datetime(2023, 6, 15, 13),
    "passenger_count": 1,
    "trip_distance": 2.0,
    "PULocationID": 1,
    "DOLocationID": 2,
    "total_amount": 10.0,
}
NAN, INFINITY = float("nan"), float("inf")


def trips(*changes: dict[str, Any]) -> pa.RecordBatch:
    """One valid trip for each dictionary, with its changes."""
    return pa.RecordBatch.from_pylist(
        [VALID | change for change in changes], schema=LAKE_SCHEMA
    )


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"tpep_pickup_datetime": FIRST},
        {"tpep_pickup_datetime": LAST},
        {"tpep_dropoff_datetime": datetime(2023, 7, 1, 0, 30)},
        {"passenger_count": None},
        {"passenger_count": 0},
        {"trip_distance": 0.0},
        {"trip_distance": -0.0},
        {"total_amount": 0.0},
        {"total_amount": 429_491.0},
        {"VendorID": None, "RatecodeID": None, "store_and_fwd_flag": None},
    ],
)
def test_valid_trips_are_kept(change: dict[str, Any]) -> None:
    """Limits belong to the valid side; null is a value where it may be."""
    batch = trips(change)
    cleaned = clean(batch, month=MONTH, rules=RULES)
    assert cleaned.valid.equals(batch)
    assert set(cleaned.counts.values()) == {0}


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("pickup_missing_or_outside_month", {"tpep_pickup_datetime": None}),
        (
            "pickup_missing_or_outside_month",
            {"tpep_pickup_datetime": FIRST - timedelta(microseconds=1)},
        ),
        (
            "pickup_missing_or_outside_month",
            {"tpep_pickup_datetime": datetime(2023, 7, 1)},
        ),
        ("dropoff_missing", {"tpep_dropoff_datetime": None}),
        ("location_missing", {"PULocationID": None}),
        ("location_missing", {"DOLocationID": None}),
        ("distance_missing_or_negative", {"trip_distance": None}),
        ("distance_missing_or_negative", {"trip_distance": -0.01}),
        ("distance_missing_or_negative", {"trip_distance": NAN}),
        ("distance_missing_or_negative", {"trip_distance": INFINITY}),
        ("total_missing_or_negative", {"total_amount": None}),
        ("total_missing_or_negative", {"total_amount": -0.01}),
        ("total_missing_or_negative", {"total_amount": NAN}),
        ("total_missing_or_negative", {"total_amount": -INFINITY}),
        ("passenger_count_negative", {"passenger_count": -1}),
    ],
)
def test_faulty_trips_are_rejected(rule: str, change: dict[str, Any]) -> None:
    """Each fault is counted under its own rule, beside a trip without."""
    cleaned = clean(trips({}, change), month=MONTH, rules=RULES)
    assert cleaned.valid.equals(trips({}))
    assert +Counter(cleaned.counts) == {rule: 1}
    assert cleaned.rejected["rejected_by"].to_pylist() == [rule]


def test_several_faults_count_once() -> None:
    """A trip with several faults is counted under the first rule."""
    fault = {"DOLocationID": None, "total_amount": -1.0, "trip_distance": None}
    cleaned = clean(trips(fault), month=MONTH, rules=RULES)
    assert +Counter(cleaned.counts) == {"location_missing": 1}


def test_no_trips_break_no_rule() -> None:
    """A batch without rows is parted into two without rows."""
    cleaned = clean(trips(), month=MONTH, rules=RULES)
    assert cleaned.valid.num_rows == cleaned.rejected.num_rows == 0
    assert list(cleaned.counts) == [rule.name for rule in RULES]


def test_rules_are_documented_and_distinct() -> None:
    """Reports can name and explain every rule."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.meaning for rule in RULES)


number = st.none() | st.floats()
zone = st.none() | st.integers(1, 265)
moment = st.none() | st.datetimes(datetime(2023, 5, 30), datetime(2023, 7, 2))
any_trip = st.fixed_dictionaries(
    {
        "tpep_pickup_datetime": moment,
        "tpep_dropoff_datetime": moment,
        "passenger_count": st.none() | st.integers(-1, 9),
        "trip_distance": number,
        "PULocationID": zone,
        "DOLocationID": zone,
        "total_amount": number,
    }
)


@given(st.lists(any_trip, max_size=30))
def test_every_trip_is_kept_or_counted_once(
    drawn: list[dict[str, Any]],
) -> None:
    """Valid and rejected trips add up, and the valid ones are clean."""
    batch = trips(*drawn)
    cleaned = clean(batch, month=MONTH, rules=RULES)
    assert cleaned.rejected.num_rows == sum(cleaned.counts.values())
    assert cleaned.valid.num_rows + cleaned.rejected.num_rows == batch.num_rows
    named = Counter(cleaned.rejected["rejected_by"].to_pylist())
    assert named == +Counter(cleaned.counts)
    again = clean(cleaned.valid, month=MONTH, rules=RULES)
    assert again.valid.num_rows == cleaned.valid.num_rows
