"""The rules on trips: one record for each, read by everything that asks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_AT,
    DROPOFF_ZONE,
    FLAGS,
    LABEL,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_ZONE,
    REQUIRED_COLUMNS,
    STORED,
)
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.validation.conditions import (
    Condition,
    in_another_month,
    missing_or_negative,
    negative,
    neither,
    no_time_or_too_long,
    null_in,
    outside_month,
    pickup_after_dropoff,
    total_above_limit,
)

# Raised whenever a rule of the ingest changes: months cleaned by other rules
# are then written again by the next ingest.
RULES_VERSION = 1
OTHER_MONTH = "pickup_outside_month"
Use = Literal["ingest", "input", "label"]


@dataclass(frozen=True)
class Rule:
    """
    One rule on trips.

    Parameters
    ----------
    text : str
        What it asks for, with names of limits in braces.
    uses : tuple of {'ingest', 'input', 'label'}
        Whether a trip must keep it to enter the lake, to be predicted, to be
        trained on or measured by what was paid.
    broken_if : Condition
        What breaks it.
    rejects : bool
        Whether a trip that breaks it is left out, or counted alone.
    """

    name: str
    text: str
    uses: tuple[Use, ...]
    broken_if: Condition
    rejects: bool = True
    limits: ValidationSettings = field(default_factory=ValidationSettings)

    @property
    def meaning(self) -> str:
        """What it asks for."""
        return self.text.format_map(self.limits.model_dump())

    def is_broken(self) -> Column:
        """Return a column that is true where a trip breaks the rule."""
        return F.coalesce(self.broken_if.spark(self.limits), F.lit(False))

    def breaks(self, trips: pa.RecordBatch, *, month: Month) -> pa.Array:
        """Tell which trips of a month break the rule."""
        broken = self.broken_if.arrow(trips, self.limits, month)
        return pc.fill_null(broken, False)


# At ingest a trip with several faults is counted under the first of them.
RULES = (
    Rule(
        "pickup_missing_or_outside_month",
        "the pickup lies in the month, New York wall-clock time",
        ("ingest",),
        outside_month(),
    ),
    Rule(
        "dropoff_missing",
        "the dropoff time is known",
        ("ingest",),
        null_in(DROPOFF_AT),
    ),
    Rule(
        "time_missing",
        "pickup and dropoff time are present",
        ("input",),
        null_in(PICKUP_AT, DROPOFF_AT),
    ),
    # Also the test month's trips, in a train month: a leak.
    Rule(
        OTHER_MONTH,
        "the pickup lies in the month of its folder",
        ("input",),
        in_another_month(),
    ),
    Rule(
        "pickup_after_dropoff",
        "pickup is not after dropoff",
        ("input",),
        pickup_after_dropoff(),
    ),
    Rule(
        "duration_out_of_range",
        "0 < duration < {duration_max_minutes:g} minutes",
        ("input",),
        no_time_or_too_long(),
    ),
    Rule(
        "location_missing",
        "pickup and dropoff zone are present",
        ("ingest", "input"),
        null_in(PICKUP_ZONE, DROPOFF_ZONE),
    ),
    Rule(
        "distance_missing_or_negative",
        "distance is present and not negative",
        ("ingest", "input"),
        missing_or_negative(DISTANCE),
    ),
    Rule(
        "total_missing_or_negative",
        "total is present and not negative",
        ("ingest", "label"),
        missing_or_negative(LABEL),
    ),
    Rule(
        "passenger_count_negative",
        "passenger count is null or not negative",
        ("ingest", "input"),
        negative(PASSENGERS),
    ),
    Rule(
        "flag_unknown",
        f"flag is {' or '.join(FLAGS)}, or missing; any other is unknown, and"
        " the trip is kept",
        ("input",),
        neither(STORED, *FLAGS),
        rejects=False,
    ),
    Rule(
        "total_above_limit",
        "total is at most {total_max_dollars:,.0f} dollars",
        ("label",),
        total_above_limit(),
    ),
)


def ingest_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """Return the rules that a trip must keep to enter the lake."""
    return _used("ingest", limits)


def input_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """Return the rules that a trip must keep to be predicted."""
    return _used("input", limits)


def label_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """Return the rules on what was paid."""
    return _used("label", limits)


def trip_rules(limits: ValidationSettings) -> tuple[Rule, ...]:
    """Return the rules for trips that are trained or tested on."""
    return input_rules(limits) + label_rules(limits)


def rejecting(counts: Mapping[str, int]) -> dict[str, int]:
    """Leave out the counts of trips that were kept."""
    kept = {rule.name for rule in RULES if not rule.rejects}
    return {name: each for name, each in counts.items() if name not in kept}


def rule_meanings(limits: ValidationSettings) -> dict[str, str]:
    """Return what each rule asks for, by its name."""
    return {rule.name: replace(rule, limits=limits).meaning for rule in RULES}


def _used(use: Use, limits: ValidationSettings) -> tuple[Rule, ...]:
    return tuple(
        replace(rule, limits=limits) for rule in RULES if use in rule.uses
    )


def missing_columns(
    columns: Iterable[str], *, required: Sequence[str] = REQUIRED_COLUMNS
) -> list[str]:
    """Tell which columns a month lacks."""
    found = {name.lower() for name in columns}
    return [each for each in required if each.lower() not in found]


def check_columns(
    month: str,
    *,
    columns: Iterable[str],
    required: Sequence[str] = REQUIRED_COLUMNS,
) -> None:
    """
    Check that a month has every column that is needed.

    Raises
    ------
    DataRefusedError
        If one is missing.
    """
    missing = missing_columns(columns, required=required)
    if missing:
        raise DataRefusedError(
            f"Month {month} lacks the column(s) {', '.join(missing)}.",
            expected=f"{', '.join(required)}",
            remedy="ingest the month again from the TLC's file.",
        )
