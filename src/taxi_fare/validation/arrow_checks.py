"""Count the trips that break each rule without Spark, batch after batch."""

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from taxi_fare.core.columns import PICKUP_AT
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.months import Month
from taxi_fare.validation.rules import Rule


class RuleCounts:
    """What rules find in the trips of a month; batches are added up."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._rows = self._valid_rows = 0
        self._broken = Counter[str]()

    @property
    def rows(self) -> int:
        """The trips that were looked at."""
        return self._rows

    def add(self, broken: "Broken") -> None:
        """Count what was found in a batch."""
        self._rows += len(broken.valid)
        self._valid_rows += broken.valid.true_count
        self._broken.update(broken.counts)

    def to_document(self) -> MonthCounts:
        """Put a name to what was counted."""
        return MonthCounts(
            rows=self._rows,
            valid_rows=self._valid_rows,
            violations={
                rule.name: self._broken[rule.name] for rule in self._rules
            },
            rejected_rows=self._rows - self._valid_rows,
        )


class Broken:
    """
    Which trips of a batch are valid, and how many break each rule.

    Attributes
    ----------
    valid : pyarrow.BooleanArray
        True where no rule rejects a trip.
    """

    def __init__(
        self, trips: pa.RecordBatch, *, rules: Sequence[Rule], month: Month
    ) -> None:
        valid = pa.repeat(True, trips.num_rows)
        self.counts: dict[str, int] = {}
        for rule in rules:
            broken = rule.breaks(trips, month=month)
            self.counts[rule.name] = broken.true_count
            if rule.rejects:
                valid = pc.and_not(valid, broken)
        self.valid = valid


def count_pickups(trips: pa.RecordBatch) -> Counter[str]:
    """Count trips by the month of their pickup."""
    pickups = trips[PICKUP_AT].drop_null()
    months = pc.strftime(pickups, "%Y-%m")
    counted = pc.value_counts(months).to_pylist()
    return Counter({each["values"]: each["counts"] for each in counted})
