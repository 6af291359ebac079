"""Read the trips of a window, validate them, keep the valid ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import INPUTS, LABEL, MONTH
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.features.derive import PACKED_TRIP, derive_features
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import read_trips, refusing_damage
from taxi_fare.validation.checks import (
    MonthValidation,
    valid_trips,
    validate,
)
from taxi_fare.validation.rules import Rule, trip_rules


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
    months: dict[str, MonthValidation]

    @property
    def features(self) -> DataFrame:
        """The features, label and month of every trip."""
        return self.packed.drop(PACKED_TRIP)

    def of(self, *months: Month) -> DataFrame:
        """Return the features of some months."""
        return self.with_raw(*months).drop(PACKED_TRIP)

    def with_raw(self, *months: Month) -> DataFrame:
        """Return the features of some months beside the packed trips."""
        names = [str(month) for month in months]
        return self.packed.where(F.col(MONTH).isin(names)).drop(MONTH)


def month_counts(
    months: Mapping[str, MonthValidation],
) -> dict[str, MonthCounts]:
    """Return what the rules found by month, for reports."""
    return {
        month: MonthCounts(
            rows=found.rows,
            valid_rows=found.valid_rows,
            violations=found.violations,
            rejected_rows=found.rejected_rows,
        )
        for month, found in months.items()
    }


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
    counts = count_violations(trips, rules=rules, log=log)
    for month, found in counts.items():
        lake, valid = f"{month} lake", f"{month} valid"
        log.row_counts |= {lake: found.rows, valid: found.valid_rows}
        log.verify_retention(
            lake,
            valid,
            min_threshold=limits.retention_min,
            warn_threshold=limits.retention_warn,
        )
    packed = valid_trips(trips, rules=rules).withColumn(
        PACKED_TRIP, F.struct(*INPUTS)
    )
    return ValidTrips(
        derive_features(packed, keep=[LABEL, MONTH, PACKED_TRIP]), counts
    )


def count_violations(
    trips: DataFrame, *, rules: Sequence[Rule], log: PipelineLogger
) -> dict[str, MonthValidation]:
    """
    Validate trips as one stage of a run.

    Raises
    ------
    DataRefusedError
        If a file is damaged.
    """
    log.stage_start("validate")
    with refusing_damage():
        months = validate(trips, rules=rules)
    rows = sum(each.valid_rows for each in months.values())
    log.stage_end("validate", row_count=rows, months=[*months])
    return months
