"""The gate on data: whether months may be trained on."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from taxi_fare.core.columns import REQUIRED_COLUMNS
from taxi_fare.core.gates import GateCheck
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.months import Month
from taxi_fare.core.sections import ValidationSettings
from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import paths_of, read_trips
from taxi_fare.run.pipelines import model_session
from taxi_fare.run.trips import count_violations
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
    request : WindowRequest
        Lake and months.
    settings : Settings
        Limits of the rules and of retention.
    models : Path or str, optional
        A registry that the same Spark session is going to reach, later.

    Returns
    -------
    GateReport
        What passed, and what did not.

    Raises
    ------
    DataMissingError
        If a month that is needed is missing.
    DataRefusedError
        If a month is damaged.
    """
    # A column that is not there is for the gate to tell.
    data = find_window(request, settings, needed=())
    train = GateCheck(
        "train months",
        value=len(data.parts.train_months),
        sign=">=",
        limit=settings.training.min_train_months,
    )
    return _check(
        data.months, settings=settings, first=(train,), models=models
    )


def check_legacy_months(
    lake: AnyLake, *, months: Sequence[Month] | None, settings: Settings
) -> GateReport:
    """
    Answer whether the months of the legacy mode may be trained on.

    Parameters
    ----------
    months : sequence of Month or None
        None for the description's.

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
    *,
    settings: Settings,
    first: tuple[GateCheck, ...] = (),
    models: Path | str = "",
) -> GateReport:
    checks = [*first, *(_columns(each) for each in months)]
    # Trips without their columns cannot be looked at.
    if all(check.passed for check in checks):
        spark = model_session(settings, paths=paths_of(months), place=models)
        counts = count_violations(
            read_trips(spark, months),
            rules=trip_rules(settings.validation),
            log=PipelineLogger(__name__),
        )
        checks += _by_rule(counts, settings.validation)
        checks += _by_month(counts, settings.validation)
    names = ", ".join(str(each.month) for each in months)
    simulated = any(each.simulated for each in months)
    return GateReport("data", "May I train?", names, tuple(checks), simulated)


def _columns(month: LakeMonth) -> GateCheck:
    missing = missing_columns(month.columns)
    there = len(REQUIRED_COLUMNS) - len(missing)
    lacking = f" (without {', '.join(missing)})" if missing else ""
    name = f"{month.month}: required columns{lacking}"
    return GateCheck(name, value=there, sign=">=", limit=len(REQUIRED_COLUMNS))


def _by_rule(
    counts: Mapping[str, MonthCounts], limits: ValidationSettings
) -> list[GateCheck]:
    rows = sum(found.rows for found in counts.values())
    most = round(1 - limits.retention_min, 6)
    checks = []
    for rule in trip_rules(limits):
        broken = sum(each.violations[rule.name] for each in counts.values())
        name = f"share of trips that break: {rule.meaning}"
        share = broken / rows
        checks.append(GateCheck(name, value=share, sign="<=", limit=most))
    return checks


def _by_month(
    counts: Mapping[str, MonthCounts], limits: ValidationSettings
) -> list[GateCheck]:
    return [
        GateCheck(
            f"{month}: share of valid trips",
            value=found.valid_rows / found.rows,
            sign=">=",
            limit=limits.retention_min,
        )
        for month, found in counts.items()
    ]
