"""The monthly run, as its users call it."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession

from taxi_fare.scoring import derive

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

Command = Callable[..., Any]

REPORTS = {
    "train_metrics.json",
    "error_summary.json",
    "error_by_price_bucket.json",
    "feature_importance.json",
    "validation_report.json",
}
PAGE = "monthly/2023-04/report.html"


def _train(lake: Path, month: str) -> tuple[str, ...]:
    return "train", f"--test-month={month}", f"--data-base-path={lake}"


def _files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (
            path.stat().st_mtime_ns,
            path.read_bytes(),
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def april(command: Command, lake: Path, spark: SparkSession) -> Path:
    """Run test month 2023-04, and give the registry."""
    answer = command(*_train(lake, "2023-04"), "--json")
    assert answer.code == 0, answer.err
    assert answer.document["promotion"]["decision"] == "promoted"
    return Path("models/registry")


def test_first_model_is_promoted_and_can_be_loaded(
    april: Path, spark: SparkSession
) -> None:
    """The link is a Spark model; manifest and reports explain it."""
    model = PipelineModel.load(str((april / "current").absolute()))
    assert len(model.stages) == 4
    manifest = json.loads((april / "current" / "manifest.json").read_text())
    assert manifest["simulated"] is True
    assert manifest["data"]["train_months"] == [
        "2023-01",
        "2023-02",
        "2023-03",
    ]
    assert set(manifest["fingerprints"]) == {
        "2023-01",
        "2023-02",
        "2023-03",
        "2023-04",
    }
    assert "stages" in " ".join(manifest["files"])


def test_reports_hold_what_the_design_promises(april: Path) -> None:
    """Every JSON says which run it is of, and that trips are simulated."""
    reports = {
        path.name: json.loads(path.read_text())
        for path in Path("reports").glob("*.json")
    }
    assert set(reports) == REPORTS
    assert {path.name for path in Path("reports").iterdir()} == {
        *REPORTS,
        "monthly",
    }
    train = reports["train_metrics.json"]
    for document in reports.values():
        assert document["schema_version"] == 1
        assert document["run_id"] == train["run_id"]
        assert document["simulated"] is True
        assert document["timestamp"].endswith(("Z", "+00:00"))
    assert {"rmse", "mae", "r2"} <= set(train["metrics"])
    assert train["metrics"]["rmse"] >= train["metrics"]["mae"] > 0
    assert train["data"]["test_month"] == "2023-04"
    assert train["data"]["train_rows"] > train["data"]["test_rows"] > 0
    assert set(train["seconds"]) >= {"validate", "fit", "evaluate"}
    importance = reports["feature_importance.json"]["feature_importance"]
    assert len(importance) == 12
    assert sum(importance.values()) == pytest.approx(1)
    counts = reports["validation_report.json"]
    assert set(counts["training"]["months"]) == set(counts["ingest"])


def test_the_page_of_a_run_says_what_its_reports_say(april: Path) -> None:
    """Decision, figures, counts and what it takes to run it again; the
    version in the registry keeps the same bytes."""
    train = json.loads(Path("reports/train_metrics.json").read_text())
    errors = json.loads(Path("reports/error_summary.json").read_text())
    manifest = json.loads((april / "current" / "manifest.json").read_text())
    assert train["report"] == PAGE == manifest["report"]
    page = Path("reports", PAGE).read_text(encoding="utf-8")
    assert (april / "current" / "reports" / PAGE).read_text() == page
    french = PAGE.replace(".html", ".fr.html")
    told = Path("reports", french).read_text(encoding="utf-8")
    assert (april / "current" / "reports" / french).read_text() == told
    assert '<html lang="fr">' in told and "Promu" in told
    for way in ("hour", "pickup_zone"):
        rows = [each["rows"] for each in errors["by"][way].values()]
        assert sum(rows) == errors["count"]
    month = train["data"]["months"]["2023-04"]
    for expected in (
        "Simulated trips",
        "Promoted",
        f"{train['metrics']['r2']:.4f}",
        f"${train['metrics']['rmse']:,.2f}",
        f"${errors['worst_errors'][0]['total_amount']:,.2f}",
        f"{month['violations']['duration_out_of_range']:,}</td>",
        # The meaning of a rule, and of a cause, not only their names.
        "0 &lt; duration &lt; 1440 minutes",
        "the pickup lies in the month",
        *errors["insights"][0].split(" %")[:1],
        *(train[key] for key in ("run_id", "run_key", "model_id")),
        *manifest["fingerprints"].values(),
        *manifest["versions"].values(),
        manifest["git_commit"],
    ):
        assert expected in page, expected


def test_real_months_with_an_absurd_total(
    command: Command,
    real_months: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """January holds a total of 3,004.80 dollars: rejected, not learnt."""
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "10")
    ingested = command(
        "ingest", "--months=2019-01..2019-04", f"--source={real_months}"
    )
    assert ingested.code == 0, ingested.err
    answer = command("train", "--test-month=2019-04", "--json")
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["simulated"] is False
    assert document["metrics"]["rmse"] < 10
    assert document["metrics"]["r2"] > 0.8
    january = document["data"]["months"]["2019-01"]
    assert january["violations"]["total_above_limit"] == 1
    assert january["rejected_rows"] < 0.01 * january["rows"]


def test_next_month_is_decided_on_the_same_trips(
    april: Path, command: Command, lake: Path
) -> None:
    """The current model is scored on May, not remembered from April."""
    first = json.loads(Path("reports/train_metrics.json").read_text())
    answer = command(*_train(lake, "2023-05"), "--json")
    assert answer.code == 0, answer.err
    promotion = answer.document["promotion"]
    assert promotion["compared_with"] == first["model_id"]
    assert (
        promotion["current_metrics"]["rows"]
        == (answer.document["metrics"]["rows"])
    )
    assert promotion["current_metrics"]["rmse"] != first["metrics"]["rmse"]
    history = command("registry", "history", "--json").document
    assert [each["test_month"] for each in history] == ["2023-05", "2023-04"]


@pytest.mark.usefixtures("spark")
def test_spark_judges_as_the_portable_models_do(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Both models' metrics, the decision, every figure of the errors, and
    the worst trips: whoever computes them."""
    shutil.copytree(in_production, "other/registry", symlinks=True)
    found = []
    for engine, registry, reports in (
        ("auto", in_production, "ours"),
        ("spark", "other/registry", "theirs"),
    ):
        monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
        answer = command(
            *_train(lake, "2023-05"),
            f"--model-registry-path={registry}",
            f"--reports-dir={reports}",
        )
        assert answer.code == 0, answer.err
        documents = [
            json.loads(Path(reports, name).read_bytes())
            for name in (
                "train_metrics.json",
                "error_summary.json",
                "error_by_price_bucket.json",
            )
        ]
        for each in documents:
            for name in ("run_id", "timestamp", "model_id", "seconds"):
                each.pop(name, None)
        found.append(documents)
    ours, theirs = found
    assert ours[0]["promotion"]["current_metrics"]
    # Spark's medians are off by a ten-thousandth of the ranks at most.
    for name, figures in theirs[0]["promotion"].pop("baselines").items():
        mine = ours[0]["promotion"]["baselines"][name]
        assert mine == pytest.approx(figures, rel=2e-3)
    del ours[0]["promotion"]["baselines"]
    _assert_alike(ours, theirs)


def _assert_alike(ours: Any, theirs: Any) -> None:
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        ours, theirs = list(ours.values()), [theirs[each] for each in ours]
    if isinstance(ours, list):
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            _assert_alike(one, other)
    elif isinstance(ours, float):
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)
    else:
        assert ours == theirs


def test_second_call_changes_nothing(
    april: Path, command: Command, lake: Path
) -> None:
    """Same document, same files to the byte, and Spark is not asked."""
    first = json.loads(Path("reports/train_metrics.json").read_text())
    before = _files(Path.cwd())
    assert f"reports/{PAGE}" in before
    arguments = _train(lake, "2023-04")
    answer = command(*arguments, "--json")
    assert answer.code == 0
    assert answer.document == first
    assert "Starting Spark" not in answer.err
    assert "validate started" not in answer.err
    assert _files(Path.cwd()) == before
    again = command(*arguments)
    assert "was done before" in again.out
    assert f"Report for people: reports/{PAGE}" in again.out


def test_a_page_that_is_gone_is_given_again(
    april: Path, command: Command, lake: Path
) -> None:
    """To the byte, of the run that was asked for: May's is another file, and
    one of another run of April is replaced."""
    page = Path("reports", PAGE)
    content = page.read_bytes()
    page.unlink()
    assert command(*_train(lake, "2023-04")).code == 0
    assert page.read_bytes() == content
    # As if another run had written its reports into the same folder.
    train = Path("reports/train_metrics.json")
    other = json.loads(train.read_text()) | {"run_id": "another"}
    train.write_text(json.dumps(other))
    page.write_text("of the other run")
    assert command(*_train(lake, "2023-04")).code == 0
    assert page.read_bytes() == content
    assert json.loads(train.read_text())["run_id"] != "another"


def test_force_trains_again_and_a_tie_is_no_improvement(
    april: Path, command: Command, lake: Path
) -> None:
    """The same model again does not replace itself."""
    before = json.loads((april / "model_registry.json").read_text())
    answer = command(
        *_train(lake, "2023-04"),
        "--force",
        "--json",
    )
    assert answer.code == 0, answer.err
    document = answer.document
    assert document["promotion"]["decision"] == "kept"
    assert document["promotion"]["improved"] == []
    ours, theirs = document["metrics"], document["promotion"]
    assert ours["rmse"] == theirs["current_metrics"]["rmse"]
    after = json.loads((april / "model_registry.json").read_text())
    assert after["slots"]["current"] == before["slots"]["current"]
    assert after["slots"]["candidate"] == document["model_id"]
    page = Path("reports", PAGE).read_text(encoding="utf-8")
    assert "The model in production stays" in page
    assert "= the same" in page and "had the test month" not in page


def test_a_model_that_misses_a_gate_is_refused(
    command: Command, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 5, even as the first; it is a candidate to look at, no more."""
    monkeypatch.setenv("TAXI_FARE_GATES__RMSE_MAX_DOLLARS", "0.01")
    answer = command(*_train(lake, "2023-04"))
    assert answer.code == 5
    assert "refused" in answer.err
    state = json.loads(Path("models/registry/model_registry.json").read_text())
    assert state["slots"]["current"] is None
    assert state["slots"]["candidate"] is not None
    assert not Path("models/registry/current").exists()
    page = Path("reports", PAGE).read_text(encoding="utf-8")
    assert "It misses 1 of 5 quality gates: RMSE &lt; 0.01" in page
    assert "There is no model in production yet." in page
    assert f"Report for people: reports/{PAGE}" in answer.out


def test_a_feature_derived_otherwise_without_spark_is_refused(
    command: Command,
    lake: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 5: the portable model would price other trips than Spark's. Both
    modes compare from raw trips, and record nothing."""
    minutes = derive.DEFINITIONS["trip_duration_min"]

    def longer(raw: Any) -> Any:
        return pc.add(minutes(raw), 1)

    monkeypatch.setitem(derive.DEFINITIONS, "trip_duration_min", longer)
    for arguments in (
        _train(lake, "2023-04"),
        ("train-legacy", f"--data-base-path={lake}"),
    ):
        answer = command(*arguments)
        assert answer.code == 5
        assert "something else than Spark's" in answer.err
    assert not list(Path("models").rglob("manifest.json"))
    assert not list(Path("reports").rglob("*.json"))
    assert not Path("models/registry/candidate").exists()


def test_dry_run_checks_and_writes_nothing(
    command: Command, home: Path, lake: Path, spark: SparkSession
) -> None:
    """Counts by rule are told, and the folder stays empty."""
    answer = command(
        *_train(lake, "2023-04"),
        "--dry-run",
        "--json",
    )
    assert answer.code == 0, answer.err
    months = answer.document["data"]["months"]
    assert months["2023-04"]["rows"] > 2_000
    assert months["2023-04"]["violations"]["duration_out_of_range"] > 0
    assert list(home.iterdir()) == []


def test_a_damaged_current_model_is_told_before_training(
    april: Path, command: Command, lake: Path
) -> None:
    """Exit 6 with the file; the way out that it names works."""
    arguments = _train(lake, "2023-05")
    data = next((april / "current" / "stages").glob("3_*/data"))
    file = next(data.glob("*.parquet"))
    file.write_bytes(b"not what Spark wrote")
    answer = command(*arguments)
    assert answer.code == 6
    assert file.name in answer.err
    assert "fit started" not in answer.err
    assert command("registry", "show", "--verify").code == 6
    assert command("registry", "rollback", "--reason=x").code == 6
    other = "--model-registry-path=models/other"
    assert command(*arguments, other, "--dry-run").code == 0


def test_a_damaged_page_refuses_the_month(
    command: Command, lake: Path, spark: SparkSession
) -> None:
    """Its footer is whole: only reading it to the end finds out. Exit 4."""
    shutil.copytree(lake, "damaged")
    file = Path("damaged/2023/02/trips.parquet")
    content = bytearray(file.read_bytes())
    quarter = len(content) // 4
    content[quarter : 2 * quarter] = b"\xff" * quarter
    file.write_bytes(content)
    answer = command(
        "train", "--test-month=2023-04", "--data-base-path=damaged"
    )
    assert answer.code == 4
    assert "damaged/2023/02/trips.parquet cannot be read" in answer.err
    assert "Traceback" not in answer.err
    assert not Path("reports").exists()


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize("engine", ["spark", "auto"])
def test_a_damaged_page_that_no_rule_reads_refuses_the_month(
    command: Command, lake: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the features need the vendor: Spark finds out after validation,
    and what needs no Spark at once."""
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
    shutil.copytree(lake, "damaged")
    file = Path("damaged/2023/02/trips.parquet")
    vendor = pq.read_metadata(file).row_group(0).column(0)
    assert vendor.path_in_schema == "VendorID"
    start = vendor.dictionary_page_offset or vendor.data_page_offset
    content = bytearray(file.read_bytes())
    content[start : start + vendor.total_compressed_size] = (
        b"\xff" * vendor.total_compressed_size
    )
    file.write_bytes(content)
    answer = command(
        "train", "--test-month=2023-04", "--data-base-path=damaged"
    )
    assert answer.code == 4
    assert "damaged/2023/02/trips.parquet cannot be read" in answer.err
    assert ("validate done" in answer.err) == (engine == "spark")
    assert "Traceback" not in answer.err


def test_skip_missing_trains_on_what_is_there(
    command: Command, lake: Path, spark: SparkSession
) -> None:
    """Two train months are enough; strictly, none may be missing."""
    arguments = (
        *_train(lake, "2023-03"),
        "--dry-run",
        "--json",
    )
    strict = command(*arguments)
    assert strict.code == 3
    assert "Missing months: ['2022/12']" in strict.err
    tolerant = command(*arguments, "--skip-missing")
    assert tolerant.code == 0, tolerant.err
    assert tolerant.document["data"]["train_months"] == ["2023-01", "2023-02"]
    assert "Missing data for ['2022/12']" in tolerant.err


def test_rollback_brings_the_model_before_back(
    command: Command, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link follows, and the history tells why."""
    models = []
    for trees, month in ((1, "2023-04"), (8, "2023-05")):
        monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", str(trees))
        answer = command(
            *_train(lake, month),
            "--json",
        )
        assert answer.document["promotion"]["decision"] == "promoted"
        models.append(answer.document["model_id"])
    back = command(
        "registry", "rollback", "--reason=too dear", "--yes", "--json"
    )
    told = back.document
    assert (told["before"], told["current"]) == (models[1], models[0])
    assert (bool(told["request_id"]), told["done_before"]) == (True, False)
    assert Path("models/registry/current").readlink().name == models[0]
    latest = command("registry", "history", "--json").document[0]
    assert (latest["event"], latest["reason"]) == ("rolled_back", "too dear")
    again = command(*_train(lake, "2023-05"))
    assert "was done before" in again.out
    assert f"The current model is {models[0]}." in again.out


def test_a_run_is_known_after_its_model_was_pruned(
    command: Command, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its figures are in the history: nothing is trained again."""
    monkeypatch.setenv("TAXI_FARE_REGISTRY__KEEP_VERSIONS", "1")
    first: dict[str, Any] = {}
    for trees, month in ((1, "2023-04"), (4, "2023-05"), (12, "2023-06")):
        monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", str(trees))
        answer = command(*_train(lake, month), "--json")
        assert answer.document["promotion"]["decision"] == "promoted"
        first = first or answer.document
    versions = Path("models/registry/versions")
    assert not (versions / first["model_id"]).exists()
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "1")
    again = command(*_train(lake, "2023-04"), "--json")
    assert again.code == 0, again.err
    for name in ("model_id", "run_key", "run_id", "schema_version"):
        assert again.document[name] == first[name]
    assert again.document["metrics"]["rmse"] == first["metrics"]["rmse"]
    assert "was done before" in command(*_train(lake, "2023-04")).out
