"""A month is watched with a model that Spark fitted, by both engines."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]
SERIES = Path("reports/watch/series.json")
HEADER = {"run_id", "timestamp"}
# Sums are added up in another order.
CLOSE = 1e-9


def _same(ours: Any, theirs: Any, place: str = "") -> None:
    """Compare documents: numbers closely, all else exactly."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys(), place
        for name in ours.keys() - HEADER:
            _same(ours[name], theirs[name], f"{place}.{name}")
    elif isinstance(ours, list):
        assert len(ours) == len(theirs), place
        for index, each in enumerate(ours):
            _same(each, theirs[index], f"{place}[{index}]")
    elif isinstance(ours, float):
        close = pytest.approx(theirs, rel=CLOSE, abs=CLOSE)
        assert ours == close, place
    else:
        assert ours == theirs, place


def test_spark_and_arrow_find_the_same(
    in_production: Path,
    command: Command,
    lake: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every figure of the report, and every profile."""
    arguments = "watch", "--month=2023-05", f"--data-base-path={lake}"
    found = {}
    for engine in ("auto", "spark"):
        monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
        reports = Path(engine)
        answer = command(*arguments, f"--reports-dir={reports}", "--json")
        assert answer.code == 0, answer.err
        profiles = {
            file.name: json.loads(file.read_text())
            for file in sorted(reports.glob("watch/*s/*.json"))
        }
        assert len(profiles) == 6, "five months and a model"
        found[engine] = answer.document | {"profiles": profiles}
    _same(found["auto"], found["spark"])
    accuracy = found["auto"]["accuracy"]
    assert accuracy["overall"]["rows"] > 2_900
    assert accuracy["overall"]["intervals"] is not None


def test_the_accuracy_is_what_training_measures(
    in_production: Path, command: Command, lake: Path, spark: SparkSession
) -> None:
    """The same model on the same trips: watched, then compared with."""
    place = f"--data-base-path={lake}"
    watched = command("watch", "--month=2023-05", place, "--json").document
    trained = command("train", "--test-month=2023-05", place, "--json")
    assert trained.code == 0, trained.err
    theirs = trained.document["promotion"]["current_metrics"]
    figures = watched["accuracy"]["overall"]["figures"]
    assert watched["accuracy"]["overall"]["rows"] == theirs["rows"]
    for name in theirs.keys() - {"rows"}:
        assert figures[name] == pytest.approx(theirs[name]), name
    # What was watched stays: training knows less.
    (entry,) = json.loads(SERIES.read_text())["months"]
    assert entry["recorded_by"] == "watch"
    # And the month is watched again by the model that was there before.
    again = command("watch", "--month=2023-05", place, "--json").document
    assert again["model"] == watched["model"]
    assert (
        trained.document["promotion"]["compared_with"]
        == (watched["model"]["model_id"])
    )
    page = Path("reports", trained.document["report"]).read_text("utf-8")
    assert f"the watch says {watched['verdict']}" in page


def test_a_model_does_not_watch_the_month_that_chose_it(
    in_production: Path, command: Command, lake: Path
) -> None:
    """As on the day on which the month came: there was no model."""
    arguments = "watch", "--month=2023-04", f"--data-base-path={lake}"
    found = command(*arguments, "--json").document
    assert found["model"] is found["accuracy"] is None
    assert "when 2023-04 came" in found["notes"][0]


def test_training_adds_to_the_series(
    in_production: Path, command: Command, lake: Path, spark: SparkSession
) -> None:
    """Of a month that nobody watched; a damaged series stops nothing."""
    place = f"--data-base-path={lake}"
    answer = command("train", "--test-month=2023-05", place, "--json")
    theirs = answer.document["promotion"]["current_metrics"]
    (entry,) = json.loads(SERIES.read_text())["months"]
    assert (entry["month"], entry["recorded_by"]) == ("2023-05", "train")
    assert entry["accuracy"]["figures"]["rmse"] == theirs["rmse"]
    assert entry["verdict"] is None
    assert entry["train_months"] == ["2023-01", "2023-02", "2023-03"]
    SERIES.write_text("{")
    again = command("train", "--test-month=2023-06", place, "--json")
    assert again.code == 0
    assert "The series of months was left as it is" in again.err
    assert SERIES.read_text() == "{"
