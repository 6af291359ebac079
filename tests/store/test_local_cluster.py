"""``deploy/local-cluster.sh``: up, used, hurt, down."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulate import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "local-cluster.sh"
LONGEST_SECONDS = 600
TRAIN = ("train", "--test-month=2023-04", "--json")
MONTHS = parse_months("2023-01..2023-04")


@dataclass(frozen=True)
class Cluster:
    """A cluster of a test's own, on free ports."""

    home: Path
    ports: dict[str, str]

    @property
    def state(self) -> Path:
        """Where the script keeps pids, logs and data."""
        return self.home / "state"

    def environment(self, **more: str) -> dict[str, str]:
        """What a shell has, with small programs."""
        kept = ("PATH", "HOME", "XDG_CACHE_HOME", "TAXI_FARE_TOOLS")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **self.ports,
            "CLUSTER_STATE": str(self.state),
            "CLUSTER_WORKER_MEMORY": "1g",
            "CLUSTER_PATIENCE_SECONDS": "180",
            "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
            "TAXI_FARE_RECIPE__MAX_ITER": "4",
            "TAXI_FARE_RECIPE__MAX_DEPTH": "4",
            **more,
        }

    def script(self, word: str) -> tuple[int, str]:
        """Call the script."""
        # Its servers outlive it, and would keep a pipe open.
        printed = self.home / f"{word}.out"
        with printed.open("w") as output:
            done = subprocess.run(
                [str(SCRIPT), word],
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        return done.returncode, printed.read_text()

    def variables(self) -> dict[str, str]:
        """What a user gets by sourcing the script's file."""
        text = (self.state / "environment").read_text()
        return dict(re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE))

    def command(self, *words: str, **more: str) -> list[str]:
        """Run a command there; return its lines on stderr."""
        folder = self.home / "work"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", "taxi_fare", *words],
            cwd=folder,
            env=self.environment(**(self.variables() | more)),
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [done.stdout, done.stderr]


@pytest.fixture
def cluster(
    tmp_path: Path, minio_server: object, jars: None
) -> Iterator[Cluster]:
    """A cluster that is not up yet; down in the end."""
    names = [f"CLUSTER_{each}_PORT" for each in ("MASTER", "STORE")]
    names += ["CLUSTER_MASTER_WEB_PORT", "CLUSTER_WORKER_WEB_PORT"]
    with ExitStack() as stack:
        ports = {}
        for name in names:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            ports[name] = str(probe.getsockname()[1])
    cluster = Cluster(tmp_path, ports)
    yield cluster
    cluster.script("down")


def _pids(cluster: Cluster) -> dict[str, int]:
    return {
        file.stem: int(file.read_text())
        for file in cluster.state.glob("*.pid")
    }


def _lose_a_worker(cluster: Cluster, train: subprocess.Popen[str]) -> None:
    """Kill one of the two as soon as trees grow on it."""
    assert train.stderr is not None
    for line in train.stderr:
        if "fit started" in line:
            os.kill(_pids(cluster)["worker-1"], signal.SIGKILL)
            return
    raise AssertionError("the train ended before it began to fit")


def test_a_run_survives_the_loss_of_a_worker(cluster: Cluster) -> None:
    """With the figures of a run on this machine alone."""
    code, words = cluster.script("up")
    assert code == 0, words
    before = _pids(cluster)
    assert set(before) == {"store", "master", "worker-1", "worker-2"}
    for month in MONTHS:
        file = cluster.home / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month, trips=3_000, seed=7)
    source = f"--source={cluster.home}"
    cluster.command("ingest", "--months=2023-01..2023-04", source)
    alone = cluster.command(*TRAIN, SPARK_MASTER="local[2]")[0]
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "taxi_fare"),
            *TRAIN,
            "--model-registry-path=s3a://nyc-interim/registry",
        ],
        cwd=cluster.home / "work",
        env=cluster.environment(**cluster.variables()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as train:
        _lose_a_worker(cluster, train)
        together, err = train.communicate(timeout=LONGEST_SECONDS)
    assert train.returncode == 0, err
    assert json.loads(together)["metrics"] == json.loads(alone)["metrics"]

    code, words = cluster.script("status")
    assert (code, "worker-1: down" in words) == (7, True)
    assert cluster.script("up")[0] == 0
    after = _pids(cluster)
    assert after.pop("worker-1") != before.pop("worker-1")
    assert after == before
    for key in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        value = cluster.variables()[key].encode()
        for log in [*cluster.state.glob("*.log")]:
            assert value not in log.read_bytes()
        for file in (cluster.home / "work").rglob("*"):
            assert not file.is_file() or value not in file.read_bytes()

    assert cluster.script("down")[0] == 0
    assert _pids(cluster) == {}
    assert cluster.script("status")[0] == 7


def test_a_port_in_use_is_told(cluster: Cluster) -> None:
    """Nothing is left running, and the other program is left alone."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", int(cluster.ports["CLUSTER_STORE_PORT"])))
        other.listen()
        code, words = cluster.script("up")
    assert code == 7
    assert "store did not start" in words
    assert "What to do" in words
    assert _pids(cluster) == {}
