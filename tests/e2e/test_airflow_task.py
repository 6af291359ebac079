"""A real training run, stopped as Airflow stops its tasks."""

import os
import signal
import sys
from pathlib import Path

import pytest

from taxi_fare_task.command import run_command

pytestmark = [pytest.mark.spark, pytest.mark.e2e]


def test_a_training_that_is_stopped_leaves_nothing(
    lake: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a version nor a report, in the middle of a fit."""
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "200")
    command = [
        *(sys.executable, "-m", "taxi_fare", "train", "--test-month=2023-04"),
        *(f"--data-base-path={lake}", "--json", "--log-format=json"),
    ]
    said: list[str] = []

    def on_line(level: str, text: str) -> None:
        """Stop it when it trains."""
        said.append(text)
        if text.startswith("fit started"):
            os.kill(os.getpid(), signal.SIGTERM)

    ending = run_command(command, home=home, on_line=on_line)
    assert ending.code == 128 + signal.SIGTERM, said
    assert ending.words.startswith("Interrupted. Nothing half-written")
    assert "Traceback" not in "".join(said)
    assert not any((home / "models" / "registry" / "versions").iterdir())
    assert not (home / "reports").exists()
