"""Runs that are killed, interrupted, or started several times at once."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import SparkSession
from tests.e2e.conftest import Command, Start

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

REGISTRY = Path("models/registry")
PATIENCE_SECONDS = 120.0


def _train(lake: Path, month: str) -> tuple[str, ...]:
    return "train", f"--test-month={month}", f"--data-base-path={lake}"


def _current() -> str:
    state = json.loads((REGISTRY / "model_registry.json").read_text())
    return str(state["slots"]["current"])


def _wait_for(
    condition: Callable[[], bool], process: subprocess.Popen[str]
) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.001)


def _staging_has(name: str) -> bool:
    # os.walk passes over folders that vanish while they are listed.
    return any(
        name in folders or name in files
        for staging in REGISTRY.glob("versions/.staging-*")
        for _, folders, files in os.walk(staging)
    )


def _kill(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


# Installs a hook that sends the process a signal right before a file or folder
# gets a certain name, then runs the command line.
SIGNALLED = """
import os, signal, sys

_, name, target, *command = sys.argv
sys.argv[1:] = []

def hook(event, arguments):
    if event == "os.rename" and target in str(arguments[1]):
        os.killpg(0, signal.Signals[name])

sys.addaudithook(hook)
from taxi_fare.__main__ import main
main(*command)
"""


def _signalled(
    signal_: signal.Signals, target: str, *arguments: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that gets a signal before it has written a file."""
    return subprocess.run(
        [sys.executable, "-c", SIGNALLED, signal_.name, target, *arguments],
        start_new_session=True,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_run_that_is_killed_leaves_a_current_model_that_loads(
    command: Command,
    start: Start,
    lake: Path,
    spark: SparkSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed while Spark saves the model, and before each step of a
    promotion: the old model is current until the truth is replaced.

    Every single change of a file, without Spark: test_registry_crash.py.
    """
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "1")
    assert command(*_train(lake, "2023-04")).code == 0
    before = _current()
    # The next model is better, so that it is promoted.
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "4")

    def check(expected: str) -> None:
        """Load what is current, before anybody tidies up and after it."""
        path = (REGISTRY / "current").absolute()
        assert path.resolve().name in {before, _current()}
        assert len(PipelineModel.load(str(path)).stages) == 4
        shown = command("registry", "show", "--verify", "--json")
        assert shown.code == 0, shown.err
        assert shown.document["slots"]["current"].startswith(expected)

    process = start(*_train(lake, "2023-05"))
    _wait_for(lambda: _staging_has("treesMetadata"), process)
    _kill(process)
    check(before)
    for target, expected in (
        ("versions/2023-05", before),
        ("model_registry.json", before),
        ("registry/current", "2023-05"),
    ):
        # Forced, since the last of them has recorded its run.
        arguments = [*_train(lake, "2023-05"), "--force"]
        killed = _signalled(signal.SIGKILL, target, *arguments)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        check(expected)
    again = command(*_train(lake, "2023-05"), "--json")
    assert again.code == 0, again.err
    assert again.document["model_id"] == _current()
    assert (REGISTRY / "current").readlink().name == _current()
    assert not any(REGISTRY.glob("versions/.*"))


def test_runs_at_once_leave_one_truth(
    command: Command, start: Start, lake: Path, spark: SparkSession
) -> None:
    """Three at once, two of them the same run: each is recorded once."""
    months = ("2023-04", "2023-05", "2023-05")
    processes = [start(*_train(lake, month), "--json") for month in months]
    answers = [process.communicate() for process in processes]
    for process, (_, err) in zip(processes, answers, strict=True):
        assert process.returncode == 0, err
    documents = [json.loads(out) for out, _ in answers]
    history = command("registry", "history", "--json").document
    assert sorted(each["test_month"] for each in history) == [
        "2023-04",
        "2023-05",
    ]
    recorded = {each["model_id"] for each in history}
    assert {each["model_id"] for each in documents} == recorded
    # The later decision was taken against the model of the earlier one.
    latest, earliest = history
    assert earliest["compared_with"] is None
    assert latest["compared_with"] == earliest["model_id"]
    assert command("registry", "show", "--verify").code == 0


@pytest.mark.parametrize("signal_", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_stops_cleanly(
    signal_: signal.Signals,
    start: Start,
    lake: Path,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One sentence instead of a traceback, and nothing left behind."""
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "200")
    process = start(*_train(lake, "2023-04"))
    assert process.stderr is not None
    for line in process.stderr:
        if "fit started" in line:
            break
    time.sleep(1)
    os.killpg(process.pid, signal_)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + signal_
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert "Exception" not in err
    assert not (REGISTRY / "current").exists()
    assert not any(REGISTRY.glob("versions/*"))
    assert not (home / "reports").exists()


def test_a_prediction_that_is_killed_leaves_the_old_one(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Old file, old report; the next run is not disturbed by the rest."""
    arguments = ["predict", "--month=2023-04", f"--data-base-path={lake}"]
    assert command(*arguments).code == 0
    folder, report = Path("reports/predictions"), "predict_report.json"
    file = folder / "2023-04.parquet"
    before = file.stat().st_mtime_ns, (folder.parent / report).read_bytes()
    for target in (file.name, report):
        killed = _signalled(signal.SIGKILL, f"/{target}", *arguments)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert (folder.parent / report).read_bytes() == before[1]
        assert command("check", "predictions").code == 0
        if target == file.name:
            assert file.stat().st_mtime_ns == before[0]
    assert command(*arguments).code == 0
    assert file.stat().st_mtime_ns > before[0]
    assert list(folder.iterdir()) == [file]


def _assert_predicted_nothing(code: int | None, err: str) -> None:
    assert code == 128 + signal.SIGTERM, err
    assert "Interrupted" in err
    assert "Traceback" not in err
    assert not Path("reports/predict_report.json").exists()
    assert list(Path("reports").glob("predictions/*")) == []
    assert list(Path("reports").glob("predictions/.*")) == []


def test_an_interrupted_prediction_leaves_nothing(
    in_production: Path, lake: Path
) -> None:
    """Neither predictions nor parts of them, and one sentence."""
    arguments = "predict", "--month=2023-04", f"--data-base-path={lake}"
    ended = _signalled(signal.SIGTERM, "/2023-04.parquet", *arguments)
    _assert_predicted_nothing(ended.returncode, ended.stderr)


def test_a_prediction_of_spark_that_is_interrupted_leaves_nothing(
    in_production: Path,
    start: Start,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same while Spark's workers write."""
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", "spark")
    process = start("predict", "--month=2023-04", f"--data-base-path={lake}")
    assert process.stderr is not None
    for line in process.stderr:
        if "predict started" in line:
            break
    time.sleep(1)
    os.killpg(process.pid, signal.SIGTERM)
    _, err = process.communicate(timeout=60)
    _assert_predicted_nothing(process.returncode, err)
