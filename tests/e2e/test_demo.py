"""The demo: everything at once, in one folder."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]


def _content(folder: Path) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_demo_runs_the_whole_system_twice_the_same(
    command: Command, home: Path, spark: SparkSession
) -> None:
    """Five months, two decisions, all marked; again, nothing changes."""
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
    assert second.out.count("Simulated trips") == 3
    assert "Try next" in second.out
