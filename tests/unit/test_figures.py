"""The figures of an exploration, drawn from literal figures."""

import json
import logging
import sys
from functools import partial
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pytest

from taxi_fare.reports.documents.trips import EdaSummary
from taxi_fare.reports.exploration.figures import write_figures
from taxi_fare.reports.exploration.files import write_exploration

FIGURES = [
    "figures/eda_target_distribution.svg",
    "figures/eda_total_by_distance.svg",
    "figures/eda_trips_by_hour_and_weekday.svg",
    "figures/eda_missing_ratio.svg",
]
LABELS = {
    FIGURES[0]: ("Total amount (US dollars)", "Share of trips (% for each"),
    FIGURES[1]: ("Trip distance (miles)", "Total amount (US dollars)"),
    FIGURES[2]: ("Hour of the pickup (0 to 23,", "Day of the pickup"),
    FIGURES[3]: ("Missing values (% of trips)", "Column of a trip"),
}
OLDER = json.loads(
    (Path(__file__).parents[1] / "data/documents/eda_summary.json").read_text()
)
DOCUMENT: dict[str, Any] = OLDER | {
    "simulated": False,
    "months": ["2023-05", "2023-06"],
    "rows": 500,
    "target": OLDER["target"]
    | {"median": 22.5, "mean": 24.25, "p95": 45.5, "p99": 48.0},
    "by_weekday_and_hour": [[day + 1] * 24 for day in range(7)],
    "missing_ratio": {"airport_fee": 1.0, "extra": 0.00001, "VendorID": 0.0},
    "sample": {"rows": 100, "file": "eda_sample.csv", "seed": 42},
}
SAMPLE = pa.table(
    {
        "trip_distance": [0.1 * number for number in range(100)],
        "total_amount": [3.0 + 0.5 * number for number in range(100)],
    }
)


def _written(
    folder: Path, *, document: dict[str, Any], sample: pa.Table
) -> EdaSummary:
    summary = EdaSummary.model_validate(document)
    return write_exploration(folder, document=summary, sample=sample)


def _texts(file: Path) -> list[str]:
    elements = ElementTree.parse(file).iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()).strip() for each in elements]


def test_figures_can_be_read_and_have_labels(tmp_path: Path) -> None:
    """SVG whose text is text; axes say what they measure, in which unit."""
    document = _written(tmp_path, document=DOCUMENT, sample=SAMPLE)
    assert document.figures == tuple(FIGURES)
    for name, labels in LABELS.items():
        texts = _texts(tmp_path / name)
        for label in labels:
            assert any(text.startswith(label) for text in texts), texts
        assert any(text.endswith("2023-05 to 2023-06") for text in texts)
    assert "< 0.01 %" in _texts(tmp_path / FIGURES[3])
    assert "half pay less than $22.50" in _texts(tmp_path / FIGURES[0])


def test_figures_are_the_same_to_the_byte(tmp_path: Path) -> None:
    """No date and no random name is in them; nothing else is left behind."""
    for folder in ("first", "second"):
        _written(tmp_path / folder, document=DOCUMENT, sample=SAMPLE)
    for name in FIGURES:
        first, second = (
            (tmp_path / folder / name).read_bytes()
            for folder in ("first", "second")
        )
        assert first == second
        assert b"<dc:date>" not in first
    files = {path.name for path in (tmp_path / "first").rglob("*.*")}
    assert files == {
        "eda_sample.csv",
        "eda_summary.json",
        *(Path(name).name for name in FIGURES),
    }


def test_simulated_trips_are_told_in_every_title(tmp_path: Path) -> None:
    """Nobody takes them for real rides when a figure travels alone."""
    simulated = DOCUMENT | {"simulated": True, "months": ["2023-06"]}
    _written(tmp_path, document=simulated, sample=SAMPLE)
    for name in FIGURES:
        titles = [text for text in _texts(tmp_path / name) if "2023" in text]
        assert len(titles) == 1
        assert titles[0].endswith(", 2023-06 (simulated trips)")


def test_one_free_trip_can_be_drawn(tmp_path: Path) -> None:
    """Axes have an extent even where the figures have none."""
    one = DOCUMENT | {
        "rows": 1,
        "target": DOCUMENT["target"]
        | dict.fromkeys(("mean", "median", "p95", "p99"), 0.0),
        "missing_ratio": {"VendorID": 0.0},
        "sample": DOCUMENT["sample"] | {"rows": 1},
    }
    trip = pa.table({"trip_distance": [0.0], "total_amount": [0.0]})
    document = _written(tmp_path, document=one, sample=trip)
    assert document.figures == tuple(FIGURES)


def test_without_matplotlib_one_warning_says_what_to_do(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The rest is written all the same."""
    # What Python takes for "not installed".
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with caplog.at_level(logging.WARNING):
        document = _written(tmp_path, document=DOCUMENT, sample=SAMPLE)
    assert document.figures == ()
    (line,) = caplog.messages
    assert "pip install 'taxi-fare[figures]'" in line
    assert (tmp_path / "eda_summary.json").is_file()
    assert not (tmp_path / "figures").exists()


def test_a_figure_that_fails_keeps_the_old_one(tmp_path: Path) -> None:
    """A file is replaced as a whole or not at all."""
    (tmp_path / "a.svg").write_text("old")

    def fail(figure: object, reason: str) -> None:
        raise ValueError(reason)

    with pytest.raises(ValueError, match="no axes"):
        write_figures(tmp_path, {"a.svg": partial(fail, reason="no axes")})
    assert [each.name for each in tmp_path.iterdir()] == ["a.svg"]
    assert (tmp_path / "a.svg").read_text() == "old"
