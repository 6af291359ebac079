"""Explore months of the lake: figures, a sample, and drawings of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DROPOFF_AT,
    DURATION,
    MONTH,
    PICKUP_AT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    TRIP_COLUMNS,
)
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ExplorationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.evaluation.description import Description, describe
from taxi_fare.evaluation.trip_groups import (
    GROUPED_BY,
    by_weekday_and_hour,
    summed_by,
)
from taxi_fare.features.derive import PACKED_TRIP, derive_beside
from taxi_fare.lake.catalog import (
    one_snapshot,
    require_unchanged,
)
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import paths_of, read_trips, refusing_damage
from taxi_fare.lake.tables.sample import draw_rows
from taxi_fare.reports.documents.trips import (
    DateRange,
    Drawn,
    EdaSummary,
    Target,
)
from taxi_fare.reports.exploration.files import SAMPLE_FILE, write_exploration
from taxi_fare.run.trip_counts import count_violations, counting_of
from taxi_fare.run.window import find_months
from taxi_fare.validation.checks import valid_trips
from taxi_fare.validation.rules import rejecting, trip_rules

_CALENDAR = (PICKUP_HOUR, PICKUP_WEEKDAY, PICKUP_MONTH)


@dataclass(frozen=True)
class EdaRequest:
    """
    An exploration that was asked for.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        The lake.
    months : tuple of Month or None
        None for every month that can be read.
    reports : Path
        Folder of the reports.

    Examples
    --------
    >>> lake = lake_place("data/nyc-interim/yellow", load_settings())
    >>> request = EdaRequest(lake, months=None, reports=Path("reports"))
    """

    lake: AnyLake
    months: tuple[Month, ...] | None
    reports: Path


@refusing_damage()
def explore(request: EdaRequest, settings: Settings) -> EdaSummary:
    """
    Describe the valid trips of some months, and draw a sample of them.

    Three Spark actions: validate, describe, sample.

    Parameters
    ----------
    request : EdaRequest
        Lake, months, reports.
    settings : Settings
        Rules, and size and seed of the sample.

    Returns
    -------
    EdaSummary
        What ``eda_summary.json`` holds.

    Raises
    ------
    DataMissingError
        If a month is missing.
    DataRefusedError
        If a month cannot be used, or none of its trips is valid.

    Examples
    --------
    >>> request = EdaRequest(Path("no-lake"), None, reports=Path("reports"))
    >>> explore(request, load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: The lake holds no month that can be read.
    """
    months = _find(request)
    with one_snapshot(months):
        return _explore(months, request, settings)


def _explore(
    months: Sequence[LakeMonth], request: EdaRequest, settings: Settings
) -> EdaSummary:
    """Describe the months that were found."""
    log = PipelineLogger(__name__)
    # No month is refused for its retention: what is wrong with it is what
    # one wants to see here.
    rules = trip_rules(settings.validation)
    trips = read_trips(spark_session(settings, paths=paths_of(months)), months)
    counting = counting_of(months, settings, lambda: trips)
    counts = count_violations(counting, rules=rules, log=log, whole=months)
    if not any(found.valid_rows for found in counts.values()):
        raise _nothing_valid(counts)
    valid = valid_trips(trips, rules=rules)
    log.stage_start("describe")
    description = describe(_with_derived(valid))
    log.stage_end("describe", row_count=description.rows)
    sample = _draw(valid, settings=settings.exploration, log=log)
    seed = settings.exploration.seed
    document = _document(
        months,
        counts=counts,
        found=description,
        drawn=Drawn(rows=sample.num_rows, file=SAMPLE_FILE, seed=seed),
    )
    require_unchanged(months)
    return write_exploration(request.reports, document=document, sample=sample)


def _find(request: EdaRequest) -> tuple[LakeMonth, ...]:
    return find_months(request.lake, months=request.months or ())


def _with_derived(trips: DataFrame) -> DataFrame:
    """Add the derived columns, which mean here what they mean to a model."""
    derived = derive_beside(trips, columns=trips.columns)
    calendar = (F.col(name).cast("int").alias(name) for name in _CALENDAR)
    return derived.select(f"{PACKED_TRIP}.*", DURATION, *calendar)


def _draw(
    trips: DataFrame, *, settings: ExplorationSettings, log: PipelineLogger
) -> pa.Table:
    log.stage_start("sample", seed=settings.seed)
    drawn = draw_rows(trips, rows=settings.sample_rows, seed=settings.seed)
    # Wall-clock times: none that Arrow would take for an instant in a zone.
    times = {
        name: F.col(name).cast("timestamp_ntz")
        for name in (PICKUP_AT, DROPOFF_AT)
    }
    names = [column.name for column in TRIP_COLUMNS]
    columns = [MONTH, *names, DURATION, *_CALENDAR]
    wanted = _with_derived(drawn).select(*columns).withColumns(times)
    sample = wanted.toArrow()
    log.stage_end("sample", row_count=sample.num_rows)
    return sample


def _nothing_valid(counts: Mapping[str, MonthCounts]) -> DataRefusedError:
    broken = {
        f"{month} {rule}": count
        for month, found in counts.items()
        for rule, count in rejecting(found.violations).items()
        if count
    }
    return DataRefusedError(
        f"None of the trips is valid; broken rules: {broken}.",
        expected="valid trips to explore",
        remedy="ingest the month(s) again, or look at the limits in"
        " conf/taxi_fare.toml.",
    )


def _document(
    months: Sequence[LakeMonth],
    *,
    counts: dict[str, MonthCounts],
    found: Description,
    drawn: Drawn,
) -> EdaSummary:
    """Return the content of ``eda_summary.json`` but the drawings."""
    simulated = any(month.simulated for month in months)
    groups: dict[str, Any] = {
        f"by_{name}": summed_by(found.groups, name) for name in GROUPED_BY
    }
    return EdaSummary(
        **report_header(new_run_id(), simulated=simulated),
        date_range=DateRange(min=found.first_pickup, max=found.last_pickup),
        months=tuple(str(each.month) for each in months),
        rows=found.rows,
        columns={column.name: column.kind for column in TRIP_COLUMNS},
        validation=counts,
        missing_ratio=found.missing_ratio,
        target=Target(**found.target),
        **groups,
        by_weekday_and_hour=by_weekday_and_hour(found.groups),
        sample=drawn,
    )
