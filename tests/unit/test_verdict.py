"""What a month calls for, and in which words."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.sections import WatchSettings
from taxi_fare.watching.accuracy import Accuracy, Measured
from taxi_fare.watching.drift import ColumnChanges, Compared, Drift
from taxi_fare.watching.reason import WORDS
from taxi_fare.watching.verdict import Found, verdict

LIMITS = WatchSettings()
NOTHING = Found(None, {}, {}, None)
ORDER = ["accuracy", "predictions", "data", "age"]


@pytest.fixture(autouse=True)
def _said_in_french(
    monkeypatch: pytest.MonkeyPatch, in_french: Callable[[str], str]
) -> None:
    """Whatever reason a test provokes: a French reader can read it."""

    def checked(found: Found, limits: WatchSettings) -> Any:
        """Stand in for the verdict of this module."""
        word, reasons = verdict_itself(found, limits)
        for each in reasons:
            in_french(str(each))
        return word, reasons

    verdict_itself = verdict
    monkeypatch.setattr(sys.modules[__name__], "verdict", checked)


def _measured(**intervals: tuple[float, float]) -> Measured:
    figures = {"rmse": 4.0, "mae": 1.0, "r2": 0.9, "bias": 0.0, "paid": 20.0}
    middle = {x: sum(ends) / 2 for x, ends in intervals.items()}
    return Measured(rows=9, figures=figures | middle, intervals=intervals)


def _accuracy(overall: Measured, **changes: Any) -> Accuracy:
    known: dict[str, Any] = {
        "overall": overall,
        "slices": {},
        "baselines": {},
        "expected": {"rmse": 4.0, "mae": 1.0, "r2": 0.9},
        "trained_on_month": False,
    }
    return Accuracy(**(known | changes))


def _drift(**changes: Any) -> Drift:
    same: dict[str, Any] = dict.fromkeys(Drift.model_fields)
    return Drift(**(same | {"psi": 0.0, "new_levels": {}} | changes))


def _data(columns: ColumnChanges | None = None, **figures: Drift) -> Compared:
    return Compared(
        months=("2023-01",), rows=9, figures=figures, columns=columns
    )


def test_nothing_known_is_ok() -> None:
    """There is nothing to say."""
    assert verdict(NOTHING, LIMITS) == ("ok", ())


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((3.0, 9.0), "ok"),
        ((4.3, 5.0), "ok"),
        ((4.41, 6.0), "look"),
        ((5.01, 6.0), "act"),
    ],
)
def test_errors_rose_where_it_is_certain(
    interval: tuple[float, float], word: str
) -> None:
    """The lower end counts: a rise that chance explains is none."""
    found = _accuracy(_measured(rmse=interval))
    said, reasons = verdict(Found(found, {}, {}, None), LIMITS)
    assert said == word
    assert len(reasons) == (word != "ok")
    if word != "ok":
        assert "RMSE is" in str(reasons[0])
        assert "was 4.00 when the model was registered" in str(reasons[0])
        assert "registry rollback" in str(reasons[0])
        low, high = interval
        ends = f"(95 % certain: {low:.2f} to {high:.2f}), and was"
        assert ends in str(reasons[0])
        assert reasons[0].about == "accuracy"


def test_without_an_interval_the_figure_itself_counts() -> None:
    """A month of a few days."""
    overall = _measured().model_copy(
        update={"figures": {"mae": 1.3}, "intervals": None}
    )
    found = Found(_accuracy(overall), {}, {}, None)
    said, (reason,) = verdict(found, LIMITS)
    assert said == "act"
    assert str(reason).startswith(
        "accuracy: MAE is 1.30 dollars, and was 1.00"
    )


def test_what_was_not_measured_then_is_passed_over() -> None:
    """The next metric is looked at; a better R² is no error that rose."""
    now = _measured(mae=(1.3, 1.5), r2=(0.95, 0.97))
    found = _accuracy(now, expected={"mae": 1.0, "r2": 0.5})
    _, reasons = verdict(Found(found, {}, {}, None), LIMITS)
    assert [str(each)[:13] for each in reasons] == ["accuracy: MAE"]


def test_rides_that_cost_nothing_have_no_side() -> None:
    """There is nothing that a bias could be a share of."""
    now = _measured(bias=(1.0, 2.0), paid=(0.0, 0.0))
    found = Found(_accuracy(now), {}, {}, None)
    assert verdict(found, LIMITS) == ("ok", ())


@pytest.mark.parametrize(
    ("interval", "word", "side"),
    [
        ((0.1, 0.5), "ok", ""),
        ((0.7, 0.9), "look", "more"),
        ((1.7, 2.5), "act", "more"),
        ((-2.5, -1.7), "act", "less"),
        ((-1.0, 3.0), "ok", ""),
    ],
)
def test_a_price_that_changed_shows_on_one_side(
    interval: tuple[float, float], word: str, side: str
) -> None:
    """As a share of what was paid, the end that is nearer to 0."""
    found = _accuracy(_measured(bias=interval))
    said, reasons = verdict(Found(found, {}, {}, None), LIMITS)
    assert said == word
    assert len(reasons) == (word != "ok")
    if side:
        assert f"dollars {side} than predicted" in str(reasons[0])
        assert reasons[0].about == "accuracy"


def test_a_model_must_beat_what_needs_none() -> None:
    """By one metric at least."""
    better = _measured(rmse=(3.0, 3.2), mae=(0.8, 0.8), r2=(0.95, 0.95))
    partly = _measured(rmse=(3.0, 3.2), mae=(1.2, 1.2), r2=(0.95, 0.95))
    for baseline, word in ((better, "act"), (partly, "ok")):
        found = _accuracy(_measured(), baselines={"mean": baseline})
        said, reasons = verdict(Found(found, {}, {}, None), LIMITS)
        assert said == word
        assert {each.about for each in reasons} <= {"accuracy"}
    # Of trips that all cost the same there is no R².
    same = better.model_copy(update={"figures": better.figures | {"r2": None}})
    found = _accuracy(_measured(), baselines={"mean": same})
    assert verdict(Found(found, {}, {}, None), LIMITS)[0] == "act"


def test_accuracy_on_months_it_learnt_from_says_nothing() -> None:
    """However bad it is."""
    found = _accuracy(_measured(rmse=(9.0, 9.5)), trained_on_month=True)
    assert verdict(Found(found, {}, {}, None), LIMITS) == ("ok", ())


def test_what_matters_comes_first() -> None:
    """Accuracy, predictions, data, age; the worst word is the verdict."""
    found = Found(
        _accuracy(_measured(rmse=(4.5, 5.0))),
        {"the train months": _drift(psi=0.12)},
        {"the train months": _data(trip_distance=_drift(psi=0.3))},
        14,
    )
    said, reasons = verdict(found, LIMITS)
    assert said == "act"
    assert [each.about for each in reasons] == ORDER
    assert [each.word for each in reasons] == ["look", "look", "act", "act"]


def test_a_part_of_the_price_alone_is_no_act() -> None:
    """No model sees it: what it does shows in the accuracy."""
    moved = _drift(psi=9.7, mean=2.19, mean_before=0.0)
    data = {"the month before": _data(congestion_surcharge=moved)}
    said, (reason,) = verdict(Found(None, {}, data, None), LIMITS)
    assert said == "look"
    assert str(reason) == (
        "data: Congestion surcharge (congestion_surcharge) differs from the"
        " month before (PSI 9.70, mean 0.00 → 2.19)."
    )


def test_a_change_is_told_once_where_it_is_greatest() -> None:
    """Not for each month that it is compared with."""
    data = {
        "the train months": _data(trip_distance=_drift(psi=0.2)),
        "the month before": _data(trip_distance=_drift(psi=0.4)),
    }
    _, reasons = verdict(Found(None, {}, data, None), LIMITS)
    (reason,) = reasons
    assert "the month before" in str(reason)


def test_many_changes_are_counted() -> None:
    """The three worst are named."""
    names = ("VendorID", "RatecodeID", "payment_type", "trip_distance", "tip")
    figures = {x: _drift(psi=0.3 + i / 9) for i, x in enumerate(names)}
    data = {"the train months": _data(**figures)}
    _, reasons = verdict(Found(None, {}, data, None), LIMITS)
    assert len(reasons) == 4
    assert "trip_distance" in str(reasons[0])
    assert "2 more changes" in str(reasons[3])


def test_missing_values_and_new_levels_are_told() -> None:
    """Each with its shares."""
    gone = _drift(missing_share=0.2, missing_share_before=0.01)
    new = _drift(new_levels={"7": 4}, new_levels_share=0.04)
    data = {"the month before": _data(passenger_count=gone, VendorID=new)}
    said, reasons = verdict(Found(None, {}, data, None), LIMITS)
    text = " ".join(map(str, reasons))
    assert said == "look"
    assert "missing in 20.0% of the trips, in 1.0% of the month" in text
    assert "4.0% of the trips have a level" in text
    assert "(7)" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (-0.69, "there are 69% fewer trips than in the train months."),
        (0.31, "there are 31% more trips than in the train months."),
        (0.30, "there are 30% more trips than in the train months."),
        (-0.29, ""),
    ],
)
def test_a_collapse_of_the_traffic_is_told(change: float, words: str) -> None:
    """Once, against the months that it is furthest from."""
    data = {
        "the train months": _data().model_copy(
            update={"trips_change": change}
        ),
        "the month before": _data().model_copy(
            update={"trips_change": change * 0.99}
        ),
    }
    said, reasons = verdict(Found(None, {}, data, None), LIMITS)
    assert said == ("look" if words else "ok")
    assert len(reasons) == bool(words)
    assert all(str(each).startswith(f"data: {words}") for each in reasons)


def test_columns_are_told_also_where_nothing_uses_them() -> None:
    """A fee that begins is a new column first."""
    columns = ColumnChanges(
        appeared=("cbd_congestion_fee",), vanished=("ehail_fee",), changed={}
    )
    data = {"the month before": _data(columns)}
    said, reasons = verdict(Found(None, {}, data, None), LIMITS)
    assert said == "look"
    assert "column cbd_congestion_fee is new" in str(reasons[0])
    assert "column ehail_fee is gone" in str(reasons[1])


@given(st.integers(-3, 40))
def test_a_model_ages(months: int) -> None:
    """From half a year on it is looked at."""
    said, reasons = verdict(Found(None, {}, {}, months), LIMITS)
    assert len(reasons) == (said != "ok")
    expected = "act" if months >= 12 else "look" if months >= 6 else "ok"
    assert said == expected


@given(st.floats(0, 2), st.floats(0, 2))
def test_more_drift_is_never_better(one: float, other: float) -> None:
    """Whatever moved."""
    words = []
    for size in sorted((one, other)):
        data = {"the train months": _data(VendorID=_drift(psi=size))}
        words.append(verdict(Found(None, {}, data, None), LIMITS)[0])
    assert WORDS.index(words[0]) <= WORDS.index(words[1])


# Limits that a double holds exactly.
EXACT = WatchSettings(
    psi_look=0.25,
    psi_act=0.5,
    missing_change_look=0.25,
    new_levels_look=0.25,
)


def _said(found: Found) -> list[str]:
    return [str(each) for each in verdict(found, EXACT)[1]]


def test_predictions_are_told_where_they_moved_most() -> None:
    """Of those that can be compared, and from the limit on."""
    found = {
        "the train months": _drift(psi=0.25, mean=2.0, mean_before=1.0),
        "the month before": _drift(psi=0.26, mean=None, mean_before=1.0),
        "another": _drift(psi=None),
    }
    (told,) = _said(Found(None, found, {}, None))
    assert told.startswith(
        "predictions: they differ from those of the month before (PSI 0.26)."
    )
    del found["the month before"]
    (told,) = _said(Found(None, found, {}, None))
    assert "the train months (PSI 0.25, mean 1.00 → 2.00)." in told
    assert _said(Found(None, {"another": found["another"]}, {}, None)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"psi": 0.2}, ""),
        ({"psi": None}, ""),
        ({"psi": 0.25}, "differs from the month before (PSI 0.25)."),
        ({"missing_share": 0.5, "missing_share_before": 0.25}, "in 50.0% of"),
        ({"missing_share": 0.25, "missing_share_before": 0.5}, "in 25.0% of"),
        ({"missing_share": 0.2, "missing_share_before": 0.2}, ""),
        ({"missing_share": None, "missing_share_before": 0.5}, ""),
        ({"missing_share": 0.5, "missing_share_before": None}, ""),
        ({"new_levels": {"7": 1}, "new_levels_share": 0.25}, "(7)."),
        ({"new_levels": {"7": 1}, "new_levels_share": 0.2}, ""),
    ],
)
def test_what_moves_a_column_is_told_from_its_limit_on(
    changes: dict[str, Any], words: str
) -> None:
    """As a reason about the data, and nothing below it."""
    data = {"the month before": _data(VendorID=_drift(**changes))}
    said = _said(Found(None, {}, data, None))
    assert len(said) == bool(words)
    assert all(each.startswith("data: ") and words in each for each in said)


def test_three_changes_are_named_and_no_more_are_told() -> None:
    """There is nothing to be counted."""
    names = ("VendorID", "RatecodeID", "payment_type")
    data = {"the month before": _data(**{x: _drift(psi=0.6) for x in names})}
    said = _said(Found(None, {}, data, None))
    assert len(said) == 3
    data["the month before"] = _data(
        **{x: _drift(psi=0.6) for x in (*names, "trip_distance")}
    )
    said = _said(Found(None, {}, data, None))
    assert said[3].startswith("data: 1 more changes")


def test_a_new_column_is_told_once() -> None:
    """However many months do not have it; each kind of change by itself."""
    columns = ColumnChanges(
        appeared=("fee",),
        vanished=(),
        changed={"zone": (("text",), ("number",))},
    )
    data = {"the train months": _data(columns), "another": _data(columns)}
    said = _said(Found(None, {}, data, None))
    assert [each.split(". ")[0] for each in said] == [
        "data: column fee is new since the train months",
        "data: column zone is of another type since the train months",
    ]
