"""The page of a run: from its documents, for people, safe to open."""

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core.columns import FEATURES
from taxi_fare.core.files import write_text
from taxi_fare.core.gates import GateCheck
from taxi_fare.core.language import speaking
from taxi_fare.core.manifest import Manifest
from taxi_fare.reports.documents.errors import (
    ErrorByPriceBucket,
    ErrorSummary,
)
from taxi_fare.reports.documents.trips import IngestedCounts
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.monthly.page import (
    RunDocuments,
    monthly_page,
    monthly_pages,
)
from taxi_fare.reports.monthly.pages import (
    earlier_report,
    in_language,
    monthly_report_name,
)
from taxi_fare.run import record

HOSTILE = (
    """<script>alert('x')</script>"><img src=x onerror=alert(1)>&amp;"""
    "\x1b[2J\u202e"
)
VOID = {"meta", "link", "br", "img", "input", "hr"}
# May hold an address, and would make the browser fetch it.
FETCHING = {"src", "srcset", "data", "poster", "action", "background"}
METRICS = {"rows": 9_983, "rmse": 4.1157, "mae": 1.4312, "r2": 0.9192}
FIGURES = {
    "count": 9_983,
    "mean_error": -0.25,
    "rmse": 4.1157,
    "mae": 1.4312,
    "min_error": -96.87,
    "max_error": 1_089.82,
    "pct_underestimate": 56.2,
    "pct_overestimate": 43.8,
    "mean_total_amount": 19.46,
} | {
    f"{name}_{kind}": sign * value
    for kind, sign in (("error", -1), ("abs_error", 1))
    for name, value in (
        ("p25", 0.36),
        ("median", 0.81),
        ("p75", 1.62),
        ("p95", 5.12),
        ("p99", 12.27),
    )
}
DOCUMENTS = Path(__file__).parents[1] / "data/documents"
WATCHED = json.loads((DOCUMENTS / "watch.json").read_text())
TRIP = {
    "total_amount": 15.6,
    "prediction": 112.47,
    "error": -96.87,
    "probable_causes": ["negotiated_fare", "a_new_cause"],
    "features": dict.fromkeys(FEATURES, 1.0)
    | {
        "trip_distance": 17.25,
        "pickup_hour": 23,
        "PULocationID": "132",
        "DOLocationID": "unknown",
    },
}
HEADER = {
    "schema_version": 1,
    "run_id": "20230702T080000Z-abcdef",
    "timestamp": "2023-07-02T08:05:00+00:00",
    "simulated": False,
}
MONTHS = ("2023-02", "2023-03", "2023-04", "2023-05")


def _promotion(decision: str, *, compared: bool) -> dict[str, Any]:
    theirs = {"rows": 9_983, "rmse": 4.3486, "mae": 1.4, "r2": 0.9098}
    return {
        "decision": decision,
        "reason": "the recorded reason",
        "improved": ["rmse", "r2"] if compared else [],
        "compared_with": "2023-04_before" if compared else None,
        "current_metrics": theirs | {"bias": 0.31} if compared else None,
        "current_trained_on_test_month": False,
    }


def _manifest(decision: str, *, compared: bool) -> dict[str, Any]:
    return HEADER | {
        "mode": "sliding_window",
        "rmse": METRICS["rmse"],
        "mae": METRICS["mae"],
        "r2": METRICS["r2"],
        "model_id": "2023-05_20230702T080000Z-abcdef",
        "run_key": "ab" * 32,
        "metrics": METRICS | {"bias": -0.25},
        "data": {
            "train_months": list(MONTHS[:3]),
            "test_month": "2023-05",
            "train_rows": 29_941,
            "test_rows": 9_983,
            "rejected_rows": 28,
            "months": {
                month: {
                    "rows": 9_990,
                    "valid_rows": 9_983,
                    "rejected_rows": 7,
                    "violations": {"total_above_limit": 7, "time_missing": 0},
                }
                for month in MONTHS
            },
        },
        "recipe": {
            "name": "gbt-onehot",
            "algorithm": "gbt",
            "encoding": "onehot",
            "parameters": {"max_depth": 6, "max_iter": 50, "seed": 42},
            "partitions": 2,
        },
        "seconds": {"validate": 14.7, "fit": 126.5, "error_analysis": 4.5},
        "gates": [
            gate.to_document()
            for gate in (
                GateCheck("rmse", value=4.1157, sign="<", limit=10),
                GateCheck(
                    "mae",
                    value=1.4312,
                    sign="<=",
                    limit=4.1157,
                    limit_metric="rmse",
                ),
            )
        ],
        "promotion": _promotion(decision, compared=compared),
        "report": "monthly/2023-05/report.html",
        "fingerprints": dict.fromkeys(MONTHS, "cd" * 32),
        "seed": 42,
        "features": {"version": 2, "names": list(FEATURES), "levels": {}},
        "feature_importance": dict.fromkeys(FEATURES, 0.02)
        | {"trip_distance": 0.78},
        "versions": {"python": "3.11.7", "pyspark": "4.3.0"},
        "git_commit": "0123456789abcdef",
        "files": {},
    }


@dataclass(frozen=True)
class Run:
    """The documents of a run, as JSON holds them."""

    manifest: dict[str, Any]
    errors: dict[str, Any]
    buckets: dict[str, Any]
    ingest: dict[str, Any]
    rules: dict[str, str]
    causes: dict[str, str]


def documents_of(run: Run) -> RunDocuments:
    """The documents of a run, as the page takes them."""
    return RunDocuments(
        manifest=Manifest.model_validate(run.manifest),
        errors=ErrorSummary.model_validate(HEADER | run.errors),
        buckets=ErrorByPriceBucket.model_validate(HEADER | run.buckets),
        ingest={
            month: IngestedCounts.model_validate(each)
            for month, each in run.ingest.items()
        },
        rules=run.rules,
        causes=run.causes,
    )


def page_of(run: Run) -> str:
    """The page of a run."""
    return monthly_page(documents_of(run))


def documents(decision: str = "promoted", *, compared: bool = True) -> Run:
    """The documents of a run."""
    figures = FIGURES | {"pct_of_trips": 72.9, "pct_of_absolute_error": 50.1}
    nobody = {"count": 0, "pct_of_trips": 0.0, "pct_of_absolute_error": 0.0}
    came = {
        "raw_rows": 10_000,
        "valid_rows": 9_990,
        "rejected_rows": 10,
        "rejected": {"dropoff_missing": 10, "location_missing": 0},
        "source": "raw/yellow_tripdata.parquet",
        "simulated": False,
    }
    return Run(
        manifest=_manifest(decision, compared=compared),
        errors=FIGURES
        | {
            "insights": ["Half of the predictions are near, 95 % as well."],
            "worst_errors": [TRIP, TRIP | {"prediction": -3.5}],
        },
        buckets={
            "buckets": {
                "low": {"above_dollars": 0.0, "up_to_dollars": 10.0} | figures,
                "high": {"above_dollars": 10.0, "up_to_dollars": 60.0}
                | nobody,
                "very_high": {"above_dollars": 60.0, "up_to_dollars": None}
                | figures,
            }
        },
        # A month that another program wrote has no record.
        ingest=dict.fromkeys(MONTHS[1:], came),
        rules={"dropoff_missing": "the dropoff time is known"},
        causes={"negotiated_fare": "a negotiated fare"},
    )


def _legacy(decision: str) -> Run:
    found = documents(decision, compared=False)
    split = {"train_share": 0.8, "seed": 42}
    data = found.manifest["data"] | {"test_month": None, "split": split}
    manifest = dict(found.manifest) | {"mode": "legacy", "data": data}
    return replace(found, manifest=manifest)


def _refused(*, compared: bool) -> Run:
    found = documents("refused", compared=compared)
    missed = GateCheck("rmse", value=12.3, sign="<", limit=10)
    gates = [missed.to_document(), *found.manifest["gates"][1:]]
    return replace(found, manifest=dict(found.manifest) | {"gates": gates})


VARIANTS = {
    "promoted": documents(),
    "first": documents(compared=False),
    "kept": documents("kept"),
    "refused": _refused(compared=True),
    "refused first": _refused(compared=False),
    "legacy": _legacy("promoted"),
    "legacy refused": _legacy("refused"),
}
every_variant = pytest.mark.parametrize(
    "run", VARIANTS.values(), ids=list(VARIANTS)
)


class Page(HTMLParser):
    """What a browser makes of a page, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        """Take down an element."""
        found = {name: value or "" for name, value in attrs}
        self.elements.append((tag, found))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        """Take down an element of SVG that holds nothing."""
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Check that it was the last one that was opened."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Take down what is read."""
        if self._open and self._open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        """What is read, with single spaces."""
        return re.sub(r"\s+", " ", " ".join(self.words))

    def all(self, *tags: str) -> list[dict[str, str]]:
        """The attributes of every such element."""
        return [attributes for tag, attributes in self.elements if tag in tags]


@every_variant
def test_nothing_is_asked_of_anybody(run: Run) -> None:
    """No script, and no address but anchors and the pages beside it."""
    text = page_of(run)
    page = Page(text)
    assert page.all("script", "iframe", "object", "embed", "base") == []
    for _, attributes in page.elements:
        assert FETCHING.isdisjoint(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert page.all("link") == [{"rel": "icon", "href": "data:,"}]
    beside = {"report.fr.html", "../index.html"}
    assert all(
        each["href"].startswith("#") or each["href"] in beside
        for each in page.all("a")
    )
    assert "://" not in text and "@import" not in text
    assert set(re.findall(r"url\((.*?)\)", text)) == {"#hatch"}
    (policy,) = [
        each["content"] for each in page.all("meta") if "http-equiv" in each
    ]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")


@every_variant
def test_everybody_can_read_it(run: Run) -> None:
    """Language, headings in order, captions, names of figures and regions;
    bars are for the eye alone, with their values beside them."""
    page = Page(page_of(run))
    assert page.all("html") == [{"lang": "en"}]
    levels = [
        int(tag[1])
        for tag, _ in page.elements
        if tag[:1] == "h" and tag[1:].isdigit()
    ]
    assert levels[0] == 1 and levels.count(1) == 1
    steps = pairwise(levels)
    assert all(after <= before + 1 for before, after in steps)
    ids = [each["id"] for _, each in page.elements if "id" in each]
    assert len(ids) == len(set(ids))
    links = [each["href"] for each in page.all("a")]
    named = [each[1:] for each in links if each.startswith("#")]
    named += [
        each["aria-labelledby"]
        for _, each in page.elements
        if "aria-labelledby" in each
    ]
    assert set(named) <= set(ids)
    assert len(page.all("table")) == len(page.all("caption")) > 5
    assert all("aria-labelledby" in each for each in page.all("figure"))
    assert all(each.get("aria-hidden") for each in page.all("svg"))
    assert all("scope" in each for each in page.all("th"))
    assert page.all("title") and page.all("main")


@every_variant
def test_figures_are_there(run: Run) -> None:
    """Bars of a width in percent, and two marks for each of the worst."""
    page = Page(page_of(run))
    compared = run.manifest["promotion"]["current_metrics"] is not None
    assert len(page.all("figure")) == 5 + compared
    bars = [each for each in page.all("rect") if "%" in each["width"]]
    assert len(bars) > 30
    widths = [float(each["width"].rstrip("%")) for each in bars]
    assert min(widths) >= 0 and max(widths) == 100
    marks = [each for each in page.all("circle") if each["cx"] != "50%"]
    assert len(marks) == 2 * len(run.errors["worst_errors"])


def test_figures_are_those_of_the_documents() -> None:
    """Rounded for people; what is missing is a dash."""
    text = Page(page_of(documents())).text
    for expected in (
        "Monthly report, May 2023",
        "trained on February, March and April 2023 and tested on May 2023",
        "RMSE root of the mean squared error $4.12 $4.35 −$0.23 ✓ better",
        "MAE mean absolute error $1.43 $1.40 +$0.03 ✕ worse",
        "explained 0.9192 0.9098 +0.0094 ✓ better",
        "Bias mean of what was paid less what was predicted −$0.25 +$0.31",
        "RMSE < 10 4.1157 ✓ kept",
        "MAE ≤ RMSE 1.4312 ✓ kept",
        "95 % −$5.12 $5.12",
        "Mean (bias, MAE) −$0.25 $1.43",
        "Predicted too little: 56.2 % of the trips",
        "The errors go from −$96.87 to +$1,089.82",
        "Low up to $10 9,983 72.9 % 50.1 % $1.43 $4.12 −$0.25 56 %",
        "High $10 to $60 0 0.0 % 0.0 % – – – –",
        "Very high above $60 9,983",
        "$15.60 paid, $112.47 predicted: −$96.87",
        "JFK Airport (132) to unknown, 17.2 miles in 1.0 minutes,"
        " picked up between 23:00 and 24:00",
        "Probably: a negotiated fare; A new cause",
        "−$3.50 predicted",
        "February 2023 train – – 9,990 7 9,983 99.93 %",
        "May 2023 test 10,000 10 9,990 7 9,983 99.83 %",
        "Dropoff missing expected: the dropoff time is known – 10 10 10",
        "0 trips in every month: Location missing.",
        "Total above limit 7 7 7 7",
        "0 trips in every month: Time missing.",
        "Distance 78.0 %",
        "taxi-fare train --test-month 2023-05 --train-months"
        " 2023-02,2023-03,2023-04 --recipe gbt-onehot --force",
        "Fit 2 min 6 s",
        "pyspark 4.3.0",
        "2 July 2023, 08:05 UTC",
    ):
        assert expected in text, text


def test_what_it_takes_to_run_it_again_is_there() -> None:
    """Every parameter, version and fingerprint, the commit, both names."""
    run = documents()
    text = Page(page_of(run)).text
    manifest = run.manifest
    facts = {
        **manifest["recipe"]["parameters"],
        **manifest["versions"],
        "Recipe": "gbt-onehot",
        "partitions": 2,
        "Run id": manifest["run_id"],
        "Run key": manifest["run_key"],
        "Model": manifest["model_id"],
        "Commit": manifest["git_commit"],
    }
    for name, value in facts.items():
        assert f" {name} {value} " in text
    for month in MONTHS:
        assert f" {month} 9,990 " in text
    assert text.count("cd" * 32) == len(MONTHS)


@pytest.mark.parametrize(
    ("variant", "said"),
    [
        (
            "promoted",
            "✓ Promoted The new model went into production On the same 9,983"
            " test trips it is better than the model in production in 2 of 3"
            " metrics (RMSE, R²), which is enough. It replaced"
            " 2023-04_before.",
        ),
        (
            "first",
            "The new model went into production The recorded reason. There"
            " was no model in production before it.",
        ),
        (
            "kept",
            "= Kept The model in production stays On the same 9,983 test"
            " trips it is better than the model in production in 2 of 3"
            " metrics (RMSE, R²), which is not enough. In production:"
            " 2023-04_before.",
        ),
        (
            "refused",
            "✕ Refused The new model was refused It misses 1 of 2 quality"
            " gates: RMSE < 10 (found 12.3000). In production:"
            " 2023-04_before.",
        ),
        (
            "refused first",
            "RMSE < 10 (found 12.3000). There is no model in production yet.",
        ),
        ("legacy", "The new legacy model took its place"),
        (
            "legacy",
            "One model, trained on 80 % of the trips of February, March and"
            " April 2023 and tested on the others.",
        ),
        ("legacy refused", "The legacy model before it stays"),
        ("legacy", "taxi-fare train-legacy --months 2023-02,2023-03,2023-04"),
    ],
)
def test_the_verdict_is_said_in_words(variant: str, said: str) -> None:
    """What was decided, why, and what is in production now."""
    assert said in Page(page_of(VARIANTS[variant])).text


def test_without_a_current_model_nothing_is_compared() -> None:
    """No empty columns, no bars that stand alone."""
    text = Page(page_of(documents(compared=False))).text
    assert "There was no model in production to compare with" in text
    assert "In production Change" not in text
    assert "three metrics that decide" not in text


def test_a_model_that_knew_the_test_month_is_told() -> None:
    """Its figures are better than it is."""
    run = documents("kept")
    sentence = "The model in production had the test month among its train"
    assert sentence not in Page(page_of(run)).text
    promotion = run.manifest["promotion"]
    known = promotion | {"current_trained_on_test_month": True}
    manifest = dict(run.manifest) | {"promotion": known}
    assert sentence in Page(page_of(replace(run, manifest=manifest))).text


def test_a_change_that_decides_is_not_written_as_none() -> None:
    """A thousandth of a cent counts for the rule; a tie does not."""
    run = documents()
    promotion = copy.deepcopy(run.manifest["promotion"])
    promotion["current_metrics"] |= {"rmse": 4.11571, "mae": 1.4312}
    manifest = dict(run.manifest) | {"promotion": promotion}
    text = Page(page_of(replace(run, manifest=manifest))).text
    assert "$4.12 $4.12 < $0.01 ✓ better" in text
    assert "$1.43 $1.43 $0.00 = the same" in text


def test_gates_from_before_they_had_parts_are_shown_as_written() -> None:
    """Old documents have the sentence alone; nothing takes it apart."""
    run = documents()
    old = {"gate": "mae <= rmse", "value": 1.4312, "passed": True}
    manifest = dict(run.manifest) | {"gates": [old]}
    text = Page(page_of(replace(run, manifest=manifest))).text
    assert "mae <= rmse 1.4312 ✓ kept" in text


def test_a_metric_that_nobody_measured_then_is_a_dash() -> None:
    """Neither for this model nor for the other is there an error."""
    run = documents()
    manifest = copy.deepcopy(dict(run.manifest))
    del manifest["metrics"]["bias"]
    found = documents_of(replace(run, manifest=manifest))
    # As if R² were a newer metric than the model in production.
    theirs = {"rows": 9_983, "rmse": 4.3486, "mae": 1.4}
    promotion = found.manifest.promotion.model_copy(
        update={"current_metrics": theirs}
    )
    changed = found.manifest.model_copy(update={"promotion": promotion})
    text = Page(monthly_page(replace(found, manifest=changed))).text
    assert "what was predicted – – – not judged" in text
    assert "explained 0.9192 – – –" in text
    assert "in 2 of 2 metrics" in text


@every_variant
def test_a_french_page_has_no_english(
    run: Run, english_in: Callable[[str], list[str]]
) -> None:
    """Whatever was decided; with what the watch found before."""
    summary = "error_summary.json"
    insights = json.loads((DOCUMENTS / summary).read_text())["insights"]
    first = "the first model that passes every gate"
    manifest = copy.deepcopy(dict(run.manifest))
    manifest["promotion"]["reason"] = first
    changed = replace(
        run, manifest=manifest, errors=run.errors | {"insights": insights}
    )
    found = replace(documents_of(changed), watch=Watch.model_validate(WATCHED))
    with speaking("fr"):
        page = Page(monthly_page(found))
    assert page.all("html") == [{"lang": "fr"}]
    assert english_in(page.text) == [], page.text
    assert "1 089,82 $" in page.text


@every_variant
def test_each_cell_names_its_column(run: Run) -> None:
    """A phone shows them below each other: the heading is not there."""
    text = page_of(run)
    tables = re.findall(r"<table.*?</table>", text, re.DOTALL)
    wide = 0
    for table in tables:
        titles = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', table)
        rows = re.findall(r'<tr><th scope="row".*?</tr>', table, re.DOTALL)
        for row in rows:
            cells = re.findall(r"<td\b[^>]*>", row)
            told = [re.findall('data-label="(.*?)"', cell) for cell in cells]
            if titles:
                assert told == [[title] for title in titles[1:]]
            else:
                assert told == [[] for _ in cells]
        wide += ' many"' in table
        assert (' many"' in table) is (len(titles) > 3)
    assert wide >= 2


def test_hours_and_zones_are_told() -> None:
    """Zones by what of the error comes from them; runs of before have none."""
    figures = {"rmse": 4.0, "mae": 2.0, "r2": 0.9, "bias": -0.5}
    by = {
        "hour": {
            "0": {"rows": 10, "figures": figures},
            "17": {"rows": 30, "figures": figures | {"mae": 1.0}},
        },
        "pickup_zone": {
            "132": {"rows": 10, "figures": figures},
            "230": {"rows": 60, "figures": figures | {"mae": 1.0}},
            "unknown": {"rows": 1, "figures": figures | {"mae": 0.0}},
        },
    }
    run = documents()
    page = Page(page_of(replace(run, errors=run.errors | {"by": by})))
    assert "00:00 trips: 10 $2.00" in page.text
    assert "17:00 trips: 30 $1.00" in page.text
    rows = (
        "Times Sq/Theatre District (230) 60 75.0 % $4.00 $1.00 −$0.50",
        "JFK Airport (132) 10 25.0 % $4.00 $2.00 −$0.50",
        "unknown 1 0.0 % $4.00 $0.00 −$0.50",
    )
    assert " ".join(rows) in page.text
    assert "By hour and zone" not in Page(page_of(run)).text


def test_simulated_trips_are_announced() -> None:
    """In the words of the reports, above the verdict."""
    run = documents()
    note = "Simulated trips: these figures say nothing."
    assert "Simulated" not in Page(page_of(run)).text
    manifest = dict(run.manifest) | {"simulated": True, "note": note}
    text = Page(page_of(replace(run, manifest=manifest))).text
    assert 0 < text.index(note) < text.index("✓ Promoted")


def _poisoned(value: Any) -> Any:
    """Put markup into every text, and into every key that is shown."""
    if isinstance(value, dict):
        return {key: _poisoned(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_poisoned(each) for each in value]
    return value + HOSTILE if isinstance(value, str) else value


def test_hostile_text_stays_text() -> None:
    """Sources, names, reasons and keys of the documents are no markup."""
    run = documents()
    manifest = _poisoned(run.manifest)
    for key in ("timestamp", "mode"):
        manifest[key] = run.manifest[key]
    manifest["data"] = copy.deepcopy(run.manifest["data"])
    for month in manifest["data"]["months"].values():
        month["violations"][HOSTILE] = 3
    for gate, was in zip(
        manifest["gates"], run.manifest["gates"], strict=True
    ):
        gate["sign"] = was["sign"]
    manifest["promotion"]["decision"] = "kept"
    manifest["promotion"]["improved"] = ["mae"]
    manifest["recipe"]["parameters"][HOSTILE] = HOSTILE
    manifest["versions"][HOSTILE] = HOSTILE
    manifest["feature_importance"][HOSTILE] = 0.1
    manifest["seconds"][HOSTILE] = 0.1
    manifest["simulated"], manifest["note"] = True, HOSTILE
    poisoned = Run(
        manifest=manifest,
        errors=_poisoned(run.errors),
        buckets={"buckets": {HOSTILE: run.buckets["buckets"]["low"]}},
        ingest=_poisoned(run.ingest),
        rules={HOSTILE: HOSTILE},
        causes={},
    )
    text = page_of(poisoned)
    page = Page(text)
    clean = Page(page_of(run))
    assert {tag for tag, _ in page.elements} == {
        tag for tag, _ in clean.elements
    }
    assert not any("onerror" in each for _, each in page.elements)
    assert "<script" not in text and "<img" not in text
    assert "\x1b" not in text and "\u202e" not in text
    assert "\\x1b[2J" in text
    assert page.text.count("<script>alert('x')</script>") > 20


def test_equal_documents_give_equal_bytes(tmp_path: Path) -> None:
    """Read back from JSON they say the same; no other file is left."""
    run = documents()
    again = replace(run, manifest=json.loads(json.dumps(run.manifest)))
    for name, each in (("a", run), ("b", again)):
        write_text(tmp_path / name / "report.html", page_of(each))
    first, second = tmp_path / "a", tmp_path / "b"
    assert [path.name for path in first.iterdir()] == ["report.html"]
    content = (first / "report.html").read_bytes()
    assert content == (second / "report.html").read_bytes()
    assert content.decode("utf-8").startswith("<!DOCTYPE html>")


def test_a_month_without_trips_is_no_division_by_zero() -> None:
    """Nor is a run that took no time, or errors that are all zero."""
    run = documents()
    manifest = copy.deepcopy(dict(run.manifest))
    manifest["seconds"] = {"fit": 0.0}
    empty = {"rows": 0, "valid_rows": 0, "rejected_rows": 0, "violations": {}}
    manifest["data"]["months"]["2023-02"] = empty
    errors = run.errors | {f"{name}_abs_error": 0.0 for name in ("p25", "p99")}
    errors |= {"worst_errors": []}
    page = Page(
        page_of(replace(run, manifest=manifest, errors=errors, ingest={}))
    )
    assert "February 2023 train – – 0 0 0 –" in page.text


def _watched(**changes: Any) -> Page:
    watch = Watch.model_validate(WATCHED | changes)
    return Page(monthly_page(replace(documents_of(documents()), watch=watch)))


def test_the_page_tells_what_the_watch_found() -> None:
    """Verdict, reasons, accuracy with its interval, what moved most."""
    page = _watched(verdict="look")
    assert "Before the training: the watch says look" in page.text
    assert "What its intervals held of the prices" in page.text
    assert "86.1 %" in page.text
    assert "$21.50" in page.text
    for reason in WATCHED["reasons"]:
        assert " ".join(reason.split()) in page.text
    low, high = WATCHED["accuracy"]["overall"]["intervals"]["rmse"]
    assert f"${low:,.2f} to ${high:,.2f}" in page.text
    assert "What is furthest from its train months" in page.text
    assert "Distance 0.0" in page.text
    assert "watch says" not in Page(page_of(documents())).text


def test_the_page_of_a_first_month_is_watched_without_a_model() -> None:
    """Nothing is said of an accuracy that nobody knows."""
    note = "<b>There is no model</b>"
    nothing = dict.fromkeys(("model", "accuracy", "predictions"))
    page = _watched(verdict="ok", reasons=[], notes=[note], data={}, **nothing)
    assert "Nothing calls for anything." in page.text
    assert note in page.text
    assert "When registered" not in page.text


def test_the_page_says_how_sure_a_decision_is() -> None:
    """Gains with their intervals, slices, and the guarded rule."""
    told = documents()
    gain = {"gain": 0.081, "interval": [0.04, 0.122], "better_share": 0.999}
    told.manifest["promotion"] |= {
        "decision": "promoted",
        "evidence": {
            "days": 30,
            "draws": 10_000,
            "gains": {"rmse": gain, "mae": gain},
            "slices": {
                "airport": {
                    "yes": {"rows": 809, "gains": {"rmse": -0.07, "mae": 0.1}}
                }
            },
        },
        "guarded": {"decision": "kept", "reasons": ["airport yes +7.0%"]},
    }
    text = Page(page_of(told)).text
    assert "How sure that is: the days of the month are drawn 10,000" in text
    assert "−8.1 %" in text
    assert "−12.2 % to −4.0 %" in text
    assert "✓ better" in text
    assert "+7.0 %" in text
    assert "would have kept the model in production: airport yes" in text
    for each in ("rmse", "mae"):
        told.manifest["promotion"]["evidence"]["gains"][each] = {
            "gain": 0.001,
            "interval": [-0.02, 0.03],
            "better_share": 0.54,
        }
    text = Page(page_of(told)).text
    assert "there is no real difference from the model in production" in text
    assert "3 of 3" not in text.partition("Recorded reason")[0]


def test_no_page_of_another_run_stays_beside_one_that_is_given_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version of before has its page in English alone."""
    monkeypatch.setattr(record, "require_whole", lambda _: None)
    document = json.loads((DOCUMENTS / "train_metrics.json").read_text())
    english = monthly_report_name(document["data"]["test_month"])
    french = in_language(english, "fr")
    document["report"] = english
    version, reports = tmp_path / "version", tmp_path / "reports"
    for folder, run_id in ((version / "reports", "old"), (reports, "new")):
        told = document | {"run_id": run_id}
        write_text(folder / "train_metrics.json", json.dumps(told))
        write_text(folder / english, run_id)
    write_text(reports / french, "new")
    found = record.restore_reports(version, reports)
    assert found is not None and found.run_id == "old"
    assert (reports / english).read_text() == "old"
    assert not (reports / french).exists()


def test_the_report_before_is_led_to(tmp_path: Path) -> None:
    """The latest one of an earlier month that is there, in its language."""
    label = "2023-05"
    assert earlier_report(tmp_path, label) == ""
    for month in ("2022-12", "2023-03", "2023-05", "2023-06", "notes"):
        folder = tmp_path / "monthly" / month
        folder.mkdir(parents=True)
        (folder / "report.html").touch()
    (tmp_path / "monthly" / "2023-04").mkdir()
    earlier = earlier_report(tmp_path, label)
    assert earlier == "2023-03"
    run = replace(documents_of(documents()), earlier=earlier)
    pages = monthly_pages(run, label)
    link = '<a href="../2023-03/{}" rel="prev">{}</a>'
    for name, file, words in (
        ("report.html", "report.html", "Report before: March 2023"),
        ("report.fr.html", "report.fr.html", "Rapport précédent : mars 2023"),
    ):
        assert link.format(file, words) in pages[f"monthly/{label}/{name}"]
    assert 'rel="prev"' not in page_of(documents())
