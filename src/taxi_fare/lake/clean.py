"""Keep the trips that break no rule, and count the others by rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings

REJECTED_BY = "rejected_by"


class Rule(Protocol):
    """One reason to keep a raw trip out of the lake."""

    @property
    def name(self) -> str:
        """What trips are counted under."""

    def breaks(
        self, trips: pa.RecordBatch, *, month: Month
    ) -> pa.BooleanArray:
        """Tell which trips of a month break it."""


@dataclass(frozen=True)
class Rules:
    """
    What the trips of a month must keep to enter the lake.

    Parameters
    ----------
    on_trips : sequence of Rule
        A trip with several faults is counted under the first.
    version : int
        Months that were cleaned by other rules are written again.
    limits : ValidationSettings
        Which share of the trips must be valid.
    """

    on_trips: Sequence[Rule]
    version: int
    limits: ValidationSettings


@dataclass(frozen=True)
class Cleaned:
    """A batch of raw trips, parted."""

    valid: pa.RecordBatch
    rejected: pa.RecordBatch
    counts: dict[str, int]


def clean(
    trips: pa.RecordBatch, *, month: Month, rules: Sequence[Rule]
) -> Cleaned:
    """Part valid from rejected trips, by the first rule that they break."""
    masks = [rule.breaks(trips, month=month) for rule in rules]
    indices = [pa.scalar(index, pa.int8()) for index in range(len(rules))]
    names = [rule.name for rule in rules]
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
