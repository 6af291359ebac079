"""The demo: everything at once, in one folder."""

import doctest
import importlib
import io
import json
import re
import shutil
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import nbformat
import pytest
from pyspark.sql import SparkSession

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "scripts"))
run_notebook = importlib.import_module("run_notebooks").run
pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]


# Written by every call: what may differ between two of them.
OF_THE_CALL = ("run_id", "timestamp", "seconds")
AGAIN = {
    *("predict_report.json", "eda_summary.json"),
    *("watch.json", "series.json", "validation_report.json"),
}


def _content(folder: Path) -> dict[str, object]:
    return {
        str(path): _lasting(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _lasting(path: Path) -> object:
    if path.name not in AGAIN:
        return path.read_bytes()
    document = json.loads(path.read_text())
    return {k: v for k, v in document.items() if k not in OF_THE_CALL}


def test_demo_runs_the_whole_system_twice_the_same(
    command: Command,
    home: Path,
    spark: SparkSession,
    python_page: list[tuple[bool, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    Five months, two decisions, a prediction; again, nothing changes.

    Then a reader of docs/python.md does what it shows.
    """
    arguments = ("demo", "--trips=2000")
    first = command(*arguments, "--json")
    assert first.code == 0, first.err
    document = first.document
    assert [path.name for path in home.iterdir()] == ["demo"]
    assert [each["month"] for each in document["ingest"]["months"]] == [
        f"2023-0{month}" for month in range(1, 6)
    ]
    runs = document["runs"]
    assert [run["data"]["test_month"] for run in runs] == [
        "2023-04",
        "2023-05",
    ]
    assert runs[0]["promotion"]["decision"] == "promoted"
    assert runs[1]["promotion"]["compared_with"] == runs[0]["model_id"]
    april, may = document["watch"]
    assert april["model"] is None
    assert may["model"]["model_id"] == runs[0]["model_id"]
    assert document["prediction"]["month"] == "2023-05"
    current = Path("demo/models/registry/current").readlink().name
    assert document["prediction"]["model_id"] == current
    assert document["plausibility"]["passed"] is True
    assert document["exploration"]["months"] == [
        f"2023-0{month}" for month in range(1, 6)
    ]
    assert Path("demo/reports/predictions/2023-05.parquet").is_file()
    assert Path("demo/reports/eda_sample.csv").is_file()
    page = Path("demo/reports", runs[1]["report"])
    assert "Simulated trips" in page.read_text(encoding="utf-8")
    for report in Path("demo/reports").rglob("*.json"):
        assert json.loads(report.read_text())["simulated"] is True, report
    for month in range(1, 6):
        folder = f"2023/{month:02d}"
        assert Path("demo/lake", folder, "trips.parquet").is_file()
        assert Path("demo/lake_rejected", folder, "rejected.parquet").is_file()
    before = _content(home)
    second = command(*arguments)
    assert second.code == 0, second.err
    assert _content(home) == before
    assert second.out.count("was done before") == 2
    assert second.out.count("Simulated trips") == 7
    assert "Try next" in second.out
    assert second.out.count(str(page)) == 2
    _readme_runs()
    _notebooks_run(home)
    monkeypatch.chdir("demo")
    examples = doctest.DocTestParser().get_doctest(
        "".join(text for _, text in python_page), {}, "docs/python.md", None, 0
    )
    assert doctest.DocTestRunner().run(examples).failed == 0


def _notebooks_run(home: Path) -> None:
    """Both, beside the demo as beside a checkout; what is kept is all."""
    shutil.copytree(ROOT / "examples", home / "examples")
    paths = sorted((home / "examples").glob("*.ipynb"))
    assert len(paths) == 2
    for path in paths:
        kept = nbformat.read(path, as_version=4)
        run_notebook(path)
        found = nbformat.read(path, as_version=4)
        for cell, other in zip(found.cells, kept.cells, strict=True):
            if cell.cell_type == "code":
                told = [each.output_type for each in cell.outputs]
                assert told == [each.output_type for each in other.outputs]
    shutil.rmtree(home / "examples")


def _readme_runs() -> None:
    """What a reader of either README pastes beside the demo prints a price."""
    for name in ("README.md", "README.fr.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        (program,) = re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(program, {})
        assert re.match(r"\$\d+\.\d\d \{'trip_distance'", printed.getvalue())
