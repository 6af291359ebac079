"""A limit, a figure and whether it is kept; the sentence follows from them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.gates import Gate, GateCheck, check_gates, gate_title
from taxi_fare.core.sections import GateSettings, PlausibilitySettings
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.plausibility_gates import PLAUSIBILITY_GATES
from taxi_fare.evaluation.quality_gates import QUALITY_GATES, check_quality

NUMBERS = st.floats(-1e6, 1e6)
GOOD = Metrics(rows=9, rmse=4.0, mae=2.0, r2=0.9, bias=0.1)


@given(NUMBERS, NUMBERS)
def test_a_limit_and_its_opposite_are_never_both_kept(
    value: float, limit: float
) -> None:
    """Whatever the figure; what is no number keeps no limit at all."""
    for sign, opposite in (("<", ">="), ("<=", ">")):
        kept = [
            GateCheck("x", value=value, sign=each, limit=limit).passed
            for each in (sign, opposite)
        ]
        assert sorted(kept) == [False, True]
        for figures in ((math.nan, limit), (value, math.nan)):
            check = GateCheck(
                "x", value=figures[0], sign=sign, limit=figures[1]
            )
            assert not check.passed


@given(st.floats(1e-6, 1e6), st.sampled_from([1 - 1e-15, 1.0, 1 + 9e-10]))
def test_two_metrics_may_differ_in_their_last_digit(
    value: float, factor: float
) -> None:
    """Equal errors make MAE and RMSE equal, but for rounding; no more."""
    compared = {"sign": "<=", "limit": value, "limit_metric": "rmse"}
    assert GateCheck("mae", value=value * factor, **compared).passed
    for more in (1 + 1.1e-9, 1 + 1e-6, 2):
        assert not GateCheck("mae", value=value * more, **compared).passed


def test_a_report_has_the_sentence_and_its_parts() -> None:
    """The keys of before, and what they are made of."""
    *_, order = check_quality(GOOD, gates=GateSettings())
    assert order.to_document() == {
        "gate": "mae <= rmse",
        "value": 2.0,
        "passed": True,
        "metric": "mae",
        "sign": "<=",
        "limit": 4.0,
        "limit_metric": "rmse",
    }
    whole = GateCheck("damaged files", value=1, sign="<=", limit=0)
    assert whole.to_document() == {
        "gate": "damaged files <= 0",
        "value": 1,
        "passed": False,
        "metric": "damaged files",
        "sign": "<=",
        "limit": 0,
        "limit_metric": None,
    }


def test_people_read_titles() -> None:
    """From the parts; a report without them is shown as it was written."""
    checks = check_quality(GOOD, gates=GateSettings())
    assert [gate_title(each.to_document()) for each in checks] == [
        "RMSE < 10",
        "R² > 0",
        "R² > 0.5",
        "MAE < 15",
        "MAE ≤ RMSE",
    ]
    share = GateCheck(
        "2023-06: share of valid trips", value=1, sign=">=", limit=0.8
    )
    assert (
        gate_title(share.to_document())
        == "2023-06: share of valid trips ≥ 0.8"
    )
    assert gate_title({"gate": "mae <= rmse"}) == "mae <= rmse"


def test_what_is_not_known_is_not_judged() -> None:
    """Neither a figure that is None, nor a limit that is."""
    gates = (Gate("a", "<", 1), Gate("b", "<", "a"), Gate("b", ">", "least"))
    [check] = check_gates(
        gates, figures={"a": None, "b": 2.0}, settings={"least": 1.0}
    )
    assert (check.gate, check.passed) == ("b > 1", True)


@pytest.mark.parametrize(
    ("gates", "section"),
    [
        (QUALITY_GATES, GateSettings()),
        (PLAUSIBILITY_GATES, PlausibilitySettings()),
    ],
)
def test_every_limit_in_the_settings_has_a_gate(
    gates: tuple[Gate, ...], section: GateSettings | PlausibilitySettings
) -> None:
    """A setting that nothing reads would be a limit that nobody keeps."""
    read = " ".join(f"{gate.limit} {gate.words}" for gate in gates)
    unread = [name for name in section.model_dump() if name not in read]
    assert unread == []
