"""The rules on trips: one list, read by all that ask."""

from pathlib import Path
from typing import get_args

from taxi_fare.core.sections import ValidationSettings
from taxi_fare.validation.rules import (
    RULES,
    Use,
    ingest_rules,
    input_rules,
    label_rules,
    rule_meanings,
    trip_rules,
)

CONTRACT = Path(__file__).parents[2] / "docs" / "data-contract.md"
LIMITS = ValidationSettings(
    total_max_dollars=2_500.0, duration_max_minutes=90.5
)


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
        "pickup_after_dropoff",
        "duration_out_of_range",
        "location_missing",
        "distance_missing_or_negative",
        "passenger_count_negative",
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
