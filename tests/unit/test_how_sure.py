"""What may be chance is told as that, metric by metric, wherever it is."""

import json
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.cli.show import new_console
from taxi_fare.cli.show_evidence import show_evidence
from taxi_fare.cli.show_registry import show_history
from taxi_fare.core.evidence import (
    Evidence,
    Gain,
    Guarded,
    difference_in_words,
    gains_in_words,
    may_be_chance,
    standings,
    worth,
)
from taxi_fare.core.language import speaking
from taxi_fare.core.manifest import Promotion, TrainMetrics
from taxi_fare.core.metrics import COMPARED, METRICS
from taxi_fare.core.sections import PromotionSettings
from taxi_fare.evaluation.compared_models import ComparedByDay
from taxi_fare.registry.promotion import (
    Decision,
    decide,
    guard,
    in_words,
    needed_in,
)
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.monthly.index import index_page
from taxi_fare.reports.monthly.metrics import metric_rows
from taxi_fare.reports.monthly.verdict import verdict
from taxi_fare.run.judge import _decided

DOCUMENTS = Path(__file__).parents[1] / "data/documents"
# By what share of the error: what is sure, what holds 0, few days.
KINDS = {
    "better": (0.05, (0.01, 0.09)),
    "chance better": (0.002, (-0.05, 0.05)),
    "chance worse": (-0.002, (-0.05, 0.05)),
    "worse": (-0.05, (-0.09, -0.01)),
    "few days": (0.05, None),
}
PAIRS = [*product(KINDS, KINDS)]
THEIRS = {"rmse": 5.0, "mae": 2.0, "r2": 0.9}
every_pair = pytest.mark.parametrize(("rmse", "mae"), PAIRS)


def _gain(kind: str) -> Gain:
    gain, interval = KINDS[kind]
    return Gain(gain=gain, interval=interval, better_share=0.5)


def _evidence(rmse: str, mae: str) -> Evidence:
    gains = {"rmse": _gain(rmse), "mae": _gain(mae)}
    return Evidence(days=30, draws=10_000, gains=gains, slices={})


def _ours(rmse: str, mae: str) -> dict[str, float]:
    """Return what the new model errs, as its gains say."""
    gains = {"rmse": KINDS[rmse][0], "mae": KINDS[mae][0]}
    errors = {name: THEIRS[name] * (1 - each) for name, each in gains.items()}
    return errors | {"r2": THEIRS["r2"] + 0.1 * gains["rmse"]}


def _unsure(rmse: str, mae: str) -> list[str]:
    return [
        *["RMSE", "R²"] * rmse.startswith("chance"),
        *["MAE"] * mae.startswith("chance"),
    ]


def _decide(rmse: str, mae: str, **known: Any) -> Decision:
    return decide(
        _ours(rmse, mae),
        current=THEIRS,
        gate_failures=(),
        min_improved=2,
        **known,
    )


def _run(rmse: str, mae: str, **changes: Any) -> TrainMetrics:
    """Return a run that the rule decided, with its evidence."""
    document = json.loads((DOCUMENTS / "train_metrics.json").read_text())
    evidence, bare = _evidence(rmse, mae), _decide(rmse, mae)
    document["metrics"] |= _ours(rmse, mae)
    document["promotion"] |= {
        "decision": bare.decision,
        "reason": in_words(
            _decide(rmse, mae, evidence=evidence), evidence
        ).reason,
        "improved": bare.improved,
        "current_metrics": THEIRS,
        "evidence": evidence.model_dump(mode="json"),
    } | changes
    return TrainMetrics.model_validate(document)


def test_every_metric_has_an_interval_or_another_s() -> None:
    """R² is better exactly when RMSE is, so it is as sure."""
    gains = _evidence("chance better", "better").gains
    found = {each.name: may_be_chance(each, gains) for each in COMPARED}
    assert found == {"rmse": True, "mae": False, "r2": True}
    for each in COMPARED:
        assert not may_be_chance(each, {})


@every_pair
def test_evidence_changes_words_and_no_decision(
    rmse: str, mae: str, in_french: Callable[[str], str]
) -> None:
    """The rule counts figures as they are; nothing is said to improve."""
    evidence, bare = _evidence(rmse, mae), _decide(rmse, mae)
    found = in_words(_decide(rmse, mae, evidence=evidence), evidence)
    assert (found.decision, found.improved) == (bare.decision, bare.improved)
    assert needed_in(found.reason) == 2
    chance = _unsure(rmse, mae)
    assert ("improve" in found.reason) == (not chance)
    assert found.reason.startswith("no real difference") == bool(chance)
    if 0 < len(chance) < len(COMPARED):
        told = f"no real difference in {', '.join(chance)}: "
        assert found.reason.startswith(told)
    in_french(found.reason)


@pytest.mark.parametrize(
    "reason",
    [
        "3 of 3 metrics improve, 2 are needed (rmse 5.0000 -> 4.9900)",
        "no real difference: RMSE -0.1% (95 % certain: -2.0% to +2.0%), MAE"
        " -0.2% (95 % certain: -2.0% to +2.0%); the rule takes figures as they"
        " are: 3 of 3 metrics improve, 2 are needed (rmse 5.0 -> 4.9)",
    ],
)
def test_reasons_of_before_are_told_as_well(
    reason: str, in_french: Callable[[str], str]
) -> None:
    """A registry keeps them for years."""
    assert needed_in(reason) == 2
    assert "il en faut 2" in in_french(reason)


def test_a_gate_refuses_whatever_may_be_chance() -> None:
    """Its reason is no figure of a rule that counts."""
    evidence = _evidence("chance better", "chance better")
    refused = Decision("refused", "rmse < 10 is missed (12.3)")
    assert in_words(refused, evidence) == refused


@every_pair
def test_the_report_says_of_each_metric_what_is_sure(
    rmse: str, mae: str, english_in: Callable[[str], list[str]]
) -> None:
    """In its first sentence and its first table, in both languages."""
    run, chance = _run(rmse, mae), _unsure(rmse, mae)
    why = verdict(run).why
    assert ("no real difference" in why) == bool(chance)
    counted = re.search(r"better than .* in (\d) of", why)
    assert bool(counted) == (not chance)
    if 0 < len(chance) < len(COMPARED):
        # In the order of the metrics, and never among the better ones.
        titles = [x.title for x in COMPARED if x.title in chance]
        assert f"no real difference in {', '.join(titles)}" in why
        sure = "MAE" if "RMSE" in chance else "RMSE, R²"
        kind = (mae if "RMSE" in chance else rmse).replace(
            "few days", "better"
        )
        assert f"{kind} in {sure}" in why
    rows = {x.name: x.judgement for x in metric_rows(run)}
    for each in COMPARED:
        is_chance = each.title in chance
        assert (rows[each.title] == "no real difference") == is_chance
    with speaking("fr"):
        told = [verdict(run).why, *(x.judgement for x in metric_rows(run))]
    assert english_in(" ".join(told)) == []


def test_figures_that_are_equal_are_the_same() -> None:
    """Whatever an interval holds."""
    gains = _evidence("chance better", "better").gains
    found = standings(THEIRS, THEIRS, gains)
    assert found == {"same": [*COMPARED]}


@pytest.mark.parametrize("decision", ["promoted", "kept", "refused"])
@pytest.mark.parametrize("told", ["promoted", "kept", "refused"])
def test_the_guarded_rule_always_gives_its_reasons(
    decision: str, told: Any, in_french: Callable[[str], str]
) -> None:
    """Unless it promotes too: what for is the evidence beside it."""
    reason = "6 days with trips: too few to be sure"
    found = Guarded(decision=told, reasons=(reason,)).beside(decision)
    in_french(found)
    both = told == decision
    assert (" too" in found.partition(":")[0].rstrip(".")) == both
    assert (reason in found) == (not both or told != "promoted")


@pytest.mark.parametrize("rule", ["two_of_three", "guarded"])
@every_pair
def test_what_is_recorded_says_what_may_be_chance(
    rule: Any, rmse: str, mae: str
) -> None:
    """Under both rules, also where neither promotes."""
    evidence = _evidence(rmse, mae)
    decision = _decide(rmse, mae, evidence=evidence)
    limits = PromotionSettings(rule=rule)
    found = _decided(decision, ComparedByDay(evidence, {}, ()), limits)
    guarded = guard(decision, evidence=evidence, not_beaten=(), limits=limits)
    if rule == "guarded":
        assert found["decision"] == guarded.decision
    if rule == "guarded" and decision.decision == "promoted":
        assert found["reason"] == "; ".join(guarded.reasons)
        return
    expected = in_words(decision, evidence)
    assert found["reason"] == expected.reason
    if _unsure(rmse, mae):
        assert "improve" not in "; ".join(guarded.reasons)


def _printed(promotion: Promotion) -> None:
    show_evidence(promotion, new_console(soft_wrap=True))


@every_pair
def test_the_command_line_says_how_sure_it_is(
    rmse: str, mae: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once, and without a heading that knows the result."""
    promotion = _run(rmse, mae).promotion
    _printed(promotion)
    out = capsys.readouterr().out
    assert promotion.evidence is not None
    told = promotion.evidence.in_words()
    assert (out + promotion.reason).count(told) == 1
    assert "Less" not in out and "better" not in out.partition(":")[0]


@every_pair
def test_two_versions_say_which_metric_may_be_chance(
    rmse: str, mae: str
) -> None:
    """As a decision does; without chance, the gains alone."""
    gains = _evidence(rmse, mae).gains
    told, chance = difference_in_words(gains), _unsure(rmse, mae)
    assert told.endswith(gains_in_words(gains))
    assert told.startswith("no real difference") == bool(chance)


def _entry(**changes: Any) -> HistoryEntry:
    entry = json.loads((DOCUMENTS / "model_registry.json").read_text())
    return HistoryEntry.model_validate(entry["history"][-1] | changes)


@every_pair
@pytest.mark.parametrize("event", ["promoted", "kept", "refused"])
def test_every_decision_of_a_history_says_what_it_is_worth(
    rmse: str, mae: str, event: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Once: on the command line, and on the page in both languages."""
    evidence = _evidence(rmse, mae)
    bare = _decide(rmse, mae)
    for reason in (bare.reason, in_words(bare, evidence).reason):
        entry = _entry(event=event, reason=reason, gains=evidence.gains)
        show_history([entry])
        told = evidence.in_words()
        assert capsys.readouterr().out.count(told) == 1
        page = index_page([entry], pages=set()).replace("\xa0", " ")
        assert page.count(told) == 1
        with speaking("fr"):
            french = index_page([entry], pages=set())
        expected = 2 - (rmse == "few days") - (mae == "few days")
        assert french.count("certain à 95") == expected


def test_a_decision_without_evidence_says_nothing_of_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A first model, an older registry, a person."""
    entry = _entry()
    assert worth(entry.gains, reason=entry.reason) == ""
    show_history([entry])
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_every_metric_that_is_told_by_another_names_one() -> None:
    """With an interval of its own."""
    for each in METRICS.values():
        assert not each.sure_as or not METRICS[each.sure_as].sure_as
