"""A lake of simulated months, and the command line as a function."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from pyspark.sql import SparkSession

from taxi_fare.cli.main import run
from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# A small model: these tests are about the run, not about the figures.
SMALL = {
    "TAXI_FARE_GBT__MAX_ITER": "4",
    "TAXI_FARE_GBT__MAX_DEPTH": "4",
    "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
}


@dataclass(frozen=True)
class Answer:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """Standard output as one JSON document."""
        document: dict[str, Any] = json.loads(self.out)
        return document


Command = Callable[..., Answer]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture(scope="session")
def raw_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw simulated months 2023-01 to 2023-06."""
    folder = tmp_path_factory.mktemp("raw")
    for month in parse_months("2023-01..2023-06"):
        path = folder / f"yellow_tripdata_{month}.parquet"
        simulate_month(path, month=month, trips=3_000, seed=7)
    return folder


@pytest.fixture(scope="session")
def lake(raw_months: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lake with these months; tests must not change it."""
    folder = tmp_path_factory.mktemp("home")
    answer = run(
        [
            "ingest",
            "--months=2023-01..2023-06",
            f"--source={raw_months}",
            f"--data-base-path={folder / 'lake'}",
            f"--reports-dir={folder / 'reports'}",
        ]
    )
    assert answer == 0
    return folder / "lake"


@pytest.fixture(scope="session")
def trained(
    lake: Path, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Folder in which test month 2023-04 was run; tests copy it."""
    folder = tmp_path_factory.mktemp("trained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in SMALL.items():
            patch.setenv(name, value)
        code = run(
            ["train", "--test-month=2023-04", f"--data-base-path={lake}"]
        )
    assert code == 0
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, where there is one."""
    found = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        pytest.skip(f"no browser on this machine: {', '.join(_BROWSERS)}")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Change to an empty folder, with a small recipe."""
    monkeypatch.chdir(tmp_path)
    for name, value in SMALL.items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def command(home: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command in this process."""

    def call(*arguments: object) -> Answer:
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def in_production(home: Path, trained: Path) -> Path:
    """The folder of the test, with a model in production; its registry."""
    shutil.copytree(trained, home, symlinks=True, dirs_exist_ok=True)
    return home / "models" / "registry"


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Start a command in a process of its own."""
    processes: list[subprocess.Popen[str]] = []

    def call(*arguments: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "taxi_fare", *map(str, arguments)],
            cwd=home,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    yield call
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
