"""Two versions of the registry on the same trips, with evidence."""

from collections.abc import Callable
from dataclasses import dataclass

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import IncompatibleModelError, WrongUsageError
from taxi_fare.core.metrics import METRICS
from taxi_fare.core.months import Month
from taxi_fare.core.registry_files import SLOTS
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import (
    OVERALL,
    DaySums,
    plain,
    rows_of,
)
from taxi_fare.evaluation.evidence import paired
from taxi_fare.evaluation.slices import slices
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import refusing_damage
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.reports.documents.printed import (
    ComparedVersion,
    VersionsCompared,
)
from taxi_fare.run.models import CheckedModel, check_model, model_version
from taxi_fare.run.scored_by_day import scored_by_day
from taxi_fare.run.window import find_months


@dataclass(frozen=True)
class VersionsRequest:
    """
    Two versions that are to be compared.

    Parameters
    ----------
    first, second : str
        Whole names of versions, or of slots.
    """

    lake: AnyLake
    registry: ModelRegistry
    first: str
    second: str
    month: Month


@refusing_damage()
def compare_versions(
    request: VersionsRequest,
    settings: Settings,
    *,
    on_trips: Callable[[int, int], None] | None = None,
) -> VersionsCompared:
    """
    Score two versions on one month; nothing is written.

    Raises
    ------
    WrongUsageError
        If a name is that of no version, or both are the same.
    DataMissingError
        If the month is missing.
    RegistryConflictError
        If a model is damaged, or needs Spark.
    """
    first, second = _both(request)
    (month,) = find_months(
        request.lake, months=[request.month], option="--month"
    )
    ways = slices(settings.error_analysis)
    sums = scored_by_day(
        month,
        {
            each.model_id: each.portable
            for each in (first, second)
            if each.portable
        },
        settings=settings,
        ways=ways,
        on_trips=on_trips,
    )
    ours, theirs = sums[second.model_id], sums[first.model_id]
    return VersionsCompared(
        **report_header(
            new_run_id(),
            simulated=month.simulated or first.simulated or second.simulated,
        ),
        month=str(month.month),
        rows=int(rows_of(ours.groups[OVERALL]).sum()),
        first=_told(first, theirs, month=month),
        second=_told(second, ours, month=month),
        evidence=paired(
            ours,
            theirs,
            ways=ways,
            seed=settings.training.seed,
        ),
    )


def _both(request: VersionsRequest) -> tuple[CheckedModel, CheckedModel]:
    first, second = (
        _model(request.registry, name)
        for name in (request.first, request.second)
    )
    if first.model_id == second.model_id:
        raise WrongUsageError(
            f"Both are {first.model_id}.",
            expected="two versions",
            remedy="name another: `taxi-fare registry history` lists them.",
        )
    return first, second


def _model(registry: ModelRegistry, name: str) -> CheckedModel:
    """Find a version by its name, or by its slot."""
    state, known = registry.read(), registry.versions.names()
    found = getattr(state, name) if name in SLOTS else name
    if found is None or found not in known:
        raise WrongUsageError(
            f"There is no version {name} in the registry.",
            expected=f"one of {', '.join(sorted(known)) or 'none'}, in full;"
            f" or {' or '.join(SLOTS)}",
            remedy="`taxi-fare registry history` lists every decision.",
        )
    model = check_model(model_version(registry, found))
    if model.portable is None:
        raise IncompatibleModelError(
            f"{found} was made before models could do without Spark.",
            expected="a version with a portable model",
            remedy="train on its months again, or name another version.",
        )
    return model


def _told(
    model: CheckedModel, sums: DaySums, *, month: LakeMonth
) -> ComparedVersion:
    figures = {name: plain(x[0]) for name, x in sums.figures().items()}
    return ComparedVersion(
        model_id=model.model_id,
        train_months=model.train_months,
        trained_on_month=str(month.month) in model.train_months,
        figures={name: figures[name] for name in METRICS if name in figures},
    )
