"""Read the trips of a window, validate them, keep the valid ones."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import INPUTS, LABEL, MONTH
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.features.derive import PACKED_TRIP, derive_features
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import (
    read_trips,
    refusing_damage,
    require_all_rows,
)
from taxi_fare.validation.checks import (
    months_of_pickups,
    valid_trips,
    validate,
)
from taxi_fare.validation.rules import OTHER_MONTH, Rule, trip_rules

MONTHS_TOLD = 3


@dataclass(frozen=True)
class ValidTrips:
    """
    The valid trips of a window, as features.

    Parameters
    ----------
    packed : DataFrame
        The features, ``total_amount``, ``month``, and the columns that the
        features were derived from, packed: these are read where they are
        asked for.
    """

    packed: DataFrame
    months: dict[str, MonthCounts]

    @property
    def features(self) -> DataFrame:
        """The features, label and month of every trip."""
        return self.packed.drop(PACKED_TRIP)

    def packed_of(self, *months: str) -> DataFrame:
        """Return the packed features of some months."""
        return self.packed.where(F.col(MONTH).isin(*months)).drop(MONTH)


def read_valid_trips(
    spark: SparkSession,
    *,
    months: Sequence[LakeMonth],
    limits: ValidationSettings,
    log: PipelineLogger,
) -> ValidTrips:
    """
    Read and validate some months.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or a month keeps less than the smallest share
        of its trips.
    """
    trips = read_trips(spark, months)
    rules = trip_rules(limits)
    counts = count_violations(trips, rules=rules, log=log, whole=months)
    for month, found in counts.items():
        stages = f"{month} lake", f"{month} valid"
        tell = partial(told_months, trips, month=month, found=found)
        with telling_months(month, tell):
            require_retention(found, stages=stages, limits=limits, log=log)
    packed = valid_trips(trips, rules=rules).withColumn(
        PACKED_TRIP, F.struct(*INPUTS)
    )
    return ValidTrips(
        derive_features(packed, keep=[LABEL, MONTH, PACKED_TRIP]), counts
    )


def count_violations(
    trips: DataFrame,
    *,
    rules: Sequence[Rule],
    log: PipelineLogger,
    whole: Sequence[LakeMonth] = (),
) -> dict[str, MonthCounts]:
    """
    Validate trips as one stage of a run.

    Parameters
    ----------
    whole : sequence of LakeMonth
        Months of which the trips must be all; none for a sample.

    Raises
    ------
    DataRefusedError
        If a file is damaged, or Spark does not find all trips.
    """
    log.stage_start("validate")
    with refusing_damage():
        months = validate(trips, rules=rules)
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


def told_months(trips: DataFrame, *, month: str, found: MonthCounts) -> str:
    """Tell which months a month's trips are of; nothing if of no other."""
    if not found.violations[OTHER_MONTH]:
        return ""
    with refusing_damage():
        counted = months_of_pickups(
            trips.where(F.col(MONTH) == month), most=MONTHS_TOLD
        )
    return words_of_months(counted)


def words_of_months(counted: Mapping[str, int]) -> str:
    """Write how many trips are of which month."""
    words = (f"{name} ({count:,})" for name, count in counted.items())
    return f"trips by the month of their pickup: {', '.join(words)}"


def require_retention(
    found: MonthCounts,
    *,
    stages: tuple[str, str],
    limits: ValidationSettings,
    log: PipelineLogger,
) -> None:
    """
    Check that enough of some trips are valid.

    Parameters
    ----------
    stages : tuple of str
        What the log calls all trips, and the valid ones.

    Raises
    ------
    DataRefusedError
        If fewer than the smallest share of them are.
    """
    counts = (found.rows, found.valid_rows)
    log.row_counts |= dict(zip(stages, counts, strict=True))
    log.verify_retention(
        *stages,
        min_threshold=limits.retention_min,
        warn_threshold=limits.retention_warn,
    )
