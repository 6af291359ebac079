"""The months of a backtest, lived through once more."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial

from pyspark.sql import SparkSession

from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import Months
from taxi_fare.core.months import Month, sliding_window
from taxi_fare.core.settings import Settings
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import paths_of
from taxi_fare.run.course import Course
from taxi_fare.run.current_model import check_current
from taxi_fare.run.decide import Production, decide_and_record
from taxi_fare.run.fit import require_recipe
from taxi_fare.run.kept_courses import Courses
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.pipelines import model_session
from taxi_fare.run.run import Run
from taxi_fare.run.scored_by_day import scored_by_day
from taxi_fare.run.trained import Trained, train_model
from taxi_fare.run.window import RunData
from taxi_fare.scoring.portable_model import PORTABLE_FILE, PortableModel
from taxi_fare.training.policies import Moment
from taxi_fare.training.recipes import chosen_recipe

_logger = logging.getLogger(__name__)


@dataclass
class Past:
    """
    The months of a backtest, lived through once more.

    Parameters
    ----------
    fingerprints : mapping of str to str
        Bytes of each month.
    alarmed : callable
        Tells whether the watch of a month asks for an act.
    """

    settings: Settings
    months: Mapping[Month, LakeMonth]
    fingerprints: Mapping[str, str]
    courses: Courses
    alarmed: Callable[[Course, Month], bool]
    # Fits of the month, by run key: policies that train on the same share it.
    fits: dict[str, Trained] = field(default_factory=dict)

    def live_through(self, number: int, month: Month) -> None:
        """Let each policy do what it does with a month; predict the next."""
        self.fits.clear()
        for course in self.courses.courses:
            if course.kept.trained <= number:
                decision = self._decision(course, number, month)
                course.decide(decision)
                self.courses.keep(self.fingerprints)
                told = decision or "nothing is trained"
                _logger.info("%s, %s: %s", month, course.policy.name, told)
        self._score(number + 1, month.plus(1))

    def _decision(
        self, course: Course, number: int, month: Month
    ) -> str | None:
        """Train where the policy does; None where nothing is trained."""
        if number:
            alarmed = partial(self.alarmed, course, month)
            wants = course.policy.trains(Moment(number, alarmed))
            return self._train(course, month) if wants else None
        decision = self._train(course, month)
        if decision == "refused":
            raise ModelRefusedError(
                f"The first model, tested on {month}, is refused.",
                expected="a model that passes every quality gate",
                remedy="begin with another month: --from.",
            )
        return decision

    def _score(self, number: int, month: Month) -> None:
        """Let the models in production predict a month, in one pass."""
        waiting = {
            each.policy.name: (each, _in_production(each))
            for each in self.courses.courses
            if len(each.kept.months) < number
        }
        models: dict[str, PortableModel] = {
            _content(model): model.portable
            for _, model in waiting.values()
            if model.portable
        }
        sums = (
            scored_by_day(self.months[month], models, settings=self.settings)
            if models
            else {}
        )
        for course, model in waiting.values():
            course.score(str(month), model=model, sums=sums[_content(model)])
        self.courses.keep(self.fingerprints)

    def _train(self, course: Course, month: Month) -> str:
        """Train and decide as the monthly run does."""
        run = self._run(course, month)
        registry = course.registry
        registry.recover()
        done = registry.find_run(run.key)
        if done is not None:
            return str(done.event)
        log = PipelineLogger(__name__)
        if run.key not in self.fits:
            spark = self._session(course)
            self.fits[run.key] = train_model(
                run, spark=spark, log=log, on_tree=None
            )
        _, entry = decide_and_record(
            replace(self.fits[run.key], run=run),
            production=Production(
                registry, check_current(registry), course.reports
            ),
            force=False,
            log=log,
        )
        return str(entry.event)

    def _run(self, course: Course, month: Month) -> Run:
        length = course.settings.training.window_months
        train = sliding_window(month, length=length).train
        if course.policy.expands:
            train = tuple(each for each in self.months if each < month)
        parts = Months(
            train_months=tuple(map(str, train)), test_month=str(month)
        )
        there = tuple(self.months[each] for each in (*train, month))
        return Run.start(
            RunData(there, parts),
            recipe=chosen_recipe(course.settings),
            settings=course.settings,
        )

    def _session(self, course: Course) -> SparkSession:
        settings = self.settings
        paths = paths_of([*self.months.values()])
        spark = model_session(settings, paths=paths, place=course.folder)
        recipe = chosen_recipe(settings)
        require_recipe(recipe, spark=spark, settings=settings)
        return spark


def _in_production(course: Course) -> CheckedModel:
    found = check_current(course.registry)
    if found is None or found.usable is None:
        raise TypeError(f"nothing is in production under {course.policy.name}")
    return found.usable


def _content(model: CheckedModel) -> str:
    """Tell models apart by what they predict, not by who registered them."""
    return str(model.manifest["files"][PORTABLE_FILE])
