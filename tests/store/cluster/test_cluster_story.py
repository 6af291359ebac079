"""The whole story: months, models and predictions of a cluster and a store."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

MONTHS = "2023-01..2023-05"
REGISTRY = "--model-registry-path=s3a://nyc-interim/registry"
BETTER = {
    "TAXI_FARE_TRAINING__RECIPE": "gbt-tariff",
    "TAXI_FARE_GBT__MAX_ITER": "5",
    "TAXI_FARE_GBT__MAX_DEPTH": "4",
}
WEAK = {"TAXI_FARE_GBT__MAX_ITER": "2", "TAXI_FARE_GBT__MAX_DEPTH": "3"}


@pytest.fixture
def full(cluster: Any) -> Any:
    """A cluster whose store has five months, and a folder the same five."""
    code, words = cluster.script("up")
    assert code == 0, words
    raw = cluster.home / "raw"
    for month in parse_months(MONTHS):
        file = raw / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month=month, trips=2_000, seed=7)
    ingest = "ingest", f"--months={MONTHS}", f"--source={raw}"
    cluster.command(*ingest)
    cluster.command(*ingest, "--data-base-path=folder")
    return cluster


def _predictions(file: Path) -> pa.Table:
    """Every trip with its prediction, in an order of their own."""
    table = pq.read_table(file)
    return table.sort_by([(name, "ascending") for name in table.column_names])


def _kill_in_the_middle(cluster: Any) -> None:
    """End a train of the current month as a power cut would."""
    train = "train", "--test-month=2023-05", "--force", REGISTRY
    more = BETTER | {"TAXI_FARE_GBT__MAX_ITER": "200"}
    with cluster.start(*train, **more) as process:
        assert process.stderr is not None
        found = any("fit started" in line for line in process.stderr)
        os.killpg(process.pid, signal.SIGKILL)
    assert found, "the train ended before it began to fit"


def _slots(cluster: Any) -> Any:
    shown = cluster.command("registry", "show", "--verify", "--json", REGISTRY)
    return json.loads(shown)["slots"]


def test_months_models_and_predictions_by_the_store(full: Any) -> None:
    """A first model, a better one that takes its place, its predictions; a
    train that is killed changes nothing; nor does a run that is no better,
    whose first step reads a folder and whose second needs the store."""
    april = "train", "--test-month=2023-04", "--json", REGISTRY
    first = json.loads(full.command(*april, **WEAK))
    assert first["promotion"]["decision"] == "promoted"
    may = "pipeline", "--test-month=2023-05", "--json", REGISTRY
    run = json.loads(full.command(*may, **BETTER))
    assert [step["status"] for step in run["steps"]] == ["passed"] * 6, run
    trained = json.loads(
        (full.work / "reports" / "train_metrics.json").read_text()
    )
    assert trained["promotion"]["decision"] == "promoted"
    better = trained["model_id"]
    assert better != first["model_id"]
    predicted = full.work / "reports" / "predictions" / "2023-05.parquet"
    before = _predictions(predicted)
    assert before.num_rows > 1_900

    _kill_in_the_middle(full)
    assert _slots(full)["current"] == better
    again = full.work / "again.parquet"
    predict = "predict", "--month=2023-05", f"--output={again}", "--json"
    document = json.loads(full.command(*predict, REGISTRY))
    assert document["model_id"] == better
    assert _predictions(again).equals(before)

    folder = "--train-only", "--data-base-path=folder"
    run = json.loads(full.command(*may, *folder, **WEAK))
    assert [step["status"] for step in run["steps"]] == ["passed"] * 4, run
    assert "kept" in run["steps"][2]["summary"]
    # The cluster's trips were counted, and the folder's: the same month.
    watched = full.work / "reports" / "watch" / "2023-05" / "watch.json"
    model = json.loads(watched.read_text())["model"]
    assert model["model_id"] == first["model_id"]
    assert _slots(full)["current"] == better
