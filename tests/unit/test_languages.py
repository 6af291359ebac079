"""Pages in another language: nothing is left in English, or half said."""

import ast
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from string import Formatter

import pytest
from jinja2 import Environment
from jinja2.ext import extract_from_ast

import taxi_fare
from taxi_fare.core.choices import LANGUAGES, Language
from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.evidence import Evidence, Gain, Guarded, SliceGain
from taxi_fare.core.gates import failures
from taxi_fare.core.language import catalog, recorded, say, speaking
from taxi_fare.core.metrics import METRICS
from taxi_fare.core.retold import retold
from taxi_fare.core.sections import (
    ErrorAnalysisSettings,
    GateSettings,
    PromotionSettings,
    ValidationSettings,
)
from taxi_fare.evaluation.error_causes import MEANINGS
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.evaluation.slices import OTHER, slices
from taxi_fare.registry.promotion import Decision, decide, guard, in_words
from taxi_fare.reports.monthly.metrics import JUDGEMENTS
from taxi_fare.reports.monthly.numbers import (
    count,
    dollars,
    number,
    percent,
)
from taxi_fare.reports.monthly.verdict import STANDINGS, WORDS
from taxi_fare.reports.monthly.words import moment, month, months, spoken
from taxi_fare.validation.rules import RULES, rule_meanings

PAGES = Path(taxi_fare.__file__).parent / "reports/monthly"
OTHERS = [each for each in LANGUAGES if each != "en"]
every_other = pytest.mark.parametrize("language", OTHERS)


def _gaps(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def _texts() -> Iterator[str]:
    """Give every text of the templates and of the code beside them."""
    for template in PAGES.glob("templates/*.jinja"):
        parsed = Environment().parse(template.read_text())
        for _, _, text in extract_from_ast(parsed, {"say"}):
            # Gaps are given beside it; what is no literal is None.
            first = text[0] if isinstance(text, tuple) else text
            yield from [first] if first else []
    for module in PAGES.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and node.args:
                called = getattr(node.func, "id", None)
                given = node.args[0]
                if called == "say" and isinstance(given, ast.Constant):
                    yield str(given.value)


def _stages() -> set[str]:
    """Name what a run tells the time of."""
    modules = PAGES.parents[1].rglob("*.py")
    return {
        name
        for module in modules
        for name in re.findall(r'stage_start\("(\w+)"', module.read_text())
    }


def _names() -> Iterator[str]:
    """Give what is named by another list of the project."""
    yield from COLUMN_TITLES.values()
    yield from MEANINGS.values()
    for metric in METRICS.values():
        yield from (metric.title, metric.meaning)
        if metric.better:
            yield f"{metric.better} is better"
    yield from (word for _, word in WORDS.values())
    yield from (*JUDGEMENTS.values(), *STANDINGS.values())
    yield from (spoken(rule.name) for rule in RULES)
    yield from map(spoken, _stages())
    yield from ("ok", "look", "act", "unknown", "all trips")
    for way in slices(ErrorAnalysisSettings()):
        yield spoken(way.name)
        if way.name == "borough":
            yield "Unknown"
        elif way.name != "vendor":
            yield from (level.replace("_", " ") for level in way.levels)
    yield OTHER


@every_other
@pytest.mark.parametrize("text", sorted({*_texts(), *_names()}))
def test_every_text_is_in_the_catalog(text: str, language: Language) -> None:
    """With the same gaps: another one would be filled by nothing."""
    told = catalog(language).get(text)
    assert told, f"{text!r} is not in the catalog"
    assert _gaps(told) == _gaps(text)


@every_other
def test_recorded_sentences_keep_their_gaps(language: Language) -> None:
    """And no catalog holds a text that it lost the translation of."""
    for found in (catalog(language), recorded(language)):
        for text, told in found.items():
            assert told, text
            assert _gaps(told) == _gaps(text)


def test_numbers_months_and_moments_are_written_as_in_french() -> None:
    """Spaces that do not break, commas, the sign of the dollar behind."""
    with speaking("fr"):
        assert count(12_345) == "12\u202f345"
        assert dollars(-1234.5) == "−1\u202f234,50\xa0$"
        assert number(0.9191, digits=3) == "0,919"
        assert percent(0.001) == "<\xa00,1\xa0%"
        assert month("2023-08") == "août 2023"
        assert (
            months(["2022-12", "2023-01"]) == "décembre 2022 et janvier 2023"
        )
        assert moment("2023-07-02T08:05:00+00:00") == (
            "2 juillet 2023, 08:05 UTC"
        )
    assert count(12_345) == "12,345"


def test_a_language_ends_with_its_page() -> None:
    """Also where the page ends in an error."""
    with pytest.raises(RuntimeError), speaking("fr"):
        raise RuntimeError
    assert say("Errors") == "Errors"


@pytest.mark.parametrize("text", ["{", "{0}", "{name}", "100 %", "Errors {"])
def test_names_with_braces_are_names(text: str) -> None:
    """Of a rule or a level that a document has."""
    for language in LANGUAGES:
        with speaking(language):
            assert say(text) == text
            assert retold(text) == text


def _gain(gain: float | None, *interval: float) -> Gain:
    low_high = (interval[0], interval[1]) if interval else None
    return Gain(gain=gain, interval=low_high, better_share=0.5)


def _evidence(gain: Gain, **slices: SliceGain) -> Evidence:
    return Evidence(
        days=3,
        draws=10_000,
        gains={"rmse": gain, "mae": _gain(0.013, 0.001, 0.02)},
        slices={"payment_type": slices, "price_bucket": {}},
    )


GUARDED = PromotionSettings(rule="guarded")
WON = Decision(
    "promoted",
    "2 of 2 metrics improve, 2 are needed (rmse 4.3486 -> 4.1157, r2 0.9098"
    " -> 0.9192)",
)
EVIDENCE = [
    _evidence(_gain(0.05, 0.01, 0.09)),
    _evidence(_gain(0.002, -0.01, 0.02)),
    _evidence(_gain(0.002)),
    _evidence(_gain(None)),
    _evidence(
        _gain(0.05, 0.01, 0.09),
        cash=SliceGain(rows=12_345, gains={"rmse": -0.12}),
        no_charge=SliceGain(rows=12_345, gains={"rmse": None}),
    ),
]


@pytest.mark.parametrize("evidence", EVIDENCE)
@pytest.mark.parametrize("decision", ["promoted", "kept", "refused"])
def test_what_the_guarded_rule_says(
    evidence: Evidence, decision: str, in_french: Callable[[str], str]
) -> None:
    """Its reasons, and beside those of another rule."""
    found = guard(
        WON, evidence=evidence, not_beaten=["tariff"], limits=GUARDED
    )
    reasons = guard(WON, evidence=evidence, not_beaten=[], limits=GUARDED)
    for each in (*found.reasons, *reasons.reasons, evidence.in_words()):
        in_french(each)
    for each in (found, Guarded(decision="refused", reasons=found.reasons)):
        in_french(each.beside(decision))
    chance = _evidence(_gain(0.002, -0.01, 0.02))
    chance.gains["mae"] = chance.gains["rmse"]
    in_french(in_words(WON, chance).reason)


def test_what_the_rule_says(in_french: Callable[[str], str]) -> None:
    """First, better, worse and refused models."""
    metrics = Metrics(rows=9, rmse=20.0, mae=18.0, r2=-1.0, bias=0.0)
    missed = failures(check_quality(metrics, gates=GateSettings()))
    assert len(missed) == 4
    one, other = ({"rmse": x, "mae": 1.0, "r2": 0.9} for x in (4.0, 3.0))
    for candidate, current, lacks in (
        (one, None, []),
        (one, other, []),
        (other, one, []),
        (one, None, missed),
    ):
        found = decide(
            candidate, current=current, gate_failures=lacks, min_improved=2
        )
        in_french(found.reason)


def test_what_rules_ask_for(in_french: Callable[[str], str]) -> None:
    """With their limits, in the figures of the language."""
    told = [
        in_french(each)
        for each in rule_meanings(ValidationSettings()).values()
    ]
    assert "le total est d'au plus 1\u202f000 dollars" in told


def test_a_person_s_own_words_stay() -> None:
    """Whoever rolled back wrote why; also where the words are of ours."""
    for words in (
        "because it rained",
        "2 of 3 boroughs flooded; closed",
        "data of June is broken or late",
        "revert to release 1.2",
        "see ticket 1,234",
        "Sunday or Monday",
        "ok",
        "look",
    ):
        with speaking("fr"):
            assert retold(words) == words


@pytest.mark.parametrize(
    "part",
    [
        *("x of the 1 trips of 1 1", "x of the 1 trips of ", "1 ", "a, "),
        *("x or ", "accuracy: ", "a: that may be chance; ", "x differs from "),
        *("(", "no real difference: ", "RMSE -1.0% ", "x (", "is missed (1"),
    ],
)
def test_no_sentence_takes_for_ever(part: str) -> None:
    """Whatever a person wrote; a page waits for it."""
    started = time.process_time()
    with speaking("fr"):
        for length in (500, 3_999, 100_000):
            told = retold((part * length)[:length])
            assert len(told) > length / 3
    assert time.process_time() - started < 3


def test_figures_in_a_sentence_are_written_as_in_french() -> None:
    """Months and models are not figures."""
    with speaking("fr"):
        told = retold(WON.reason)
        assert told.endswith("(rmse 4,3486 -> 4,1157, r2 0,9098 -> 0,9192)")
        assert retold("RMSE -6.4% (95 % certain: -16.1% to +5.1%)") == (
            "RMSE -6,4\xa0% (certain à 95 %\xa0: -16,1\xa0% à +5,1\xa0%)"
        )
        assert re.fullmatch(
            r"Il n'y avait pas de modèle .* à l'arrivée de 2023-05\W.*",
            retold(
                "There was no model in production when 2023-05 came: it is"
                " compared with other months alone."
            ),
        )
