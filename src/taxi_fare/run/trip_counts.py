"""Count what rules find in the trips of months, with Spark or without."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import INPUTS, LABEL, MONTH, PICKUP_AT
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import refusing_damage, require_all_rows
from taxi_fare.run.local_month import (
    map_batches,
    needs_no_spark,
    read_batches,
)
from taxi_fare.validation.arrow_checks import (
    Broken,
    RuleCounts,
    count_pickups,
)
from taxi_fare.validation.checks import months_of_pickups, validate
from taxi_fare.validation.rules import OTHER_MONTH, Rule

_MONTHS_TOLD = 3


class Counting(Protocol):
    """Who counts trips."""

    def violations(self, rules: Sequence[Rule]) -> dict[str, MonthCounts]:
        """Count the trips that break each rule, by month."""

    def pickups(self, month: str) -> dict[str, int]:
        """Count a month's trips by the month of their pickup."""


@dataclass(frozen=True)
class SparkCounting:
    """Trips that Spark reads, of one or more months."""

    trips: DataFrame

    def violations(self, rules: Sequence[Rule]) -> dict[str, MonthCounts]:
        """Count in one action."""
        with refusing_damage():
            return validate(self.trips, rules=rules)

    def pickups(self, month: str) -> dict[str, int]:
        """Count in one action, of that month alone."""
        trips = self.trips.where(F.col(MONTH) == month)
        with refusing_damage():
            return months_of_pickups(trips, most=_MONTHS_TOLD)


@dataclass(frozen=True)
class LocalCounting:
    """Months of a folder, which need no JVM."""

    months: Sequence[LakeMonth]

    def violations(self, rules: Sequence[Rule]) -> dict[str, MonthCounts]:
        """Count on all cores."""
        return {str(each.month): _counted(each, rules) for each in self.months}

    def pickups(self, month: str) -> dict[str, int]:
        """Read the times of that month alone."""
        (found,) = (x for x in self.months if str(x.month) == month)
        counted = Counter[str]()
        for batch in read_batches(found, PICKUP_AT):
            counted += count_pickups(batch)
        return dict(counted.most_common(_MONTHS_TOLD))


def _counted(month: LakeMonth, rules: Sequence[Rule]) -> MonthCounts:
    counts = RuleCounts(rules)
    work = partial(Broken, rules=rules, month=month.month)
    for broken in map_batches(work, month, *INPUTS, LABEL):
        counts.add(broken)
    return counts.to_document()


def counting_of(
    months: Sequence[LakeMonth],
    settings: Settings,
    trips: Callable[[], DataFrame],
) -> Counting:
    """
    Return who counts the trips of some months.

    Parameters
    ----------
    trips : callable
        Reads them with Spark; called where that is needed.
    """
    if all(needs_no_spark(each, settings) for each in months):
        return LocalCounting(months)
    return SparkCounting(trips())


def count_violations(
    counting: Counting,
    *,
    rules: Sequence[Rule],
    log: PipelineLogger,
    whole: Sequence[LakeMonth],
) -> dict[str, MonthCounts]:
    """
    Validate trips as one stage of a run.

    Parameters
    ----------
    whole : sequence of LakeMonth
        Months of which the trips must be all.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or not all trips are found.
    """
    log.stage_start("validate")
    months = counting.violations(rules)
    seen = {month: found.rows for month, found in months.items()}
    require_all_rows(whole, seen)
    rows = sum(each.valid_rows for each in months.values())
    log.stage_end("validate", row_count=rows, months=[*months])
    return months


@contextmanager
def telling_months(month: str, tell: Callable[[], str]) -> Iterator[None]:
    """Say, where a month is refused, which month its trips are of."""
    try:
        yield
    except DataRefusedError as error:
        told = tell()
        if told:
            error.add_context(after=f"{month}: {told}.", month=month)
        raise


def told_months(counting: Counting, month: str, found: MonthCounts) -> str:
    """Tell which months a month's trips are of; nothing if of no other."""
    if not found.violations[OTHER_MONTH]:
        return ""
    return _words_of_months(counting.pickups(month))


def _words_of_months(counted: Mapping[str, int]) -> str:
    words = (f"{name} ({count:,})" for name, count in counted.items())
    return f"trips by the month of their pickup: {', '.join(words)}"
