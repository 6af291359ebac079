"""The commands with a registry in a store, on local Spark."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import obstore
import pytest
from pyspark.sql import SparkSession

from taxi_fare.cli.main import run
from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.scoring.predictor import FarePredictor

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

SMALL = {
    "TAXI_FARE_GBT__MAX_ITER": "2",
    "TAXI_FARE_GBT__MAX_DEPTH": "3",
    "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
}
RIDE = ("--pickup=132", "--dropoff=230", "--distance=17.2", "--minutes=41.5")
PATIENCE_SECONDS = 180.0


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake on this machine, with months 2023-01 to 2023-05."""
    folder = tmp_path_factory.mktemp("months")
    for month in parse_months("2023-01..2023-05"):
        path = folder / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(path, month=month, trips=2_000, seed=7)
    code = run(
        [
            "ingest",
            "--months=2023-01..2023-05",
            f"--source={folder / 'raw'}",
            f"--data-base-path={folder / 'lake'}",
            f"--reports-dir={folder / 'reports'}",
        ]
    )
    assert code == 0
    return folder / "lake"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty folder, with a small recipe."""
    monkeypatch.chdir(tmp_path)
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def server(
    start_server: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """A MinIO of the test's own, which it may kill."""
    server = start_server("minio")
    server.make_bucket("models")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    return server


def _state(server: Any) -> dict[str, Any]:
    content = obstore.get(server.store("models"), "r/model_registry.json")
    state: dict[str, Any] = json.loads(bytes(content.bytes()))
    return state


def _everything(server: Any, home: Path) -> dict[str, bytes]:
    """All that was written: objects of the store, files of the folder."""
    store = server.store("models")
    written = {
        each["path"]: bytes(obstore.get(store, each["path"]).bytes())
        for batch in obstore.list(store)
        for each in batch
    }
    files = (path for path in home.rglob("*") if path.is_file())
    return written | {str(path): path.read_bytes() for path in files}


def test_the_whole_story(
    home: Path,
    lake: Path,
    server: Any,
    spark: SparkSession,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Train twice, look, predict, price, go back; no key is anywhere."""
    printed = ""

    def call(*arguments: object, code: int = 0) -> str:
        """Run a command; return what it printed."""
        nonlocal printed
        capsys.readouterr()
        registry = "--model-registry-path=s3a://models/r"
        ended = run([*map(str, arguments), registry])
        out, err = capsys.readouterr()
        assert ended == code, err
        printed += out + err
        return out

    base = f"--data-base-path={lake}"
    call("doctor", base)
    april = json.loads(call("train", "--test-month=2023-04", base, "--json"))
    assert april["promotion"]["decision"] == "promoted"
    again = json.loads(call("train", "--test-month=2023-04", base, "--json"))
    assert again["model_id"] == april["model_id"]
    assert _state(server)["generation"] == 1
    (home / "reports" / "train_metrics.json").unlink()
    call("train", "--test-month=2023-04", base)
    assert (home / "reports" / "train_metrics.json").is_file()

    may = json.loads(
        call("pipeline", "--test-month=2023-05", base, "--json", "--force")
    )
    assert [step["status"] for step in may["steps"]] == ["passed"] * 6
    state = _state(server)
    assert len(state["history"]) == 2
    assert state["history"][1]["compared_with"] == april["model_id"]

    shown = json.loads(call("registry", "show", "--verify", "--json"))
    assert shown["damaged"] == {}
    assert len(json.loads(call("registry", "history", "--json"))) == 2
    call("check", "model")
    report = json.loads(call("predict", "--month=2023-04", base, "--json"))
    assert report["model_id"] == state["slots"]["current"]
    priced = json.loads(call("quote", *RIDE, "--json"))
    predictor = FarePredictor.load("s3a://models/r")
    assert priced["model_id"] == predictor.model_id == report["model_id"]

    other = next(
        entry["model_id"]
        for entry in state["history"]
        if entry["model_id"] != state["slots"]["current"]
    )
    call(
        *("registry", "rollback", "--yes", f"--to={other}"),
        "--reason=a test",
    )
    assert FarePredictor.load("s3a://models/r").model_id == other
    call("registry", "rollback", "--to=none", "--reason=x", code=2)
    call("doctor", base)
    assert not (home / "models").exists()
    for key in (server.access_key, server.secret_key):
        assert key not in printed
        found = _everything(server, home).items()
        assert [name for name, text in found if key.encode() in text] == []


def test_a_damaged_model_is_refused(
    home: Path,
    lake: Path,
    server: Any,
    spark: SparkSession,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As with a folder: 6 for whoever finds it, and the doctor says so."""
    registry = "--model-registry-path=s3a://models/r"
    base = f"--data-base-path={lake}"
    assert run(["train", "--test-month=2023-04", base, registry]) == 0
    store = server.store("models")
    current = _state(server)["slots"]["current"]
    paths = [
        each["path"]
        for batch in obstore.list(store, f"r/versions/{current}")
        for each in batch
        if "/treesMetadata/part-" in each["path"]
    ]
    obstore.put(store, paths[0], b"other")
    capsys.readouterr()
    assert run(["predict", "--month=2023-05", base, registry]) == 6
    assert "is damaged: stages/" in capsys.readouterr().err
    assert run(["train", "--test-month=2023-05", base, registry]) == 6
    assert run(["check", "model", registry]) == 6
    assert run(["registry", "show", "--verify", registry]) == 6
    assert run(["doctor", base, registry]) == 7


def test_the_store_goes_away_while_a_model_is_trained(
    home: Path, lake: Path, server: Any
) -> None:
    """Exit 7 and what to do; the registry is as it was, and goes on."""
    command = [
        *(sys.executable, "-m", "taxi_fare", "train", "--test-month=2023-04"),
        *(f"--data-base-path={lake}", "--model-registry-path=s3a://models/r"),
    ]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "fit started" in line:
                server.kill()
                break
        before = time.monotonic()
        words = process.stderr.read()
    assert process.returncode == 7, words
    assert time.monotonic() - before < PATIENCE_SECONDS
    assert "cannot be reached" in words
    assert "What to do" in words
    assert server.secret_key not in words
    assert not (home / "reports").exists()
    server.start()
    state = _state(server)
    assert (state["history"], state["slots"]["current"]) == ([], None)
    again = subprocess.run(command, check=False, env=environment)
    assert again.returncode == 0
    assert _state(server)["generation"] == 1


@pytest.mark.parametrize(
    ("master", "remedy"),
    [
        ("spark://nowhere:7077", "s3a://bucket/prefix"),
        ("yarn", "SHARED_FOLDER=true"),
    ],
)
def test_a_local_registry_with_a_remote_master_is_refused(
    master: str, remedy: str, home: Path, lake: Path
) -> None:
    """Before training, before Spark, and before anything is written."""
    answer = subprocess.run(
        [
            *(sys.executable, "-m", "taxi_fare", "train"),
            *("--test-month=2023-04", f"--data-base-path={lake}"),
        ],
        env=os.environ | {"SPARK_MASTER": master},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 2
    assert f"Spark runs on {master}" in answer.stderr
    assert remedy in answer.stderr
    assert "Starting Spark" not in answer.stderr
    assert list(home.iterdir()) == []


def test_a_registry_that_is_not_there_is_told_with_those_beside_it(
    home: Path, server: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3, as with a folder; nothing is written."""
    store = server.store("models")
    obstore.put(store, "live/model_registry.json", b'{"schema_version": 1}')
    for url in ("s3a://models/liv", "s3a://models"):
        for command in (
            ("registry", "show"),
            ("registry", "history"),
            ("registry", "rollback", "--reason=x"),
            ("check", "model"),
            ("predict",),
            ("quote", *RIDE),
        ):
            capsys.readouterr()
            assert run([*command, f"--model-registry-path={url}"]) == 3
            told = capsys.readouterr().err
            assert f"There is no model registry in {url}." in told
            assert "did you mean s3a://models/live?" in told
    assert (
        run(["registry", "show", "--model-registry-path=s3a://models/live"])
        == 0
    )
    found = [each["path"] for batch in obstore.list(store) for each in batch]
    assert found == ["live/model_registry.json"]
