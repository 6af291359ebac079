"""Decisions in the app: by the rule that took them, metric by metric."""

import json
from collections.abc import Callable
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from fare_app.decisions import Beside, banner, changes, sentence, why
from fare_app.places import Places
from fare_app.words import LANGUAGES, Words
from taxi_fare.registry.records import HistoryEntry

ShowPage = Callable[..., AppTest]
Pair = tuple[dict[str, Any], dict[str, Any]]
every_language = pytest.mark.parametrize("language", LANGUAGES)
SURE = {"gain": 0.05, "interval": [0.01, 0.09], "better_share": 0.99}
CHANCE = {"gain": 0.002, "interval": [-0.05, 0.05], "better_share": 0.53}
PAIRS = [*product((SURE, CHANCE), repeat=2)]
THEIRS = {"rmse": 5.51, "mae": 1.91, "r2": 0.871}
OURS = {"rmse": 4.12, "mae": 1.43, "r2": 0.911}
COUNTED = "3 of 3 metrics improve, 2 are needed (rmse 5.51 -> 4.12)"
REASONS = [
    "RMSE -0.4% (95 % certain: -0.9% to -0.1%): a gain of 1.0% is needed",
    "the baseline 'zone-pair median', which needs no model, is closer",
]


def _text(shown: AppTest) -> str:
    assert not shown.exception, [each.message for each in shown.exception]
    kinds = ("markdown", "caption", "info", "error")
    parts = [each.value for kind in kinds for each in shown.get(kind)]
    parts += [each.value.to_csv() for each in shown.dataframe]
    return "\n".join(map(str, parts)).replace("\\", "")


def _write_promotion(places: Places, **changes: Any) -> None:
    """Change what was decided last."""
    file = places.reports / "train_metrics.json"
    document = json.loads(file.read_text())
    document["promotion"] |= changes
    file.write_text(json.dumps(document))


def _write_entry(places: Places, **changes: Any) -> None:
    """Change the last decision of the history."""
    file = places.registry / "model_registry.json"
    document = json.loads(file.read_text())
    document["history"][-1] |= changes
    file.write_text(json.dumps(document))


def _evidence(rmse: dict[str, Any], mae: dict[str, Any]) -> dict[str, Any]:
    gains = {"rmse": rmse, "mae": mae}
    return {"days": 30, "draws": 10_000, "gains": gains, "slices": {}}


@pytest.mark.parametrize("decision", ["promoted", "kept"])
@every_language
def test_both_pages_tell_why_the_guarded_rule_decided(
    decision: str, language: Any, places: Places, show_page: ShowPage
) -> None:
    """Not what a rule that counts metrics would say."""
    evidence, reason = _evidence(SURE, SURE), "; ".join(REASONS)
    _write_promotion(
        places,
        rule="guarded",
        decision=decision,
        reason=reason,
        evidence=evidence,
        guarded={"decision": decision, "reasons": REASONS},
    )
    gains = evidence["gains"]
    _write_entry(places, event=decision, reason=reason, gains=gains)
    for page in ("overview", "registry"):
        text = _text(show_page(page, places, language))
        assert Words(language).retold(reason) in text, page
        assert "3 of 3" not in text and "3 métriques sur 3" not in text


@every_language
@pytest.mark.parametrize("decision", ["promoted", "kept"])
@pytest.mark.parametrize("pair", PAIRS)
def test_what_the_guarded_rule_recorded_is_told(
    decision: str, pair: Pair, language: Any
) -> None:
    """Whatever the intervals hold."""
    gains = dict(zip(("rmse", "mae"), pair, strict=True))
    words, reason = Words(language), "; ".join(REASONS)
    figures = Beside(OURS, THEIRS, gains, "guarded")
    told = sentence(decision, reason=reason, figures=figures, words=words)
    assert told == words("decision.by_guarded", reason=reason)
    entry = _entry(event=decision, reason=reason, gains=gains)
    assert words.retold(reason) in why(entry, words)


@every_language
@pytest.mark.parametrize("needed", [1, 2, 3])
def test_how_many_must_improve_is_what_the_rule_asked_for(
    needed: int, language: Any
) -> None:
    """The figure of the decision; none where nobody wrote it down."""
    worse = OURS | {"mae": 2.0, "r2": 0.8}
    words = Words(language)
    for reason, known in (
        (f"1 of 3 metrics improve, {needed} are needed (rmse 5 -> 4)", True),
        ("a reason", False),
    ):
        told = why(_entry(reason=reason, metrics=worse), words)
        assert "RMSE" in told
        assert (words("decision.needed", needed=needed) in told) == known
        assert ("at least" in told or "au moins" in told) == known


@every_language
@pytest.mark.parametrize("decision", ["promoted", "kept"])
@pytest.mark.parametrize(
    ("pair", "chance", "better"),
    [((CHANCE, SURE), "RMSE, R²", "MAE"), ((SURE, CHANCE), "MAE", "RMSE, R²")],
)
def test_what_may_be_chance_is_no_improvement(
    decision: str, pair: Pair, chance: str, better: str, language: Any
) -> None:
    """Each metric by its own interval; R² by that of RMSE."""
    words = Words(language)
    gains = dict(zip(("rmse", "mae"), pair, strict=True))
    figures = Beside(OURS, THEIRS, gains, needed=2)
    told = sentence(decision, reason="", figures=figures, words=words)
    assert words("decision.standing_no_difference", names=chance) in told
    assert words("decision.standing_better", names=better) in told
    assert words("decision.needed", needed=2) in told
    semicolon = {"en": "; ", "fr": "\N{NO-BREAK SPACE}; "}[words.language]
    assert semicolon in told
    assert "improve" not in told and "améliorent" not in told


def test_a_card_may_be_chance_beside_one_that_is_not(
    places: Places, show_page: ShowPage
) -> None:
    """Its distance has no colour."""
    _write_promotion(places, evidence=_evidence(CHANCE, SURE))
    shown = show_page("quality", places)
    found = {each.label: each.proto for each in shown.metric}
    told = {name: each.delta_description for name, each in found.items()}
    assert told["RMSE"] == told["R²"] == "no real difference"
    assert told["MAE"] == "vs production"


@every_language
@pytest.mark.parametrize("decision", ["promoted", "kept", "refused"])
@pytest.mark.parametrize("told", ["promoted", "kept", "refused"])
def test_what_the_guarded_rule_would_have_done_has_its_reasons(
    decision: str, told: str, language: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it promotes too: what for is the evidence beside it."""
    words, said = Words(language), []
    for box in ("info", "error"):
        monkeypatch.setattr(f"streamlit.{box}", lambda *_, **__: None)
    app: Any = SimpleNamespace(
        words=words, note=lambda key, **gaps: said.append(words(key, **gaps))
    )
    promotion = {
        "decision": decision,
        "reason": COUNTED,
        "current_metrics": THEIRS,
        "guarded": {"decision": told, "reasons": REASONS[1:]},
    }
    document = {"metrics": OURS, "promotion": promotion}
    banner(app, metrics=document, test_month="2023-06")
    both, reasons = decision == told, words.retold(REASONS[1])
    key = f"decision.guarded_{told}{'_too' * both}"
    assert said == [words(key, reasons=reasons)]
    assert (reasons in said[0]) == (not both or told != "promoted")
    promotion["rule"] = "guarded"
    banner(app, metrics=document, test_month="2023-06")
    assert len(said) == 1


def _entry(**changes: Any) -> HistoryEntry:
    return HistoryEntry.model_validate(
        {
            "run_id": "run",
            "run_key": "key",
            "model_id": "2023-06_v",
            "timestamp": "2026-01-01T08:05:00+00:00",
            "event": "kept",
            "reason": COUNTED,
            "train_months": ["2023-03"],
            "test_month": "2023-06",
            "metrics": OURS,
            "current_metrics": THEIRS,
            "compared_with": "before",
            "simulated": False,
        }
        | changes
    )


@every_language
@pytest.mark.parametrize("event", ["promoted", "kept", "refused"])
@pytest.mark.parametrize("pair", PAIRS)
def test_every_decision_of_the_history_says_what_it_is_worth(
    event: str, pair: Pair, language: Any
) -> None:
    """Once, by which rule it ever was taken."""
    gains = dict(zip(("rmse", "mae"), pair, strict=True))
    words = Words(language)
    for reason in (COUNTED, REASONS[1]):
        told = why(_entry(event=event, reason=reason, gains=gains), words)
        assert told.count(changes(gains, words)) == 1
        assert changes(gains, words)


def test_a_decision_without_evidence_says_nothing_of_it() -> None:
    """A first model, and what an older registry has."""
    for current in (THEIRS, None):
        entry = _entry(event="promoted", current_metrics=current)
        assert "certain" not in why(entry, Words("en"))
