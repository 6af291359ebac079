"""The rule of promotion: at least two of RMSE, MAE and R² improve."""

from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.registry.promotion import Decision, decide

CURRENT = {"rmse": 5.0, "mae": 2.0, "r2": 0.9}
BETTER = {"rmse": 4.9, "mae": 1.9, "r2": 0.91}

FIGURES = st.fixed_dictionaries(
    {
        "rmse": st.floats(0, 100),
        "mae": st.floats(0, 100),
        "r2": st.floats(-10, 1),
    }
)


def _decide(
    candidate: dict[str, float],
    current: dict[str, float] | None,
    gate_failures: tuple[str, ...] = (),
) -> Decision:
    return decide(
        candidate, current=current, gate_failures=gate_failures, min_improved=2
    )


def test_two_better_metrics_promote() -> None:
    """RMSE and MAE are better lower, R² is better higher."""
    for worse, value in CURRENT.items():
        candidate = BETTER | {worse: value}
        decision = _decide(candidate, CURRENT)
        assert decision.decision == "promoted"
        assert set(decision.improved) == set(BETTER) - {worse}
    assert _decide(BETTER, CURRENT).improved == ("rmse", "mae", "r2")


def test_one_better_metric_keeps_the_current_model() -> None:
    """One of three is not enough, whichever it is."""
    for better, value in BETTER.items():
        candidate = CURRENT | {better: value}
        decision = _decide(candidate, CURRENT)
        assert decision.decision == "kept"
        assert decision.improved == (better,)
        assert decision.reason.startswith("1 of 3 metrics improve")


def test_the_direction_of_each_metric_counts() -> None:
    """A higher RMSE and MAE and a lower R² are no improvement."""
    worse = {"rmse": 5.1, "mae": 2.1, "r2": 0.89}
    assert _decide(worse, CURRENT).improved == ()


def test_a_first_model_is_promoted() -> None:
    """There is nothing to compare it with."""
    assert _decide(CURRENT, None).decision == "promoted"


def test_a_missed_gate_refuses_even_better_and_first_models() -> None:
    """The reason names the gate."""
    for current in (CURRENT, None):
        decision = _decide(BETTER, current, ("rmse < 1 is missed (4.9)",))
        assert decision.decision == "refused"
        assert decision.reason == "rmse < 1 is missed (4.9)"


def test_what_is_no_number_is_no_improvement() -> None:
    """NaN is neither better nor worse."""
    nan = dict.fromkeys(CURRENT, float("nan"))
    assert _decide(nan, CURRENT).decision == "kept"


@given(FIGURES)
def test_a_tie_is_no_improvement(figures: dict[str, float]) -> None:
    """The same model never replaces itself."""
    decision = _decide(figures, figures)
    assert (decision.decision, decision.improved) == ("kept", ())


@given(FIGURES, FIGURES)
def test_two_models_never_replace_each_other_in_turn(
    one: dict[str, float], other: dict[str, float]
) -> None:
    """If one is promoted over the other, the other is not over it."""
    promoted = [
        _decide(a, b).decision == "promoted"
        for a, b in ((one, other), (other, one))
    ]
    assert promoted != [True, True]
