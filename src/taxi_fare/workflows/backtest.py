"""What training each month is worth: policies over months of the past."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.months import Month, months_between, sliding_window
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.place import AnyLake
from taxi_fare.lake.read import refusing_damage
from taxi_fare.reports.backtest_figure import write_backtest_figure
from taxi_fare.reports.documents.backtest import Backtest
from taxi_fare.reports.documents.listing import BACKTEST
from taxi_fare.run.course import Course
from taxi_fare.run.kept_courses import Courses, kept_courses
from taxi_fare.run.past import Past
from taxi_fare.run.shared_folder import require_shared
from taxi_fare.run.window import find_months
from taxi_fare.training.policies import Policy
from taxi_fare.training.recipes import chosen_recipe
from taxi_fare.workflows.watch import WatchRequest, watch

# What others stand beside: nobody did anything.
_REFERENCE = "frozen"
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class BacktestRequest:
    """
    A backtest that was asked for.

    Parameters
    ----------
    lake : Path, FolderLake or StoreLake
        The lake.
    first : Month
        Test month of the first model; each policy begins with it.
    last : Month
        The last month that is predicted.
    policies : tuple of Policy
        What is done with each month.
    reports : Path
        Folder of the reports.

    Examples
    --------
    >>> request = BacktestRequest(
    ...     Path("lake"),
    ...     first=Month("2023-04"),
    ...     last=Month("2023-12"),
    ...     policies=(find_policy("sliding"), find_policy("frozen")),
    ...     reports=Path("reports"),
    ... )
    """

    lake: AnyLake
    first: Month
    last: Month
    policies: tuple[Policy, ...]
    reports: Path


@refusing_damage()
def backtest(request: BacktestRequest, *, settings: Settings) -> Backtest:
    """
    Let each policy live through the months, and compare their errors.

    In each month the model that a policy has in production predicts it first;
    then the policy trains, or not, and decides as the monthly run does, in a
    registry of its own. Nothing else is promoted. What was done is kept: the
    same backtest, or one to a later month, goes on.

    Parameters
    ----------
    request : BacktestRequest
        Months and policies.
    settings : Settings
        Everything else.

    Returns
    -------
    Backtest
        What ``backtest/backtest.json`` holds.

    Raises
    ------
    DataMissingError
        If a month is missing.
    DataRefusedError
        If a month must not be used.
    ModelRefusedError
        If a quality gate refuses the first model.
    TemporaryError
        If another backtest is running in the same place.
    WrongUsageError
        If no month is left to predict, or workers do not see the models.

    Examples
    --------
    >>> request = BacktestRequest(
    ...     Path("no-lake"),
    ...     first=Month("2023-04"),
    ...     last=Month("2023-12"),
    ...     policies=(find_policy("sliding"),),
    ...     reports=Path("reports"),
    ... )
    >>> backtest(request, settings=load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: ❌ DATA NOT FOUND
    """
    months = _found(request, settings)
    recipe = chosen_recipe(settings)
    place = request.reports / "backtest" / "courses"
    require_shared(place, settings)
    with kept_courses(
        place,
        request.policies,
        first=str(request.first),
        recipe=recipe,
        settings=settings,
    ) as courses:
        with one_snapshot([*months.values()]):
            told = {str(x): each.fingerprint() for x, each in months.items()}
        courses.go_on(told)
        past = Past(settings, months, told, courses, _alarmed(request))
        for number in range(months_between(request.first, request.last)):
            past.live_through(number, request.first.plus(number))
    document = _document(request, settings, months, courses)
    write_backtest_figure((request.reports / BACKTEST.file).parent, document)
    # Last: what it says is there.
    BACKTEST.write(request.reports, document)
    return document


def _found(
    request: BacktestRequest, settings: Settings
) -> dict[Month, LakeMonth]:
    """Find the months that are learnt from, and those that are predicted."""
    if request.last <= request.first:
        raise WrongUsageError(
            f"--to {request.last} is not after --from {request.first}.",
            expected="a month after the test month of the first model, which"
            " it has not seen",
            remedy="name a later month with --to.",
        )
    length = settings.training.window_months
    first = sliding_window(request.first, length=length).train[0]
    wanted = [
        first.plus(x) for x in range(months_between(first, request.last) + 1)
    ]
    found = find_months(request.lake, months=wanted, option="--from and --to")
    return {each.month: each for each in found}


def _alarmed(request: BacktestRequest) -> Callable[[Course, Month], bool]:
    """Return what asks the watch, with a policy's own model in production."""

    def alarmed(course: Course, month: Month) -> bool:
        """Tell whether it asks for an act."""
        asked = WatchRequest(
            request.lake, course.registry, course.reports, month
        )
        return watch(asked, course.settings).verdict == "act"

    return alarmed


def _document(
    request: BacktestRequest,
    settings: Settings,
    months: Mapping[Month, LakeMonth],
    courses: Courses,
) -> Backtest:
    by_name = {each.policy.name: each for each in courses.courses}
    reference = by_name.get(_REFERENCE, courses.courses[0])
    seed = settings.training.seed
    # More are known where a backtest to a later month came before.
    predicted = months_between(request.first, request.last)
    return Backtest(
        **report_header(
            new_run_id(),
            simulated=any(each.simulated for each in months.values()),
        ),
        first_model=str(request.first),
        recipe=chosen_recipe(settings).name,
        reference=reference.policy.name,
        policies=tuple(
            each.result(reference, months=predicted, seed=seed)
            for each in courses.courses
        ),
    )
