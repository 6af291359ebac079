"""Evidence for a promotion, and the rule that asks for it."""

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxi_fare.core.evidence import Evidence, Gain, SliceGain
from taxi_fare.core.metrics import ERRORS
from taxi_fare.core.sections import ErrorAnalysisSettings, PromotionSettings
from taxi_fare.evaluation.day_sums import DaySums
from taxi_fare.evaluation.evidence import FEWEST_DAYS, paired
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.evaluation.slices import guarding, parted_sums
from taxi_fare.registry.promotion import (
    Decision,
    decide,
    guard,
    in_words,
)

WAYS = guarding(ErrorAnalysisSettings())
LIMITS = PromotionSettings(rule="guarded")
PROMOTED = Decision("promoted", "3 of 3 metrics improve", ("rmse",))
DAYS = 30


def _trips(days: Numbers) -> pa.Table:
    """Return rides of Manhattan by day, that differ in nothing else."""
    same = {
        "pickup_hour": 12.0,
        "pickup_dayofweek": 2.0,
        "PULocationID": "230",
        "DOLocationID": "161",
        "payment_type": "1",
        "VendorID": "1",
    }
    table = pa.table({"pickup_day": days.astype(np.int64) + 1})
    for name, value in same.items():
        table = table.append_column(name, pa.array([value] * len(days)))
    return table


def _sums(ours: Numbers, theirs: Numbers, days: Numbers) -> list[DaySums]:
    """Sum up the errors of two models on rides of 20 dollars."""
    paid = np.full(len(days), 20.0)
    found = parted_sums(
        _trips(days),
        paid,
        {"ours": paid - ours, "theirs": paid - theirs},
        ways=WAYS,
    )
    return [found["ours"], found["theirs"]]


def _evidence(ours: Numbers, theirs: Numbers, days: Numbers) -> Evidence:
    return paired(*_sums(ours, theirs, days), ways=WAYS, seed=1)


def _days(trips: int = 20) -> Numbers:
    return np.repeat(np.arange(DAYS), trips).astype(np.float64)


def _guard(evidence: Evidence | None, **limits: Any) -> str:
    return guard(
        PROMOTED,
        evidence=evidence,
        not_beaten=(),
        limits=LIMITS.model_copy(update=limits),
    ).decision


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_identical_models_are_no_reason(seed: int) -> None:
    """The interval is 0, it is said so, and the guard never lets it pass."""
    days = _days()
    errors = np.random.default_rng(seed).normal(0, 3, len(days))
    evidence = _evidence(errors, errors, days)
    for gain in evidence.gains.values():
        assert (gain.gain, gain.interval) == (0.0, (0.0, 0.0))
        assert gain.better_share == 0.0
    assert evidence.tells_no_difference
    assert _guard(evidence) == "kept"
    assert _guard(evidence, min_gain=0.0) == "kept"
    decision = in_words(PROMOTED, evidence)
    assert decision.reason.startswith("no real difference: RMSE +0.0%")
    assert decision.decision == "promoted"


def test_the_last_digit_is_no_difference() -> None:
    """Though it is the same on every day."""
    days = _days()
    errors = np.random.default_rng(1).normal(0, 3, len(days))
    for factor in (1 - 1e-12, 1 + 1e-12):
        evidence = _evidence(factor * errors, errors, days)
        assert evidence.tells_no_difference
        assert _guard(evidence, min_gain=0.0) == "kept"


@settings(max_examples=25)
@given(
    st.integers(0, 2**32 - 1), st.floats(0.02, 0.5), st.floats(0.001, 0.009)
)
def test_a_model_that_is_better_every_day_passes(
    seed: int, share: float, too_little: float
) -> None:
    """By more than the smallest gain; by less it does not."""
    days = _days()
    errors = np.random.default_rng(seed).normal(0, 3, len(days))
    evidence = _evidence((1 - share) * errors, errors, days)
    for gain in evidence.gains.values():
        assert gain.gain == pytest.approx(share)
        assert gain.interval == pytest.approx((share, share))
        assert gain.better_share == 1.0
    assert not evidence.tells_no_difference
    assert _guard(evidence) == "promoted"
    less = _evidence((1 - too_little) * errors, errors, days)
    assert _guard(less) == "kept"
    assert _guard(less, min_gain=0.0005) == "promoted"


def test_the_interval_holds_a_known_difference() -> None:
    """In at least 93 % of 400 months whose days have much in common."""
    draw, held = np.random.default_rng(12), 0
    days = _days(30).astype(np.intp)
    truth = 1 - 1.9 / 2.0
    for _ in range(400):
        # What a day does to both models, more than it does to one.
        weather = draw.lognormal(0, 0.2, DAYS)[days]
        one = draw.lognormal(0, 0.05, DAYS)[days]
        base = draw.normal(0, 1, len(days)) * weather
        evidence = _evidence(
            1.9 * base * one, 2.0 * base, days.astype(np.float64)
        )
        interval = evidence.gains["rmse"].interval
        assert interval is not None
        # Of the months themselves: what the days do on average.
        expected = 1 - (1 - truth) * np.sqrt(np.exp(2 * 0.05**2))
        held += interval[0] <= expected <= interval[1]
    assert held / 400 >= 0.93


def test_a_few_days_are_never_sure() -> None:
    """There is a gain, and nobody knows what it is worth."""
    days = np.repeat(np.arange(FEWEST_DAYS - 1), 20).astype(np.float64)
    errors = np.random.default_rng(1).normal(0, 3, len(days))
    evidence = _evidence(0.5 * errors, errors, days)
    gain = evidence.gains["rmse"]
    assert (gain.interval, gain.better_share) == (None, None)
    assert gain.gain == pytest.approx(0.5)
    assert not evidence.tells_no_difference
    found = guard(PROMOTED, evidence=evidence, not_beaten=(), limits=LIMITS)
    assert found.decision == "kept"
    assert "6 days with trips: too few" in found.reasons[0]


def test_a_slice_that_gets_worse_is_told() -> None:
    """With enough trips; a few say nothing."""
    worse = SliceGain(rows=1_000, gains={"rmse": -0.051, "mae": 0.1})
    evidence = Evidence(
        days=30,
        draws=10_000,
        gains={
            each.name: Gain(gain=0.2, interval=(0.1, 0.3), better_share=1.0)
            for each in ERRORS
        },
        slices={"airport": {"yes": worse}},
    )
    found = guard(PROMOTED, evidence=evidence, not_beaten=(), limits=LIMITS)
    assert found.decision == "kept"
    (reason,) = found.reasons
    assert "1,000 trips of airport yes" in reason
    assert "+5.1%" in reason
    assert _guard(evidence, n_min=1_001) == "promoted"
    assert _guard(evidence, max_slice_loss=0.06) == "promoted"


def test_a_baseline_that_is_closer_is_told() -> None:
    """Also of a first model, which is compared with no other."""
    found = guard(
        PROMOTED,
        evidence=None,
        not_beaten=("zone-pair median",),
        limits=LIMITS,
    )
    assert found.decision == "kept"
    assert "'zone-pair median', which needs no model" in found.reasons[0]
    assert _guard(None) == "promoted"


@pytest.mark.parametrize("decision", ["kept", "refused"])
def test_the_guard_promotes_nothing_by_itself(decision: Any) -> None:
    """What the rule does not promote, evidence does not either."""
    days = _days()
    errors = np.random.default_rng(1).normal(0, 3, len(days))
    found = guard(
        Decision(decision, "because"),
        evidence=_evidence(0.5 * errors, errors, days),
        not_beaten=(),
        limits=LIMITS,
    )
    assert (found.decision, found.reasons) == (decision, ("because",))


def test_a_real_difference_is_told_by_its_figures() -> None:
    """Only what may be chance is put into other words."""
    days = _days()
    errors = np.random.default_rng(1).normal(0, 3, len(days))
    evidence = _evidence(0.9 * errors, errors, days)
    decision = decide(
        {"rmse": 2.7, "mae": 2.1, "r2": 0.9},
        current={"rmse": 3.0, "mae": 2.3, "r2": 0.8},
        gate_failures=(),
        min_improved=2,
    )
    assert in_words(decision, evidence) == decision
    assert in_words(decision, None) == decision
    assert evidence.in_words() == (
        "RMSE -10.0% (95 % certain: -10.0% to -10.0%),"
        " MAE -10.0% (95 % certain: -10.0% to -10.0%)"
    )


def test_a_current_model_without_an_error_cannot_be_beaten() -> None:
    """Nothing is divided by 0."""
    days = _days()
    evidence = _evidence(np.ones(len(days)), np.zeros(len(days)), days)
    gain = evidence.gains["rmse"]
    assert (gain.gain, gain.interval) == (None, None)
    assert evidence.in_words() == "RMSE was 0, MAE was 0"
    assert _guard(evidence) == "kept"
