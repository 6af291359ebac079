"""The gate on data: whether months may be trained on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pyspark.sql import DataFrame

from taxi_fare.core.columns import REQUIRED_COLUMNS
from taxi_fare.core.gates import GateCheck
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import paths_of, read_trips
from taxi_fare.run.pipelines import model_session
from taxi_fare.run.trip_counts import (
    Counting,
    count_violations,
    counting_of,
    told_months,
)
from taxi_fare.run.window import WindowRequest, find_months, find_window
from taxi_fare.validation.rules import missing_columns, trip_rules
from taxi_fare.workflows.gates.report import GateReport


def check_window(
    request: WindowRequest, *, settings: Settings, models: Path | str = ""
) -> GateReport:
    """
    Answer whether a window may be trained and tested on.

    Parameters
    ----------
    models : Path or str, optional
        A registry that the same Spark session is going to reach, later.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    DataRefusedError
        If a month is damaged.
    """
    # A column that is not there is for the gate to tell.
    data = find_window(request, settings, needed=())
    found = len(data.parts.train_months)
    least = settings.training.min_train_months
    train = GateCheck("train months", value=found, sign=">=", limit=least)
    return _check(data.months, train, settings=settings, models=models)


def check_legacy_months(
    lake: AnyLake, *, months: Sequence[Month] | None, settings: Settings
) -> GateReport:
    """
    Answer whether the months of the legacy mode may be trained on.

    Parameters
    ----------
    months : sequence of Month or None
        None for the specification's.

    Raises
    ------
    DataMissingError
        If a month is missing.
    DataRefusedError
        If a month is damaged.
    """
    wanted = months or [Month(each) for each in settings.legacy.months]
    found = find_months(
        lake, months=wanted, option="--train-months", needed=()
    )
    return _check(found, settings=settings)


def _check(
    months: Sequence[LakeMonth],
    *first: GateCheck,
    settings: Settings,
    models: Path | str = "",
) -> GateReport:
    checks = [*first, *(_columns(each) for each in months)]
    # Trips without their columns cannot be looked at.
    if all(check.passed for check in checks):

        def trips() -> DataFrame:
            """Start Spark where it is needed."""
            paths = paths_of(months)
            spark = model_session(settings, paths=paths, place=models)
            return read_trips(spark, months)

        with one_snapshot(months):
            counting = counting_of(months, settings, trips)
            checks += _shares(counting, months, settings.validation)
        require_unchanged(months)
    names = ", ".join(str(each.month) for each in months)
    simulated = any(each.simulated for each in months)
    return GateReport("data", "May I train?", names, tuple(checks), simulated)


def _columns(month: LakeMonth) -> GateCheck:
    missing = missing_columns(month.columns)
    there = len(REQUIRED_COLUMNS) - len(missing)
    lacking = f" (without {', '.join(missing)})" if missing else ""
    name = f"{month.month}: required columns{lacking}"
    return GateCheck(name, value=there, sign=">=", limit=len(REQUIRED_COLUMNS))


def _shares(
    counting: Counting,
    months: Sequence[LakeMonth],
    limits: ValidationSettings,
) -> Iterator[GateCheck]:
    """Look at each rule in all months, then at each month."""
    rules = trip_rules(limits)
    log = PipelineLogger(__name__)
    counts = count_violations(counting, rules=rules, log=log, whole=months)
    rows = sum(found.rows for found in counts.values())
    most = round(1 - limits.retention_min, 6)
    for rule in (each for each in rules if each.rejects):
        broken = sum(each.violations[rule.name] for each in counts.values())
        name = f"share of trips that break: {rule.meaning}"
        yield GateCheck(name, value=broken / rows, sign="<=", limit=most)
    least = limits.retention_min
    for month, found in counts.items():
        share = found.valid_rows / found.rows
        name = f"{month}: share of valid trips"
        check = GateCheck(name, value=share, sign=">=", limit=least)
        if not check.passed:
            told = told_months(counting, month, found)
            name = f"{name} ({told})" if told else name
            check = replace(check, metric=name)
        yield check
