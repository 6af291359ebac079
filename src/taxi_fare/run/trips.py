"""Read the trips of a window, validate them, keep the valid ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import INPUTS, LABEL, MONTH
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.features.derive import PACKED_TRIP, derive_features
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import read_trips
from taxi_fare.run.trip_counts import (
    count_violations,
    counting_of,
    telling_months,
    told_months,
)
from taxi_fare.validation.checks import valid_trips
from taxi_fare.validation.rules import trip_rules


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
    settings: Settings,
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
    trips, limits = read_trips(spark, months), settings.validation
    rules = trip_rules(limits)
    counting = counting_of(months, settings, lambda: trips)
    counts = count_violations(counting, rules=rules, log=log, whole=months)
    for month, found in counts.items():
        stages = f"{month} lake", f"{month} valid"
        tell = partial(told_months, counting, month, found)
        with telling_months(month, tell):
            require_retention(found, stages=stages, limits=limits, log=log)
    packed = valid_trips(trips, rules=rules).withColumn(
        PACKED_TRIP, F.struct(*INPUTS)
    )
    return ValidTrips(
        derive_features(packed, keep=[LABEL, MONTH, PACKED_TRIP]), counts
    )


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
