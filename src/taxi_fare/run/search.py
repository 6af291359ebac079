"""Search parameters with Optuna: cheap trials first, and none is lost."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, TypeAlias

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.trial import TrialState, create_trial

from taxi_fare.core.metrics import COMPARED, ERRORS
from taxi_fare.core.recipe_used import built_by
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import OVERALL, DaySums
from taxi_fare.evaluation.evidence import paired
from taxi_fare.run.kept_study import FACTOR
from taxi_fare.training.recipes import Recipe, find_recipe
from taxi_fare.training.search import Range, searched, untuned

Figures: TypeAlias = dict[str, float]
# Measures a recipe with some settings, learnt from so many trips.
Measure: TypeAlias = Callable[[Recipe, Settings, int], DaySums]
# Raised when a score means something else: trials of before are not compared.
SCORE_VERSION = 1
# Beyond an interval's end, as one of 20 is chosen: 0.025 / 20 is left out.
_LUCK = 1.5
_RECIPE, _UNTUNED, _FIGURES = "recipe", "untuned", "figures"
_ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True)
class Best:
    """
    The best of the trials until now.

    Parameters
    ----------
    parameters : dict
        By section and name.
    before, after : dict of str to float
        Metrics with the settings as they were, and with these parameters.
    ended, whole : int
        Trials that have ended, and those that learnt from all trips.
    """

    recipe: Recipe
    parameters: dict[str, dict[str, Any]]
    before: Figures
    after: Figures
    ended: int
    whole: int


@dataclass(frozen=True)
class Search:
    """
    A search that goes on where it was left.

    Parameters
    ----------
    recipes : tuple of Recipe
        The first, with the settings as they are, is what others are compared
        with.
    rungs : tuple of int
        How many trips are learnt from, step by step.
    study : optuna.Study
        What was tried.
    """

    recipes: tuple[Recipe, ...]
    settings: Settings
    rungs: tuple[int, ...]
    measure: Measure
    study: optuna.Study

    def run(
        self,
        *,
        trials: int | None,
        seconds: float | None,
        on_trial: Callable[[Best], None],
    ) -> Best:
        """Try until so many trials have ended, or the time has."""
        if not self.study.trials:
            self._begin()
        on_trial(self.best())
        left = None if trials is None else max(trials - self._ended(), 0)
        self.study.optimize(
            self._score,
            n_trials=left,
            timeout=seconds,
            callbacks=[lambda _, __: on_trial(self.best())],
        )
        return self.best()

    def best(self) -> Best:
        """Return the best of all trials that learnt from all trips."""
        found = self.study.best_trial
        recipe, parameters = self._named(found.params)
        return Best(
            recipe,
            parameters,
            _figures(self._untuned[self.rungs[-1]]),
            found.user_attrs[_FIGURES],
            self._ended(),
            len(self.study.get_trials(states=[TrialState.COMPLETE])),
        )

    @cached_property
    def _untuned(self) -> dict[int, DaySums]:
        """Errors with the settings as they are, by the trips learnt from."""
        known = self.study.user_attrs.get(_UNTUNED)
        if known is None:
            found = {
                rows: self.measure(self.recipes[0], self.settings, rows)
                for rows in self.rungs
            }
            known = {
                str(rows): each.groups[OVERALL].tolist()
                for rows, each in found.items()
            }
            self.study.set_user_attr(_UNTUNED, known)
        return {
            int(rows): DaySums({OVERALL: np.array(each)})
            for rows, each in known.items()
        }

    def _begin(self) -> None:
        """Begin with what the settings say: what is found is no worse."""
        first, *others = (self._as_tried(each) for each in self.recipes)
        figures = _figures(self._untuned[self.rungs[-1]])
        known = create_trial(
            params=first,
            distributions=self._distributions(first),
            value=1.0,
            user_attrs={_FIGURES: figures},
            intermediate_values={
                FACTOR**step: 1.0 for step in range(len(self.rungs))
            },
        )
        self.study.add_trial(known)
        for each in others:
            self.study.enqueue_trial(each)

    def _score(self, trial: optuna.Trial) -> float:
        """Measure what Optuna suggests, on more trips step by step."""
        recipe = self.recipes[0]
        if len(self.recipes) > 1:
            names = [each.name for each in self.recipes]
            chosen = trial.suggest_categorical(_RECIPE, names)
            recipe = find_recipe(str(chosen))
        for name, each in self._ranges(recipe).items():
            _suggested(trial, name, each)
        _, parameters = self._named(trial.params)
        settings = built_by(self.settings, recipe.name, parameters)
        score = float("inf")
        for step, rows in enumerate(self.rungs):
            sums = self.measure(recipe, settings, rows)
            score = self._beside(sums, self._untuned[rows])
            trial.report(score, FACTOR**step)
            trial.set_user_attr(_FIGURES, _figures(sums))
            if rows < self.rungs[-1] and trial.should_prune():
                raise optuna.TrialPruned
        return score

    def _beside(self, ours: DaySums, theirs: DaySums) -> float:
        """
        Say how large errors are beside others, at the worst: 1 is as large.

        What counts is the end of a gain's interval, made wider as one of many
        is chosen: the best of them is the luckiest where trips are few, and
        worse a month later. Below 1, neither error is any larger.
        """
        seed = self.settings.training.seed
        gains = paired(ours, theirs, ways=(), seed=seed).gains
        ends = []
        for gain in (gains[each.name] for each in ERRORS):
            found = gain.gain or 0.0
            spread = found - gain.interval[0] if gain.interval else 0.0
            ends.append(1.0 - found + _LUCK * spread)
        # The mean tells apart what is below; the larger decides.
        return fmean(ends) if max(ends) < 1.0 else max(ends)

    def _ranges(self, recipe: Recipe) -> dict[str, Range]:
        """Name ranges by their recipe: it has a learning rate of its own."""
        return {
            f"{recipe.name}/{name}": each
            for name, each in searched(recipe, self.settings).items()
        }

    def _as_tried(self, recipe: Recipe) -> dict[str, Any]:
        """Return what the settings say, as a trial's parameters."""
        chosen = {_RECIPE: recipe.name} if len(self.recipes) > 1 else {}
        return chosen | {
            f"{recipe.name}/{name}": value
            for name, value in untuned(recipe, self.settings).items()
        }

    def _distributions(
        self, tried: dict[str, Any]
    ) -> dict[str, BaseDistribution]:
        found: dict[str, BaseDistribution] = {}
        if _RECIPE in tried:
            names = [each.name for each in self.recipes]
            found[_RECIPE] = CategoricalDistribution(names)
        for name, each in self._ranges(self.recipes[0]).items():
            found[name] = _distribution(each.holding(tried[name]))
        return found

    def _named(
        self, tried: dict[str, Any]
    ) -> tuple[Recipe, dict[str, dict[str, Any]]]:
        """Return a trial's recipe, and its parameters by section and name."""
        recipe = find_recipe(tried.get(_RECIPE, self.recipes[0].name))
        found: dict[str, dict[str, Any]] = {}
        for key in self._ranges(recipe):
            section, _, name = key.partition("/")[2].partition(".")
            found.setdefault(section, {})[name] = tried[key]
        return recipe, found

    def _ended(self) -> int:
        return len(self.study.get_trials(states=_ENDED))


def _figures(sums: DaySums) -> Figures:
    """Return what models are compared by."""
    found = sums.figures()
    return {each.name: float(found[each.name][0]) for each in COMPARED}


def _suggested(trial: optuna.Trial, name: str, each: Range) -> None:
    if each.is_whole:
        trial.suggest_int(name, int(each.low), int(each.high), log=each.log)
    else:
        trial.suggest_float(name, each.low, each.high, log=each.log)


def _distribution(each: Range) -> BaseDistribution:
    if each.is_whole:
        return IntDistribution(int(each.low), int(each.high), each.log)
    return FloatDistribution(each.low, each.high, each.log)
