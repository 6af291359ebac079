"""Decisions are mirrored in a real MLflow; a run never depends on it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import mlflow
import pandas as pd
import pyarrow.parquet as pq
import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from taxi_fare.core.columns import INPUTS
from taxi_fare.core.sections import MirrorSettings
from taxi_fare.core.settings import Settings
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.workflows.mirror import follow_decision

pytestmark = [
    pytest.mark.spark,
    pytest.mark.e2e,
    # MLflow's own, and those of what it stands on.
    pytest.mark.filterwarnings("ignore"),
]
Command = Callable[..., Any]
# Nobody listens there.
NOWHERE = "http://127.0.0.1:9"


@dataclass(frozen=True)
class Server:
    """An MLflow, and what it is asked with."""

    address: str
    client: MlflowClient


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A tracking server with SQLite, and files of its own."""
    folder = tmp_path_factory.mktemp("mlflow")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [
        *(sys.executable, "-m", "mlflow", "server", f"--port={port}"),
        f"--backend-store-uri=sqlite:///{folder}/mlflow.db",
        f"--artifacts-destination={folder}/artifacts",
        "--workers=1",
    ]
    with (
        pytest.MonkeyPatch.context() as patch,
        (folder / "log").open("w") as log,
    ):
        # Its makers are not told of tests.
        patch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
        process = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _wait_for(address, process)
            yield Server(address, MlflowClient(address, address))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(f"{address}/health").is_success:
                return
        except httpx.TransportError:
            time.sleep(0.25)
    raise AssertionError("the server does not answer")


def _runs(client: MlflowClient) -> dict[str, Run]:
    found = client.get_experiment_by_name("taxi_fare")
    assert found is not None
    runs = client.search_runs([found.experiment_id])
    return {each.data.tags["taxi_fare.run_id"]: each for each in runs}


def _champion(client: MlflowClient) -> str:
    version = client.get_model_version_by_alias("taxi_fare", "champion")
    return str(version.tags["taxi_fare.model_id"])


def _registry(home: Path) -> dict[str, Any]:
    text = (home / "models/registry/model_registry.json").read_text()
    document: dict[str, Any] = json.loads(text)
    return document


def test_decisions_are_mirrored(
    in_production: Path,
    command: Command,
    lake: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Two months, MLflow away meanwhile, a rollback, and its prices."""
    home, client = Path.cwd(), server.client
    month = ("--test-month=2023-05", f"--data-base-path={lake}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", NOWHERE)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    away = command("train", *month, "--json")
    assert away.code == 0, away.err
    assert "MLflow does not know this decision yet" in away.err
    assert away.document["promotion"]["decision"] in {"promoted", "kept"}

    # What was not told is told later, all of it.
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    told = command("registry", "mirror", "--json").document
    history = _registry(home)["history"]
    assert told["decisions"] == [each["run_id"] for each in history]
    assert sorted(told["models"]) == sorted(x["model_id"] for x in history)
    runs = _runs(client)
    assert [*runs] == [each["run_id"] for each in reversed(history)]
    _is_told_in_full(client, runs[history[-1]["run_id"]], history[-1])
    slots = _registry(home)["slots"]
    assert _champion(client) == slots["current"]

    # Nothing is told twice, nor by a run that finds nothing to do.
    assert command("train", *month, "--json").code == 0
    told = command("registry", "mirror", "--json").document
    assert (told["decisions"], told["models"]) == ([], [])
    assert len(_runs(client)) == len(history)
    versions = client.search_model_versions("name = 'taxi_fare'")
    assert len(versions) == 2

    names = {each["model_id"] for each in history}
    (other,) = names - {slots["current"]}
    reasons = ["a person knows better", "and thinks again"]
    for words, champion in (
        (("promote", other), other),
        (("rollback",), slots["current"]),
    ):
        reason = reasons[0] if champion == other else reasons[1]
        turned = command(
            "registry", *words, f"--reason={reason}", "--yes", "--json"
        )
        assert turned.code == 0, turned.err
        assert _champion(client) == champion
    by_hand = [
        each.data.tags["taxi_fare.reason"]
        for each in _runs(client).values()
        if each.data.tags["taxi_fare.decided_by"] == "person"
    ]
    assert sorted(by_hand) == sorted(reasons)

    _same_prices(in_production, lake, home)


def _is_told_in_full(
    client: MlflowClient, run: Run, entry: dict[str, Any]
) -> None:
    """Figures, parameters, months, gates, decision, reports."""
    data = run.data
    assert run.info.status == "FINISHED"
    assert data.metrics["rmse"] == entry["metrics"]["rmse"]
    assert data.metrics["current.mae"] == entry["current_metrics"]["mae"]
    assert data.params["train_months"] == "2023-02, 2023-03, 2023-04"
    assert data.params["max_iter"] == "4"
    assert data.tags["taxi_fare.decision"] == entry["event"]
    assert data.tags["taxi_fare.run_key"] == entry["run_key"]
    assert data.tags["taxi_fare.gates_missed"] == "[]"
    assert run.info.end_time > run.info.start_time
    used = {x.dataset.name: x.tags[0].value for x in run.inputs.dataset_inputs}
    assert used["2023-05"] == "test"
    assert used["2023-04"] == "training"
    reports = client.list_artifacts(run.info.run_id, "reports")
    assert "reports/train_metrics.json" in [each.path for each in reports]


def _same_prices(registry: Path, lake: Path, home: Path) -> None:
    """MLflow's own command, in a process of its own, prices as we do."""
    month = pq.read_table(lake / "2023/05", columns=[*INPUTS]).slice(0, 200)
    trips = month.to_pandas()
    asked = home / "trips.json"
    split = trips.to_json(orient="split", date_format="iso", index=False)
    asked.write_text(f'{{"dataframe_split": {split}}}')
    found = home / "prices.json"
    subprocess.run(
        [
            *(sys.executable, "-m", "mlflow", "models", "predict"),
            *("-m", "models:/taxi_fare@champion", "-t", "json"),
            *("-i", str(asked), "-o", str(found), "--env-manager=local"),
        ],
        cwd=home,
        check=True,
        capture_output=True,
    )
    theirs = pd.DataFrame(json.loads(found.read_text())["predictions"])
    ours = FarePredictor.load(registry)
    assert abs(theirs["prediction"] - ours.predict(month)).max() < 1e-6
    ends = ours.interval(month)
    assert ends is not None
    assert abs(theirs["upper_90"] - ends[1]).max() < 1e-6


@pytest.mark.usefixtures("spark")
def test_spark_reads_the_same_model(
    in_production: Path,
    command: Command,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The flavour of Spark is the pipeline that was registered."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    told = command("registry", "mirror", "--json")
    assert told.code == 0, told.err
    current = in_production.joinpath("current").resolve().name
    (version,) = [
        each
        for each in server.client.search_model_versions("name = 'taxi_fare'")
        if each.tags["taxi_fare.model_id"] == current
    ]
    model = mlflow.artifacts.download_artifacts(
        f"models:/taxi_fare/{version.version}",
        dst_path=str(tmp_path / "model"),
        tracking_uri=server.address,
    )
    pipeline = mlflow.spark.load_model(model)
    assert [type(each).__name__ for each in pipeline.stages] == [
        *("StringIndexerModel", "OneHotEncoderModel", "VectorAssembler"),
        "GBTRegressionModel",
    ]


def test_a_server_that_hangs_is_not_waited_for(
    in_production: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the seconds of the setting a run goes on, and says so."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        host, port = deaf.getsockname()
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://{host}:{port}")
        settings = Settings(mirror=MirrorSettings(seconds=4))
        before = time.monotonic()
        follow_decision(in_production, settings)
        took = time.monotonic() - before
    assert 3.5 < took < 10
    assert "does not know this decision yet (no end within 4 s)" in caplog.text


@pytest.mark.parametrize(
    "case",
    [
        ("", 2, "No MLflow is named"),
        ("http://me:secret@host:1", 2, "MLFLOW_TRACKING_USERNAME"),
        (NOWHERE, 75, "MLflow did not take it"),
    ],
)
def test_what_keeps_a_mirror_from_it_is_said(
    case: tuple[str, int, str],
    in_production: Path,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """By its own exit code, and without what was before an @."""
    address, code, words = case
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    answer = command("registry", "mirror")
    assert answer.code == code
    assert words in answer.err
    assert "secret" not in answer.err


def test_a_damaged_version_is_left_out(
    in_production: Path,
    command: Command,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its decision is told; what could price wrongly is not handed over."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", "damaged")
    monkeypatch.setenv("TAXI_FARE_MIRROR__REGISTERED_MODEL", "damaged")
    current = in_production.joinpath("current").resolve()
    (current / "portable" / "model.json").write_text("{}")
    answer = command("registry", "mirror", "--json")
    assert answer.code == 0, answer.err
    told = answer.document
    assert len(told["decisions"]) == 1
    assert told["models"] == []
    assert current.name in told["left_out"]
    assert told["aliases"] == {"champion": None, "candidate": None}
