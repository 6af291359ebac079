"""The page over all months: from the history, for people, safe to open."""

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from taxi_fare.core.language import speaking
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.monthly.index import index_page
from taxi_fare.run.month_index import write_index

DOCUMENTS = Path(__file__).parents[1] / "data/documents"
HOSTILE = """<script>alert('x')</script>"><img src=x onerror=alert(1)>"""


def _entry(month: str, **changes: Any) -> HistoryEntry:
    entry = {
        "run_id": f"run-{month}",
        "run_key": f"key-{month}",
        "model_id": f"{month}_model",
        "timestamp": "2026-01-01T08:05:00+00:00",
        "event": "promoted",
        "reason": "2 of 3 metrics improve",
        "train_months": ["2023-01", "2023-02", "2023-03"],
        "test_month": month,
        "metrics": {"rmse": 4.5, "mae": 1.5, "r2": 0.9},
        "current_metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.8},
        "compared_with": "before",
        "simulated": False,
    }
    return HistoryEntry.model_validate(entry | changes)


def test_every_decision_is_there_the_latest_first() -> None:
    """With figures of both models on the same trips, and the reason."""
    history = [
        _entry("2023-04", current_metrics=None, compared_with=None),
        _entry("2023-05", event="kept", reason="0 of 3 metrics improve"),
    ]
    page = index_page(
        history, pages={"2023-04/report.html", "2023-05/report.html"}
    )
    assert page == index_page(
        history, pages={"2023-04/report.html", "2023-05/report.html"}
    )
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.DOTALL)
    assert len(rows) == 2
    assert "May 2023" in rows[0] and "Kept" in rows[0]
    assert "$4.50" in rows[0] and "$5.00" in rows[0]
    assert "0 of 3 metrics improve" in rows[0]
    assert 'href="2023-04/report.html"' in rows[1]
    assert "$5.00" not in rows[1]
    assert "Simulated" not in page


def test_a_page_is_that_of_the_last_run_of_a_month() -> None:
    """Runs before it, and what a person decided, have no page of their own."""
    history = [
        _entry("2023-04"),
        _entry("2023-04", run_id="forced", event="kept"),
        _entry(
            "2023-04",
            run_id="by-hand",
            run_key=None,
            event="rolled_back",
            decided_by="person",
        ),
        _entry("2023-05"),
    ]
    page = index_page(history, pages={"2023-04/report.html"})
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.DOTALL)
    linked = ["href=" in row for row in rows]
    assert linked == [False, False, True, False]
    assert "Kept" in rows[2]


def test_errors_are_drawn_by_month_in_their_order() -> None:
    """A bar for each model, to one scale; months that were tested once."""
    history = [
        _entry("2023-05", metrics={"rmse": 2.5, "mae": 1, "r2": 0.9}),
        _entry("2023-04"),
    ]
    page = index_page(history, pages=set())
    (figure,) = re.findall(
        r'<figcaption id="trend-1">RMSE.*?</figure>', page, re.DOTALL
    )
    assert figure.index("April 2023") < figure.index("May 2023")
    widths = re.findall(r'class="(\w+)" width="([\d.]+)%"', figure)
    assert widths == [
        ("ours", "90.0"),
        ("theirs", "100.0"),
        ("ours", "50.0"),
        ("theirs", "100.0"),
    ]


def test_what_is_in_a_history_is_text() -> None:
    """Never markup; and the page fetches nothing."""
    page = index_page(
        [_entry("2023-04", reason=HOSTILE, model_id=HOSTILE, simulated=True)],
        pages=set(),
    )
    assert "<script>" not in page and "<img" not in page
    assert page.count("&lt;script&gt;") == 2
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"\b(src|srcset|action)=", page.split("<body>")[0])
    assert "Simulated" in page


def test_what_a_person_wrote_is_told_as_it_is() -> None:
    """In every language; what the rule decided by is told again."""
    ours = "the first model that passes every gate"
    history = [
        _entry("2023-04", reason=ours),
        _entry("2023-05", reason=ours, decided_by="person", run_key=None),
    ]
    with speaking("fr"):
        page = index_page(history, pages=set())
    assert page.count(ours) == 1
    assert page.count("le premier modèle qui passe tous les contrôles") == 1


def test_what_was_predicted_last_is_told() -> None:
    """With what riders paid, where they have; in both languages."""
    document = json.loads((DOCUMENTS / "predict_report.json").read_text())
    document["intervals"] = {
        "rows": 900,
        "coverage": {"80": 0.807, "90": 0.913, "95": 0.958},
        "mean_width": {"80": 4.0, "90": 5.0, "95": 7.0},
        "by_price_bucket": {
            "very_high": {
                "rows": 120,
                "coverage": {"80": 0.7, "90": 0.864},
                "mean_width": {"90": 21.5},
            }
        },
        "calibrated_on": "2023-03",
    }
    report = PredictReport.model_validate(document)
    history = [_entry("2023-04", model_id=report.model_id)]
    page = index_page(history, pages=set(), prediction=report)
    assert "Predicted last: " in page and report.model_id in page
    assert f"{report.predicted_rows:,}" in page
    assert f"${report.predictions.mean:,.2f}" in page
    assert "Prices in their interval" in page and "91.3\xa0%" in page
    rows = re.findall(r'<tr><th scope="row">.*?</tr>', page, re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t", row) for row in rows[:2]]
    space = "\xa0"
    assert cells == [
        [
            "all trips",
            *("900", f"80.7{space}%", f"91.3{space}%", f"95.8{space}%"),
            "$5.00",
        ],
        [
            "very high",
            *("120", f"70.0{space}%", f"86.4{space}%", "–", "$21.50"),
        ],
    ]
    with speaking("fr"):
        page = index_page(history, pages=set(), prediction=report)
    assert "très élevé" in page and f"Largeur moyenne, à 90{space}%" in page
    unpaid = report.model_copy(update={"metrics": None, "intervals": None})
    with speaking("fr"):
        page = index_page(history, pages=set(), prediction=unpaid)
    assert "Dernière prédiction" in page and "Prix moyen" in page
    assert "Prix dans leur intervalle" not in page
    assert "Largeur moyenne" not in page


def test_predictions_of_another_registry_are_passed_over() -> None:
    """A folder of reports may have served two."""
    document = json.loads((DOCUMENTS / "predict_report.json").read_text())
    report = PredictReport.model_validate(document)
    page = index_page([_entry("2023-04")], pages=set(), prediction=report)
    assert "Predicted last" not in page


def test_a_registry_without_decisions_has_a_page() -> None:
    """Empty, and whole."""
    page = index_page([], pages=set())
    assert page.rstrip().endswith("</html>")


def test_it_is_written_beside_the_pages(
    tmp_path: Path,
    registry_steps: ModuleType,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A folder that cannot be written to is told, and stops nothing."""
    registry_steps.commit(tmp_path / "registry", "model-1")
    registry = FolderRegistry(tmp_path / "registry", RegistrySettings())
    reports = tmp_path / "reports"
    write_index(registry, reports)
    assert "model-1" in (reports / "monthly" / "index.html").read_text()
    blocked = tmp_path / "blocked"
    blocked.write_text("a file")
    write_index(registry, blocked)
    assert "stays as it is" in caplog.text
