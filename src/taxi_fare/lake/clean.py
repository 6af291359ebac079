"""Keep the trips that break no rule, and count the others by rule."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_AT,
    DROPOFF_ZONE,
    LABEL,
    PASSENGERS,
    PICKUP_AT,
    PICKUP_ZONE,
)
from taxi_fare.core.months import Month

# Raised whenever a rule changes: months cleaned by other rules are then
# written again by the next ingest.
RULES_VERSION = 1
REJECTED_BY = "rejected_by"


Violated = Callable[[pa.RecordBatch, Month], pa.BooleanArray]


@dataclass(frozen=True)
class Rule:
    """One reason to keep a raw trip out of the lake."""

    name: str
    description: str
    violated: Violated


@dataclass(frozen=True)
class Cleaned:
    """A batch of raw trips, parted."""

    valid: pa.RecordBatch
    rejected: pa.RecordBatch
    counts: dict[str, int]


def clean(trips: pa.RecordBatch, *, month: Month) -> Cleaned:
    """Part valid from rejected trips."""
    masks = [rule.violated(trips, month) for rule in RULES]
    indices = [pa.scalar(index, pa.int8()) for index in range(len(RULES))]
    names = [rule.name for rule in RULES]
    first = pc.case_when(pc.make_struct(*masks, field_names=names), *indices)
    broken = pa.array(names).take(first.drop_null())
    counted = pc.value_counts(broken).to_pylist()
    tally = {each["values"]: each["counts"] for each in counted}
    return Cleaned(
        valid=trips.filter(pc.is_null(first)),
        rejected=trips.filter(pc.is_valid(first)).append_column(
            REJECTED_BY, broken
        ),
        counts={name: tally.get(name, 0) for name in names},
    )


def _unless(holds: pa.BooleanArray) -> pa.BooleanArray:
    # What is null cannot be told to hold.
    return pc.invert(pc.fill_null(holds, False))


def _outside_month(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
    pickup = trips[PICKUP_AT]
    start = pa.scalar(month.start, pickup.type)
    end = pa.scalar(month.end, pickup.type)
    return _unless(
        pc.and_(pc.greater_equal(pickup, start), pc.less(pickup, end))
    )


def _no_dropoff(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
    return pc.is_null(trips[DROPOFF_AT])


def _no_location(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
    return pc.or_(
        pc.is_null(trips[PICKUP_ZONE]), pc.is_null(trips[DROPOFF_ZONE])
    )


def _no_amount(column: str) -> Violated:
    def violated(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
        values = trips[column]
        return _unless(
            pc.and_(pc.is_finite(values), pc.greater_equal(values, 0))
        )

    return violated


def _negative_count(trips: pa.RecordBatch, month: Month) -> pa.BooleanArray:
    return pc.fill_null(pc.less(trips[PASSENGERS], 0), False)


# The order decides under which rule a trip with several faults is counted.
RULES = (
    Rule(
        "pickup_missing_or_outside_month",
        "the pickup lies in the month, New York wall-clock time",
        _outside_month,
    ),
    Rule("dropoff_missing", "the dropoff time is known", _no_dropoff),
    Rule("location_missing", "both zones are known", _no_location),
    Rule(
        "distance_missing_or_negative",
        "the distance in miles is a finite number from 0 on",
        _no_amount(DISTANCE),
    ),
    Rule(
        "total_missing_or_negative",
        "the total in dollars is a finite number from 0 on",
        _no_amount(LABEL),
    ),
    Rule(
        "passenger_count_negative",
        "the passenger count is unknown, or from 0 on",
        _negative_count,
    ),
)
