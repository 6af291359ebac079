"""Portable models: registered with every version, and used by ``quote``."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from taxi_fare.scoring.exported.pipeline import export_pipeline
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.predictor import FarePredictor

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]
APRIL = "2023-04"


def _wrong_export(folder: Path) -> PortableModel:
    """Export a model with another root, which is the only node of a tree."""
    model = export_pipeline(folder)
    stump = (replace(model.trees[-1][0], split=None),)
    return replace(model, trees=(*model.trees[:-1], stump))


def _state(registry: Path) -> tuple[bytes, list[str]]:
    """Return what the registry says, and which folders it has."""
    names = sorted(path.name for path in (registry / "versions").iterdir())
    return (registry / "model_registry.json").read_bytes(), names


def test_a_version_has_a_portable_model(in_production: Path) -> None:
    """The manifest says how well it was compared, and lists its file."""
    manifest = json.loads(
        (in_production / "current" / "manifest.json").read_text()
    )
    portable = manifest["portable"]
    assert portable["trips"] == manifest["data"]["test_rows"] > 2_000
    assert 0 <= portable["max_difference_dollars"] < 1e-9
    assert portable["format"] == "taxi_fare.trees/3"
    assert len(manifest["files"]["portable/model.json"]) == 64
    predictor = FarePredictor.load(in_production)
    assert predictor.model_id == manifest["model_id"]
    assert predictor.simulated
    levels = {name: list(x) for name, x in predictor.model.levels.items()}
    assert levels == manifest["features"]["levels"]
    usual = manifest["features"]["usual_levels"]
    assert all(set(levels[name]) <= set(usual[name]) for name in levels)
    # Zones whose trips cost what others cost are usual all the same.
    assert len(usual["PULocationID"]) > len(levels["PULocationID"])


def test_raw_trips_are_priced_as_spark_prices_them(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Features and all: every trip of a month, and one by hand."""
    answer = command("predict", f"--month={APRIL}", f"--data-base-path={lake}")
    assert answer.code == 0, answer.err
    table = pq.read_table(f"reports/predictions/{APRIL}.parquet")
    theirs = table["prediction"].to_numpy()
    ours = FarePredictor.load(in_production).predict(table)
    assert len(ours) > 2_000
    assert np.abs(ours - theirs).max() < 1e-9
    trip = next(
        each
        for each in table.to_pylist()
        if each["RatecodeID"] == 1 and each["passenger_count"]
    )
    way = trip["tpep_dropoff_datetime"] - trip["tpep_pickup_datetime"]
    quoted = command(
        "quote",
        f"--pickup={trip['PULocationID']}",
        f"--dropoff={trip['DOLocationID']}",
        f"--distance={trip['trip_distance']}",
        f"--minutes={way.total_seconds() / 60!r}",
        f"--at={trip['tpep_pickup_datetime']}",
        f"--passengers={trip['passenger_count']}",
        f"--payment={trip['payment_type']}",
        f"--rate-code={trip['RatecodeID']}",
        f"--vendor={trip['VendorID']}",
        f"--flag={trip['store_and_fwd_flag']}",
        "--json",
    )
    assert quoted.code == 0, quoted.err
    price = quoted.document["prediction"]
    assert price == pytest.approx(trip["prediction"], abs=1e-9)


def test_a_quote_needs_no_java(in_production: Path) -> None:
    """In a process of its own, on a machine that has none."""
    ride = ["--pickup=jfk", "--dropoff=230", "--distance=17", "--minutes=45"]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PATH", "JAVA_HOME"}
    }
    answer = subprocess.run(
        [sys.executable, "-m", "taxi_fare", "quote", *ride],
        env=environment | {"PATH": "", "JAVA_HOME": "/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert re.match(
        r"\$\d+\.\d\d  JFK Airport \(132\) → Times Sq", answer.stdout
    )
    assert in_production.joinpath("current").readlink().name in answer.stdout


def test_a_model_whose_export_differs_is_not_registered(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 5; registry and reports stay as they were, and nothing is left."""
    before = _state(in_production)
    report = Path("reports/train_metrics.json").read_bytes()
    monkeypatch.setattr("taxi_fare.run.saved.export_pipeline", _wrong_export)
    answer = command(
        "train",
        f"--test-month={APRIL}",
        f"--data-base-path={lake}",
        "--force",
    )
    assert answer.code == 5
    assert "predicts something else than Spark" in answer.err
    assert "at most 1e-06 dollars" in answer.err
    assert _state(in_production) == before
    assert Path("reports/train_metrics.json").read_bytes() == report


def test_a_damaged_portable_model_quotes_nothing(
    in_production: Path, command: Command
) -> None:
    """Exit 6 with the file."""
    file = in_production / "current" / "portable" / "model.json"
    file.write_text(file.read_text().replace("0", "1"))
    ride = ["--pickup=jfk", "--dropoff=230", "--distance=17", "--minutes=45"]
    answer = command("quote", *ride)
    assert answer.code == 6
    assert "portable/model.json" in answer.err
