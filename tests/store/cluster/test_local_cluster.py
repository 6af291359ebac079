"""``deploy/local-cluster.sh``: up, used, hurt, down."""

import json
import os
import signal
import socket
import subprocess
from typing import Any

import pytest

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

TRAIN = ("train", "--test-month=2023-04", "--json")
MONTHS = parse_months("2023-01..2023-04")


def _lose_a_worker(cluster: Any, train: subprocess.Popen[str]) -> None:
    """Kill one of the two as soon as trees grow on it."""
    assert train.stderr is not None
    for line in train.stderr:
        if "fit started" in line:
            os.kill(cluster.pids["worker-1"], signal.SIGKILL)
            return
    raise AssertionError("the train ended before it began to fit")


def test_a_run_survives_the_loss_of_a_worker(cluster: Any) -> None:
    """With the figures of a run on this machine alone."""
    code, words = cluster.script("up")
    assert code == 0, words
    before = cluster.pids
    assert set(before) == {"store", "master", "worker-1", "worker-2"}
    for month in MONTHS:
        file = cluster.home / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month=month, trips=3_000, seed=7)
    source = f"--source={cluster.home}"
    cluster.command("ingest", "--months=2023-01..2023-04", source)
    alone = cluster.command(*TRAIN, SPARK_MASTER="local[2]")
    registry = "--model-registry-path=s3a://nyc-interim/registry"
    with cluster.start(*TRAIN, registry) as train:
        _lose_a_worker(cluster, train)
        together, err = cluster.end(train)
    assert train.returncode == 0, err
    assert json.loads(together)["metrics"] == json.loads(alone)["metrics"]

    code, words = cluster.script("status")
    assert (code, "worker-1: down" in words) == (7, True)
    assert cluster.script("up")[0] == 0
    after = cluster.pids
    assert after.pop("worker-1") != before.pop("worker-1")
    assert after == before
    for key in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        value = cluster.variables()[key].encode()
        for log in [*cluster.state.glob("*.log")]:
            assert value not in log.read_bytes()
        for file in cluster.work.rglob("*"):
            assert not file.is_file() or value not in file.read_bytes()

    assert cluster.script("down")[0] == 0
    assert cluster.pids == {}
    assert cluster.script("status")[0] == 7


def test_a_run_that_no_worker_takes_says_so(cluster: Any) -> None:
    """It waits, as workers may be busy; and still ends when it is told to."""
    assert cluster.script("up")[0] == 0
    for name in ("worker-1", "worker-2"):
        os.kill(cluster.pids[name], signal.SIGKILL)
    file = cluster.home / f"yellow_tripdata_{MONTHS[0]}.parquet"
    simulate_month(file, month=MONTHS[0], trips=1_000, seed=7)
    lake = f"--data-base-path={cluster.home / 'lake'}"
    month = "--months=2023-01"
    cluster.command("ingest", month, f"--source={cluster.home}", lake)
    with cluster.start("prepare", month, lake) as run:
        assert run.stderr is not None
        assert any("No worker of spark://" in line for line in run.stderr)
        run.terminate()
        cluster.end(run)
    assert run.returncode == 143


def test_a_port_in_use_is_told(cluster: Any) -> None:
    """Nothing is left running, and the other program is left alone."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(cluster.ports["CLUSTER_STORE_PORT"])))
        other.listen()
        code, words = cluster.script("up")
    assert code == 7
    assert "store did not start" in words
    assert "What to do" in words
    assert cluster.pids == {}


def test_ports_of_pages_that_are_in_use_are_left_out(cluster: Any) -> None:
    """A worker takes the next free one, and is found there."""
    web = int(cluster.ports["CLUSTER_WORKER_WEB_PORT"])
    with socket.create_server(("127.0.0.1", web)):
        code, words = cluster.script("up")
        assert code == 0, words
        assert "worker-2: up" in words
    assert cluster.script("down")[0] == 0
