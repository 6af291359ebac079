"""The rules on trips: one list, read by all that ask."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pyarrow as pa
import pytest

from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.validation.rules import (
    RULES,
    Use,
    ingest_rules,
    input_rules,
    label_rules,
    rejecting,
    rule_meanings,
    trip_rules,
)

CONTRACT = Path(__file__).parents[2] / "docs" / "data-contract.md"
LIMITS = ValidationSettings(
    total_max_dollars=2_500.0, duration_max_minutes=90.5
)
NOON = datetime(2023, 6, 15, 12)
GOOD: dict[str, Any] = {
    "tpep_pickup_datetime": NOON,
    "tpep_dropoff_datetime": NOON + timedelta(minutes=10),
    "passenger_count": 1,
    "trip_distance": 2.5,
    "PULocationID": 132,
    "DOLocationID": 230,
    "store_and_fwd_flag": "N",
    "total_amount": 20.0,
}
ALLOWED: list[dict[str, Any]] = [
    {},
    {"passenger_count": None},
    {"passenger_count": 0},
    {"trip_distance": 0.0},
    {"total_amount": 0.0},
    {"store_and_fwd_flag": None},
    {"store_and_fwd_flag": "  "},
    {"store_and_fwd_flag": "Y"},
    {
        "tpep_pickup_datetime": datetime(2023, 6, 1),
        "tpep_dropoff_datetime": datetime(2023, 6, 1, 1),
    },
    {"total_amount": 2_500.0},
    {"tpep_dropoff_datetime": NOON + timedelta(microseconds=1)},
    {"tpep_dropoff_datetime": NOON + timedelta(minutes=90, seconds=29)},
]
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("time_missing", {"tpep_pickup_datetime": None}),
    ("time_missing", {"tpep_dropoff_datetime": None}),
    *(
        (
            "pickup_outside_month",
            {
                "tpep_pickup_datetime": start,
                "tpep_dropoff_datetime": start + timedelta(minutes=10),
            },
        )
        for start in (
            datetime(2023, 5, 31, 23, 59, 59, 999_999),
            datetime(2023, 7, 1),
            datetime(2022, 6, 15, 12),
        )
    ),
    (
        "pickup_after_dropoff",
        {"tpep_dropoff_datetime": NOON - timedelta(microseconds=1)},
    ),
    ("duration_out_of_range", {"tpep_dropoff_datetime": NOON}),
    (
        "duration_out_of_range",
        {"tpep_dropoff_datetime": NOON + timedelta(minutes=90.5)},
    ),
    ("location_missing", {"PULocationID": None}),
    ("location_missing", {"DOLocationID": None}),
    ("distance_missing_or_negative", {"trip_distance": None}),
    ("distance_missing_or_negative", {"trip_distance": float("nan")}),
    ("distance_missing_or_negative", {"trip_distance": -0.1}),
    ("passenger_count_negative", {"passenger_count": -1}),
    ("flag_unknown", {"store_and_fwd_flag": "=1+1"}),
    ("flag_unknown", {"store_and_fwd_flag": "y"}),
    ("flag_unknown", {"store_and_fwd_flag": "Y "}),
    ("total_missing_or_negative", {"total_amount": None}),
    ("total_missing_or_negative", {"total_amount": float("inf")}),
    ("total_missing_or_negative", {"total_amount": -4.3}),
    ("total_above_limit", {"total_amount": 2_500.01}),
]


def _broken(changes: dict[str, Any]) -> list[str]:
    """Return the rules that one trip breaks, as Arrow asks them."""
    schema = pa.schema(
        [(name, pa.array([value]).type) for name, value in GOOD.items()]
    )
    trips = pa.RecordBatch.from_pylist([GOOD | changes], schema=schema)
    return [
        rule.name
        for rule in trip_rules(LIMITS)
        if rule.breaks(trips, month=Month("2023-06")).to_pylist() == [True]
    ]


def test_every_rule_is_used_and_documented() -> None:
    """Once by its name, in the table of each place that asks it."""
    assert len({rule.name for rule in RULES}) == len(RULES)
    text = CONTRACT.read_text(encoding="utf-8")
    ingest, later = text.split("### Ingest rules")[1].split("## Validation")
    for rule in RULES:
        assert rule.uses
        assert set(rule.uses) <= set(get_args(Use))
        row = f"| `{rule.name}` |"
        assert (row in ingest) == ("ingest" in rule.uses)
        assert (row in later) == (set(rule.uses) != {"ingest"})


def test_the_order_is_that_of_counts_and_reports() -> None:
    """The first broken rule counts at ingest; reports list what it costs to
    predict before what it costs to train."""
    assert [rule.name for rule in ingest_rules(LIMITS)] == [
        "pickup_missing_or_outside_month",
        "dropoff_missing",
        "location_missing",
        "distance_missing_or_negative",
        "total_missing_or_negative",
        "passenger_count_negative",
    ]
    assert [rule.name for rule in trip_rules(LIMITS)] == [
        "time_missing",
        "pickup_outside_month",
        "pickup_after_dropoff",
        "duration_out_of_range",
        "location_missing",
        "distance_missing_or_negative",
        "passenger_count_negative",
        "flag_unknown",
        "total_missing_or_negative",
        "total_above_limit",
    ]
    assert trip_rules(LIMITS) == input_rules(LIMITS) + label_rules(LIMITS)


def test_meanings_name_the_limits_of_the_settings() -> None:
    """One look-up for every place."""
    meanings = rule_meanings(LIMITS)
    assert list(meanings) == [rule.name for rule in RULES]
    assert meanings["duration_out_of_range"] == "0 < duration < 90.5 minutes"
    assert meanings["total_above_limit"] == "total is at most 2,500 dollars"
    assert {rule.meaning for rule in trip_rules(LIMITS)} <= {
        *meanings.values()
    }


def test_only_an_unknown_flag_leaves_a_trip_in() -> None:
    """It is counted, and is no reason to reject; other counts are."""
    assert {x.name for x in RULES if not x.rejects} == {"flag_unknown"}
    counts = {rule.name: 7 for rule in RULES} | {"of_an_older_report": 1}
    found = rejecting(counts)
    assert counts.items() - found.items() == {("flag_unknown", 7)}


@pytest.mark.parametrize(("rule", "changes"), BROKEN)
def test_a_fault_breaks_its_rule_and_no_other(
    rule: str, changes: dict[str, Any]
) -> None:
    """Without a JVM; tests/spark holds both engines equal."""
    found = _broken(changes)
    beside = {"total_missing_or_negative", "total_above_limit"}
    assert rule in found
    assert set(found) - {rule} <= (beside if rule in beside else set())


@pytest.mark.parametrize("changes", ALLOWED)
def test_limits_belong_to_the_valid_side(changes: dict[str, Any]) -> None:
    """Null is a value where it may be, and zero is not negative."""
    assert _broken(changes) == []
