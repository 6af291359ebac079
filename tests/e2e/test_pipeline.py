"""The gates, the legacy mode and the orchestrator, as users call them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from taxi_fare.core.months import Month

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]
STEPS = [
    *("check data", "watch", "train", "check model"),
    *("predict", "check predictions"),
]
LEGACY = Path("models/ex05_spark_model")


def _statuses(answer: Any) -> dict[str, str]:
    return {each["step"]: each["status"] for each in answer.document["steps"]}


def _report(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(Path("reports", name).read_text())
    return document


@pytest.fixture
def legacy(command: Command, lake: Path, spark: SparkSession) -> Any:
    """The legacy mode was run; its document."""
    answer = command("train-legacy", f"--data-base-path={lake}", "--json")
    assert answer.code == 0, answer.err
    return answer.document


def test_legacy_mode_makes_what_the_description_says(
    legacy: dict[str, Any], spark: SparkSession
) -> None:
    """Two months, 80 to 20, a model that Spark loads, every report."""
    data = legacy["data"]
    assert legacy["mode"] == "legacy"
    assert data["train_months"] == ["2023-01", "2023-02"]
    assert data["split"] == {"train_share": 0.8, "seed": 42}
    rows = data["train_rows"] + data["test_rows"]
    valid = sum(each["valid_rows"] for each in data["months"].values())
    assert rows == valid
    assert data["train_rows"] / rows == pytest.approx(0.8, abs=0.02)
    assert legacy["metrics"]["rows"] == data["test_rows"]
    assert legacy["promotion"]["decision"] == "promoted"
    model = PipelineModel.load(str(LEGACY.absolute()))
    assert len(model.stages) == 4
    assert _report("train_metrics.json") == legacy
    assert _report("error_summary.json")["run_id"] == legacy["run_id"]
    assert len(_report("error_summary.json")["worst_errors"]) == 10
    assert legacy["report"] == "monthly/legacy/report.html"
    page = Path("reports", legacy["report"]).read_text(encoding="utf-8")
    assert "trained on 80 % of the trips of January and February" in page


def test_legacy_mode_twice_changes_nothing(
    legacy: dict[str, Any], command: Command, lake: Path
) -> None:
    """Known by its key; --force trains again and replaces the model."""
    before = LEGACY.readlink()
    arguments = "train-legacy", f"--data-base-path={lake}", "--json"
    again = command(*arguments)
    assert again.document == legacy
    assert "fit started" not in again.err
    assert LEGACY.readlink() == before
    forced = command(*arguments, "--force")
    assert forced.document["metrics"] == legacy["metrics"]
    assert LEGACY.readlink() != before


def test_a_refused_legacy_model_replaces_nothing(
    legacy: dict[str, Any],
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 5; the reports say why, and the gate says it again."""
    before = LEGACY.readlink()
    monkeypatch.setenv("TAXI_FARE_GATES__RMSE_MAX_DOLLARS", "0.01")
    place = f"--data-base-path={lake}"
    answer = command("train-legacy", place, "--force")
    assert answer.code == 5
    assert LEGACY.readlink() == before
    assert _report("train_metrics.json")["promotion"]["decision"] == "refused"
    gate = command("check", "model", "--json")
    assert gate.code == 5
    failed = [c for c in gate.document["checks"] if not c["passed"]]
    assert [each["gate"] for each in failed] == ["rmse < 0.01"]
    assert "rmse < 0.01 is missed" in gate.err
    page = Path("reports", legacy["report"]).read_text(encoding="utf-8")
    assert "The legacy model before it stays" in page
    monkeypatch.delenv("TAXI_FARE_GATES__RMSE_MAX_DOLLARS")
    again = command("train-legacy", place, "--json")
    assert again.document == _report("train_metrics.json") == legacy
    page = Path("reports", legacy["report"]).read_text(encoding="utf-8")
    assert "The new legacy model took its place" in page


def test_legacy_step_by_step(
    legacy: dict[str, Any], command: Command, lake: Path
) -> None:
    """The description's five steps, each with its own command."""
    place = f"--data-base-path={lake}"
    data = command("check", "data", "--legacy", place, "--json")
    assert (data.code, data.document["subject"]) == (0, "2023-01, 2023-02")
    model = command("check", "model", "--json")
    assert (model.code, model.document["subject"]) == (0, legacy["model_id"])
    # No registry yet: the model there is predicts its own month.
    predicted = command("predict", place, "--json")
    assert predicted.code == 0, predicted.err
    assert predicted.document["month"] == "2023-02"
    assert predicted.document["model_id"] == legacy["model_id"]
    assert predicted.document["model"]["trained_on_month"] is True
    checked = command("check", "predictions", "--json")
    assert checked.code == 0, checked.err
    assert checked.document["passed"] is True
    assert checked.document["simulated"] is True


def test_the_whole_pipeline_twice(
    command: Command, lake: Path, spark: SparkSession
) -> None:
    """Six steps pass; the second time nothing is trained."""
    arguments = (
        "pipeline",
        "--test-month=2023-04",
        f"--data-base-path={lake}",
        "--registry-path=models/mine",
    )
    first = command(*arguments, "--json")
    assert first.code == 0, first.err
    assert list(_statuses(first)) == STEPS
    assert set(_statuses(first).values()) == {"passed"}
    assert first.document["passed"] is True
    assert first.document["exit_code"] == 0
    model_id = Path("models/mine/current").readlink().name
    assert _report("predict_report.json")["model_id"] == model_id
    table = pq.read_table("reports/predictions/2023-04.parquet")
    assert table.num_rows == _report("predict_report.json")["predicted_rows"]
    second = command(*arguments)
    assert second.code == 0
    assert "done before, promoted" in second.out
    page = "monthly/2023-04/report.html"
    assert first.document["report"] == page
    assert f"Report for people: reports/{page}" in second.out
    index = Path("reports/monthly/index.html").read_text(encoding="utf-8")
    assert "Predicted last: April 2023" in index
    third = command(*arguments, "--lang=fr")
    french = page.replace(".html", ".fr.html")
    assert f"Report for people: reports/{french}" in third.out
    assert "fit started" not in second.err
    assert Path("models/mine/current").readlink().name == model_id


def test_the_first_failure_stops_it(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the exit code of that step; what comes after is not run."""
    place = f"--data-base-path={lake}"
    missing = command("pipeline", "--test-month=2024-01", place, "--json")
    assert missing.code == missing.document["exit_code"] == 3
    assert missing.document["report"] is None
    assert list(_statuses(missing).values()) == ["failed"] + 5 * ["not_run"]
    assert "❌ DATA NOT FOUND" in missing.err
    assert "not run" in command("pipeline", "--test-month=2024-01", place).out

    monkeypatch.setenv("TAXI_FARE_GATES__RMSE_MAX_DOLLARS", "0.01")
    refused = command("pipeline", "--test-month=2023-05", place, "--json")
    assert refused.code == refused.document["exit_code"] == 5
    assert _statuses(refused)["train"] == "failed"
    assert Path("reports", refused.document["report"]).is_file()
    assert _statuses(refused)["predict"] == "not_run"
    assert not Path("reports/predictions").exists()


def test_parts_of_the_pipeline(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Train only, predict only, without gates; not both."""
    base = (
        "pipeline",
        "--test-month=2023-04",
        f"--data-base-path={lake}",
        "--json",
    )
    trained = command(*base, "--train-only")
    assert list(_statuses(trained)) == STEPS[:4]
    predicted = command(*base, "--predict-only")
    assert list(_statuses(predicted)) == STEPS[4:]
    bare = command(*base, "--skip-tests")
    assert list(_statuses(bare)) == ["watch", "train", "predict"]
    assert bare.code == trained.code == predicted.code == 0
    both = command(*base, "--train-only", "--predict-only")
    assert both.code == 2
    assert "--train-only and --predict-only are given" in both.err


def test_the_legacy_pipeline_leaves_the_registry_alone(
    in_production: Path, command: Command, lake: Path
) -> None:
    """It trains and predicts with the legacy model."""
    before = (in_production / "model_registry.json").read_bytes()
    answer = command(
        "pipeline", "--legacy", f"--data-base-path={lake}", "--json"
    )
    assert answer.code == 0, answer.err
    without = [name for name in STEPS if name != "watch"]
    assert list(_statuses(answer)) == without
    report = _report("predict_report.json")
    assert report["model_id"] == LEGACY.readlink().name
    assert report["month"] == "2023-02"
    assert (in_production / "model_registry.json").read_bytes() == before


def test_a_run_done_before_gives_its_own_reports_again(
    in_production: Path, command: Command, lake: Path
) -> None:
    """After the legacy mode wrote over them, in the same folder."""
    april = _report("train_metrics.json")
    place = f"--data-base-path={lake}"
    assert command("train-legacy", place).code == 0
    assert _report("train_metrics.json")["mode"] == "legacy"
    again = command("train", "--test-month=2023-04", place, "--json")
    assert again.document == april
    for name in ("train_metrics.json", "error_summary.json"):
        assert _report(name)["run_id"] == april["run_id"]
    validation = _report("validation_report.json")
    assert validation["training"]["test_month"] == "2023-04"
    assert validation["run_id"] == april["run_id"]


def test_the_gate_on_data_tells_what_is_wrong(
    command: Command, lake: Path, spark: SparkSession
) -> None:
    """A month without a column: exit 4, its name, and no look at trips."""
    shutil.copytree(lake, "other")
    file = Path("other/2023/02/trips.parquet")
    table = pq.read_table(file).drop_columns(["passenger_count"])
    pq.write_table(table, file)
    arguments = "check", "data", "--test-month=2023-04"
    answer = command(*arguments, "--data-base-path=other", "--json")
    assert answer.code == 4
    failed = [c for c in answer.document["checks"] if not c["passed"]]
    assert [each["gate"] for each in failed] == [
        "2023-02: required columns (without passenger_count) >= 11"
    ]
    assert "validate started" not in answer.err
    good = command(*arguments, f"--data-base-path={lake}")
    assert good.code == 0
    assert "May I train?" in good.out
    assert "pickup is not after dropoff" in good.out
    assert "failed" not in good.out


def test_the_gate_on_data_counts_broken_rules(
    command: Command,
    lake: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A limit that most trips break: the rule and the months fail."""
    monkeypatch.setenv("TAXI_FARE_VALIDATION__TOTAL_MAX_DOLLARS", "10")
    arguments = "check", "data", "--test-month=2023-04"
    answer = command(*arguments, f"--data-base-path={lake}", "--json")
    assert answer.code == 4
    failed = [c["gate"] for c in answer.document["checks"] if not c["passed"]]
    assert failed[0].endswith("total is at most 10 dollars <= 0.2")
    assert failed[1:] == [
        f"2023-0{month}: share of valid trips >= 0.8" for month in range(1, 5)
    ]
    missing = command("check", "data", "--test-month=2024-01")
    assert missing.code == 3


def test_the_gate_on_a_model_looks_at_its_files(
    in_production: Path, command: Command
) -> None:
    """Damage is told by file; without a report there is nothing to ask."""
    option = f"--model-registry-path={in_production}"
    whole = command("check", "model", option, "--json")
    assert whole.code == 0
    assert len(whole.document["checks"]) == 6
    file = next((in_production / "current/stages").rglob("*.parquet"))
    file.write_bytes(b"not what Spark wrote")
    damaged = command("check", "model", option)
    assert damaged.code == 6
    assert f"{file.name} (changed)" in damaged.err
    shutil.rmtree("reports")
    nothing = command("check", "model")
    assert nothing.code == 3
    assert "There is no reports/train_metrics.json" in nothing.err
    assert command("check", "model", "--model-path=nowhere").code == 3
    empty = command("check", "model", "--model-registry-path=empty")
    assert empty.code == 3


def test_the_gate_on_predictions_refuses_what_nobody_would_pay(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 5 with the limit; other files are refused for what they are."""
    predict = "predict", "--month=2023-04", f"--data-base-path={lake}"
    assert command(*predict).code == 0
    assert command("check", "predictions").code == 0
    monkeypatch.setenv("TAXI_FARE_PLAUSIBILITY__TOTAL_MAX_DOLLARS", "20")
    refused = command("check", "predictions")
    assert refused.code == 5
    assert "share of predictions above 20 dollars <= 0 is" in refused.err
    trips = command("check", "predictions", f"--predictions={lake}/2023/04")
    assert trips.code == 4
    assert "has no column prediction" in trips.err
    Path("junk.parquet").write_bytes(b"junk")
    junk = command("check", "predictions", "--predictions=junk.parquet")
    assert junk.code == 4
    assert "junk.parquet cannot be read" in junk.err
    none = command("check", "predictions", "--predictions=none.parquet")
    assert none.code == 3


def test_without_a_test_month_it_is_the_current_one(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Every step's, although the lake holds a later one; without training
    it is the latest of the lake, which `predict` takes."""
    monkeypatch.setattr(Month, "current", lambda: Month("2023-04"))
    arguments = "pipeline", "--skip-tests", f"--data-base-path={lake}"
    assert command(*arguments).code == 0
    assert _report("predict_report.json")["month"] == "2023-04"
    assert command(*arguments, "--predict-only").code == 0
    latest = _report("predict_report.json")["month"]
    assert latest == "2023-06"
    assert command("predict", f"--data-base-path={lake}").code == 0
    assert _report("predict_report.json")["month"] == latest
