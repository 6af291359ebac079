"""Policies, and the courses of a backtest: what they keep, and say."""

from pathlib import Path

import numpy as np
import pytest

from taxi_fare.core.errors import TemporaryError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.day_sums import OVERALL, DaySums, day_sums
from taxi_fare.run.course import Course
from taxi_fare.run.kept_courses import Courses, kept_courses
from taxi_fare.run.models import CheckedModel
from taxi_fare.training.policies import (
    POLICIES,
    Moment,
    Policy,
    every,
    find_policy,
)
from taxi_fare.training.recipes import RECIPES

SLIDING, FROZEN = POLICIES["sliding"], POLICIES["frozen"]
MONTHS = {"2023-05": "a", "2023-06": "b"}


def _moment(number: int, *, alarm: bool = False) -> Moment:
    return Moment(number, lambda: alarm)


@pytest.mark.parametrize(
    ("name", "trains"),
    [
        ("sliding", [1, 2, 3, 4, 5, 6]),
        ("expanding", [1, 2, 3, 4, 5, 6]),
        ("guarded", [1, 2, 3, 4, 5, 6]),
        ("frozen", []),
        ("every-2", [2, 4, 6]),
        ("every 3", [3, 6]),
        ("every-1", [1, 2, 3, 4, 5, 6]),
        ("on_alarm", []),
    ],
)
def test_when_a_policy_trains(name: str, trains: list[int]) -> None:
    """The months after the first model in which it does."""
    policy = find_policy(name)
    found = [x for x in range(1, 7) if policy.trains(_moment(x))]
    assert found == trains


def test_an_alarm_is_asked_for_by_one_policy_alone() -> None:
    """It takes a pass over the month."""

    def asked() -> bool:
        raise AssertionError("nobody needs to know")

    for policy in (*POLICIES.values(), every(3)):
        if policy.name != "on_alarm":
            policy.trains(Moment(2, asked))
    assert POLICIES["on_alarm"].trains(_moment(2, alarm=True))


@pytest.mark.parametrize(
    "name", ["every", "every-0", "every--1", "", "slidin"]
)
def test_a_policy_that_there_is_not_is_refused(name: str) -> None:
    """With those that there are."""
    with pytest.raises(WrongUsageError, match=r"one of sliding, .*every-N"):
        find_policy(name)


def _sums(miss: float, *, days: int = 28, seed: int = 1) -> DaySums:
    """Sum up a month whose predictions are off by about so much."""
    rows = days * 50
    draw = np.random.default_rng(seed)
    paid = draw.uniform(5, 50, rows)
    error = draw.normal(0, 1, rows) * miss
    day = np.arange(rows) % days
    codes = {OVERALL: (np.zeros(rows, dtype=np.intp), 1)}
    return day_sums(error, paid, days=day, codes=codes)


def _model(name: str, *months: str) -> CheckedModel:
    return CheckedModel(
        Path(name),
        manifest={"model_id": name, "data": {"train_months": list(months)}},
    )


def _lived(policy: Policy, folder: Path, *misses: float) -> Course:
    course = Course(policy, Settings(), folder)
    course.decide("promoted")
    for number, miss in enumerate(misses):
        model = _model(f"m{number}", "2023-01", "2023-02")
        sums = _sums(miss, seed=number)
        course.score(f"2023-{number + 5:02}", model=model, sums=sums)
        course.decide("kept")
    return course


def test_a_course_tells_each_month_and_all_of_them(tmp_path: Path) -> None:
    """Beside the reference, with what is sure."""
    ours = _lived(SLIDING, tmp_path, 1.0, 1.0)
    theirs = _lived(FROZEN, tmp_path, 2.0, 2.0)
    found = ours.result(theirs, months=2, seed=42)
    assert [each.month for each in found.months] == ["2023-05", "2023-06"]
    assert [each.model_id for each in found.months] == ["m0", "m1"]
    assert found.months[0].rows == 28 * 50
    both = np.mean([x.figures["rmse"] ** 2 for x in found.months])
    assert found.figures["rmse"] == pytest.approx(both**0.5)
    assert found.gains is not None
    gain = found.gains["rmse"]
    assert gain.gain == pytest.approx(0.5)
    assert gain.interval is not None
    assert gain.is_sure
    assert theirs.result(theirs, months=2, seed=42).gains is None


def test_a_shorter_backtest_tells_the_same_as_without_the_rest(
    tmp_path: Path,
) -> None:
    """What a longer one has found is neither counted nor told."""
    longer = _lived(SLIDING, tmp_path, 1.0, 2.0, 3.0)
    shorter = _lived(SLIDING, tmp_path, 1.0, 2.0)
    one, other = (
        each.result(each, months=2, seed=42) for each in (longer, shorter)
    )
    assert one == other
    assert one.trainings == 2
    assert one.months[-1].decision is None
    assert one.months[0].decision == "kept"


def _open(
    place: Path, *policies: Policy, settings: Settings | None = None
) -> Courses:
    with kept_courses(
        place,
        policies,
        first="2023-04",
        recipe=RECIPES["gbt-index"],
        settings=settings or Settings(),
    ) as courses:
        courses.go_on(MONTHS)
        return courses


def _kept(place: Path) -> Courses:
    """Live through two months, and keep them."""
    courses = _open(place, SLIDING)
    course = courses.courses[0]
    course.kept = _lived(SLIDING, course.folder, 1.0, 2.0).kept
    courses.keep(MONTHS)
    return courses


def test_a_backtest_goes_on(tmp_path: Path) -> None:
    """To the last digit; with another policy beside it, too."""
    before = _kept(tmp_path).courses[0]
    sliding, frozen = _open(tmp_path, SLIDING, FROZEN).courses
    assert sliding.kept == before.kept
    assert frozen.kept.months == ()
    courses = _open(tmp_path, FROZEN)
    courses.keep(MONTHS)
    assert _open(tmp_path, SLIDING).courses[0].kept == before.kept


@pytest.mark.parametrize(
    "changed",
    [
        {"training": {"window_months": 4}},
        {"gates": {"r2_min": 0.9}},
        {"gbt": {"max_depth": 3}},
        {"watch": {"bias_act": 0.5}},
    ],
)
def test_other_settings_are_another_backtest(
    tmp_path: Path, changed: dict[str, dict[str, float]]
) -> None:
    """Its figures are not mixed with those of others; both are kept."""
    kept = _kept(tmp_path)
    other = _open(tmp_path, SLIDING, settings=Settings.model_validate(changed))
    assert other.courses[0].kept.months == ()
    assert other.folder != kept.folder
    assert _open(tmp_path, SLIDING).courses[0].kept.months != ()


def test_a_month_that_changed_begins_it_anew(tmp_path: Path) -> None:
    """Registries as well: their models learnt from other trips."""
    courses = _kept(tmp_path)
    registry = courses.courses[0].folder / "registry"
    registry.mkdir(parents=True)
    courses.courses[0].kept = type(courses.courses[0].kept)()
    courses.go_on(MONTHS | {"2023-07": "c"})
    assert courses.courses[0].kept.months != ()
    courses.courses[0].kept = type(courses.courses[0].kept)()
    courses.go_on(MONTHS | {"2023-06": "other"})
    assert courses.courses[0].kept.months == ()
    assert not registry.exists()


@pytest.mark.parametrize("content", ["", "{", '{"courses": 1}', "[]"])
def test_what_is_damaged_begins_it_anew(tmp_path: Path, content: str) -> None:
    """It can be made again, and is not guessed at."""
    courses = _kept(tmp_path)
    (courses.folder / "progress.json").write_text(content)
    assert _open(tmp_path, SLIDING).courses[0].kept.months == ()


def test_two_backtests_at_once_are_one_too_many(tmp_path: Path) -> None:
    """Both would train the same models."""
    with (
        kept_courses(
            tmp_path,
            [SLIDING],
            first="2023-04",
            recipe=RECIPES["gbt-index"],
            settings=Settings(),
        ),
        pytest.raises(TemporaryError, match="Another backtest is running"),
    ):
        _open(tmp_path, FROZEN)
