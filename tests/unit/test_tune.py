"""The search of parameters: what it finds, keeps and refuses."""

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from taxi_fare.cli.bars import trial_line
from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    TemporaryError,
    WrongUsageError,
)
from taxi_fare.core.recipe_used import Tuned, Tuning, built_by, read_tuned
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import OVERALL, DaySums, day_sums
from taxi_fare.run.kept_study import kept_study
from taxi_fare.run.search import Best, Search
from taxi_fare.training.recipes import RECIPES, Recipe
from taxi_fare.training.search import SEARCHED, searched, untuned

RECIPE = RECIPES["xgboost-tariff"]
RUNGS = (100, 300, 900)
Told = Callable[[Best], None]


class Machine:
    """Something to be tuned: how good it is is known."""

    days = 30

    def __init__(self, best_depth: int, *, stops_after: int = 10**9) -> None:
        self.best_depth = best_depth
        self.calls: list[tuple[str, int]] = []
        self.stops_after = stops_after

    def __call__(
        self, recipe: Recipe, settings: Settings, rows: int
    ) -> DaySums:
        """Miss by how far the depth and the rate are from the best."""
        if len(self.calls) == self.stops_after:
            raise KeyboardInterrupt
        self.calls.append((recipe.name, rows))
        off = abs(settings.xgboost.max_depth - self.best_depth)
        off += abs(settings.xgboost.learning_rate - 0.1)
        if recipe.name != RECIPE.name:
            off += 5
        error = np.random.default_rng(1).normal(0, 4 + off, 3_000)
        paid = np.linspace(5, 90, 3_000)
        days = np.arange(3_000) % self.days
        codes = {OVERALL: (np.zeros(3_000, dtype=np.intp), 1)}
        return day_sums(error, paid, days=days, codes=codes)


def _searched(
    machine: Machine,
    place: Path,
    *,
    trials: int,
    recipes: tuple[Recipe, ...] = (RECIPE,),
    told: Told = lambda best: None,
) -> Best:
    with kept_study(place, name="a", seed=42) as study:
        search = Search(recipes, Settings(), RUNGS, machine, study)
        return search.run(trials=trials, seconds=None, on_trial=told)


def test_better_parameters_are_found(tmp_path: Path) -> None:
    """Of a machine whose best depth is another than that of the settings."""
    found = _searched(Machine(8), tmp_path / "x.trials", trials=40)
    assert Settings().xgboost.max_depth == 6
    assert found.parameters["xgboost"]["max_depth"] == 8
    assert found.after["rmse"] < found.before["rmse"]
    assert found.ended == 40


def test_what_is_found_is_no_worse_than_the_settings(tmp_path: Path) -> None:
    """Where nothing is better, it is what they say, exactly."""
    found = _searched(Machine(6), tmp_path / "x.trials", trials=12)
    assert found.after == found.before
    settings = built_by(Settings(), found.recipe.name, found.parameters)
    assert RECIPE.parameters(settings) == RECIPE.parameters(Settings())


def test_luck_is_not_taken_for_a_find(tmp_path: Path) -> None:
    """Machines that differ by chance alone: one is the best of forty."""

    class Chance(Machine):
        """As good as any other, with other errors on the same trips."""

        def __call__(
            self, recipe: Recipe, settings: Settings, rows: int
        ) -> DaySums:
            """Draw errors by the parameters."""
            self.calls.append((recipe.name, rows))
            seed = int(settings.xgboost.learning_rate * 1e9)
            error = np.random.default_rng(seed).standard_t(3, 3_000)
            codes = {OVERALL: (np.zeros(3_000, dtype=np.intp), 1)}
            days = np.arange(3_000) % self.days
            paid = np.linspace(5, 90, 3_000)
            return day_sums(error, paid, days=days, codes=codes)

    found = _searched(Chance(8), tmp_path / "x.trials", trials=40)
    assert found.after == found.before


def test_few_days_are_compared_as_they_are(tmp_path: Path) -> None:
    """Nothing can be sure then."""
    machine = Machine(8)
    machine.days = 3
    found = _searched(machine, tmp_path / "x.trials", trials=20)
    assert found.parameters["xgboost"]["max_depth"] == 8


def test_bad_trials_are_given_up_early(tmp_path: Path) -> None:
    """All trips are for the few that did well on some."""
    machine = Machine(8)
    found = _searched(machine, tmp_path / "x.trials", trials=40)
    learnt = [rows for _, rows in machine.calls]
    assert learnt.count(900) == found.whole < 30
    assert learnt.count(100) == 40


def test_the_same_search_goes_on(tmp_path: Path) -> None:
    """Nothing is measured twice, and no parameters are drawn again."""
    place = tmp_path / "x.trials"
    first = Machine(8)
    half = _searched(first, place, trials=15)
    second = Machine(8)
    whole = _searched(second, place, trials=30)
    assert whole.ended == 30
    assert whole.after["rmse"] <= half.after["rmse"]
    assert [rows for _, rows in second.calls].count(100) == 15
    with kept_study(place, name="a", seed=42) as study:
        drawn = [json.dumps(trial.params) for trial in study.trials]
    assert len(set(drawn)) == 30
    third = Machine(8)
    assert _searched(third, place, trials=30) == whole
    assert third.calls == []


def test_another_search_in_the_same_file_is_another(tmp_path: Path) -> None:
    """Figures of other trips are not compared with these."""
    place = tmp_path / "x.trials"
    _searched(Machine(8), place, trials=5)
    with kept_study(place, name="b", seed=42) as study:
        assert study.trials == []


@pytest.mark.parametrize("calls", [2, 3, 4, 7, 12])
def test_the_best_is_kept_when_it_is_stopped(
    tmp_path: Path, calls: int
) -> None:
    """Ctrl-C in any trial: what was told is there, and it goes on."""
    place, told = tmp_path / "x.trials", list[Best]()
    with pytest.raises(KeyboardInterrupt):
        _searched(
            Machine(8, stops_after=calls), place, trials=30, told=told.append
        )
    assert bool(told) == (calls >= len(RUNGS))
    found = _searched(Machine(8), place, trials=30)
    assert found.ended == 30
    if told:
        assert found.after["rmse"] <= told[-1].after["rmse"]


def test_half_a_line_of_a_process_that_was_killed_is_left_out(
    tmp_path: Path,
) -> None:
    """Wherever it was cut, the search goes on, again and again."""
    place = tmp_path / "x.trials"
    _searched(Machine(8), place, trials=6)
    content = place.read_bytes()
    for cut in range(15, len(content), 2_999):
        place.write_bytes(content[:cut])
        assert _searched(Machine(8), place, trials=7).ended == 7
        assert _searched(Machine(8), place, trials=8).ended == 8


@pytest.mark.parametrize(
    "content",
    [
        b"a diary",
        b"garbage\n",
        b"{}\n",
        b"[1]\n",
        b"\xff\xfe\n",
        b'{"op_code": 99}\n',
    ],
)
def test_what_keeps_no_trials_is_refused(
    tmp_path: Path, content: bytes
) -> None:
    """It is not written to."""
    place = tmp_path / "x.trials"
    place.write_bytes(content)
    with (
        pytest.raises(DataRefusedError, match="cannot be read"),
        kept_study(place, name="a", seed=1),
    ):
        pass
    assert place.read_bytes() == content


def test_two_searches_at_once_are_one_too_many(tmp_path: Path) -> None:
    """The second is told to wait; the first goes on."""
    place = tmp_path / "x.trials"
    with (
        kept_study(place, name="a", seed=1),
        pytest.raises(TemporaryError, match="Another process"),
        kept_study(place, name="a", seed=1),
    ):
        pass


def test_of_several_recipes_one_is_found(tmp_path: Path) -> None:
    """All are compared with the first, each with parameters of its own."""
    recipes = (RECIPES["xgboost-index"], RECIPE)
    machine = Machine(8)
    found = _searched(
        machine, tmp_path / "x.trials", trials=40, recipes=recipes
    )
    assert found.recipe == RECIPE
    assert found.parameters.keys() == {"xgboost", "tariff"}
    assert found.before["rmse"] == pytest.approx(4 + 2 + 5, abs=0.5)
    assert {name for name, _ in machine.calls} == {x.name for x in recipes}


def test_ranges_hold_what_the_settings_say_and_what_they_accept() -> None:
    """And each is a parameter that some recipe reads."""
    settings, known = Settings(), set[str]()
    for recipe in RECIPES.values():
        usual, ranges = untuned(recipe, settings), searched(recipe, settings)
        assert usual.keys() == ranges.keys() != set()
        known |= ranges.keys()
        for name, each in ranges.items():
            assert each.low <= usual[name] <= each.high
            section, _, key = name.partition(".")
            for end in (each.low, each.high):
                built = built_by(settings, recipe.name, {section: {key: end}})
                assert recipe.parameters(built)[key] == end
    assert known == {
        f"{section}.{name}"
        for section, ranges in SEARCHED.items()
        for name in ranges
    }


def test_each_better_one_is_logged_where_nobody_sees_a_bar(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """And the others are not: who reads a log waits for news."""
    caplog.set_level("INFO", logger="taxi_fare.cli.bars")
    bests = []
    with trial_line(60) as told:

        def heard(best: Best) -> None:
            """Count what is new."""
            bests.append(best.after)
            told(best)

        _searched(Machine(8), tmp_path / "x.trials", trials=20, told=heard)
    lines = [record.getMessage() for record in caplog.records]
    news = [x for x, y in pairwise([{}, *bests]) if x != y]
    assert 1 < len(lines) == len(news) < 20
    assert re.fullmatch(
        r"\d+ trials?, best RMSE \d\.\d{3} \([+-]\d+\.\d%\), MAE .*", lines[-1]
    )


def _tuned(**changes: Any) -> Tuned:
    given = {
        "schema_version": 1,
        "run_id": "20230601T000000Z_abc",
        "timestamp": "2023-06-01T00:00:00+00:00",
        "simulated": False,
        "recipe": RECIPE.name,
        "parameters": {"xgboost": {"max_depth": 8}},
        "tuning": Tuning(
            train_months=("2023-03", "2023-04"),
            chosen_on="2023-05",
            train_rows=9,
            test_rows=5,
            trials=3,
            before={"rmse": 4.0},
            after={"rmse": 3.0},
        ),
    }
    return Tuned.model_validate(given | changes)


def test_what_was_tuned_changes_the_run_and_nothing_else() -> None:
    """Another parameter is another run key: it is among the parameters."""
    settings = _tuned().applied(Settings())
    assert settings.training.recipe == RECIPE.name
    assert RECIPE.parameters(settings)["max_depth"] == 8
    rest = {"training", "xgboost"}
    assert settings.model_dump(exclude=rest) == Settings().model_dump(
        exclude=rest
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"recipe": "xgboost-more"}, "is none of gbt"),
        ({"parameters": {"forest": {"trees": 1}}}, "no section forest"),
        ({"parameters": {"xgboost": {"trees": 1}}}, "trees"),
        ({"parameters": {"xgboost": {"max_depth": 99}}}, "max_depth"),
    ],
)
def test_what_this_release_does_not_know_is_refused(
    changes: dict[str, Any], words: str
) -> None:
    """A file of another release, or one that was edited."""
    with pytest.raises(WrongUsageError, match=words):
        _tuned(**changes).applied(Settings())


@pytest.mark.parametrize("month", ["2023-05", "2023-04", "2022-12"])
def test_a_month_that_was_tuned_on_is_no_test_month(month: str) -> None:
    """The figures would be better than the model is."""
    with pytest.raises(WrongUsageError, match="chosen on 2023-05"):
        _tuned().require_unseen(month)
    _tuned().require_unseen("2023-06")


def test_the_file_is_read_and_says_where_it_was(tmp_path: Path) -> None:
    """Or it is said what is wrong with it."""
    path = tmp_path / "tuned.json"
    with pytest.raises(DataMissingError, match=r"no file .*tuned\.json"):
        read_tuned(path)
    path.write_text('{"schema_version": 1}')
    with pytest.raises(DataRefusedError, match="missing"):
        read_tuned(path)
    path.write_text(json.dumps(_tuned().to_document()))
    assert read_tuned(path).tuning.file == str(path)
