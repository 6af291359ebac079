"""A disk that gets full on one worker in the middle of a train."""

import errno
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

MONTHS = "2023-01..2023-04"
REGISTRY = "--model-registry-path=s3a://nyc-interim/registry"
# From the failed write to the end: no retries of Spark's may go on for long.
MINUTE = 60
# Twice the jars of S3A, which a worker copies, and some room for trips.
SIZE = "size=64m"


@pytest.fixture
def small_disk(cluster: Any) -> Iterator[Path]:
    """The folder of the first worker is a disk of its own."""
    folder = cluster.state / "worker-1"
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", SIZE, "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no disk can be mounted: {done.stderr.strip()}")
    yield folder
    cluster.script("down")
    subprocess.run(["umount", str(folder)], check=True)


def _fill(folder: Path) -> None:
    """Write until there is no room."""
    with (folder / "full").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 12))
        except OSError as error:
            assert error.errno == errno.ENOSPC


def test_a_full_disk_of_a_worker_ends_the_run(
    cluster: Any, small_disk: Path
) -> None:
    """Within a minute, with exit 7, the worker's name, and no model."""
    code, words = cluster.script("up")
    assert code == 0, words
    for month in parse_months(MONTHS):
        file = cluster.home / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month=month, trips=2_000, seed=7)
    source = f"--source={cluster.home / 'raw'}"
    cluster.command("ingest", f"--months={MONTHS}", source)
    train = "train", "--test-month=2023-04", REGISTRY
    with cluster.start(*train, TAXI_FARE_GBT__MAX_ITER="200") as process:
        assert process.stderr is not None
        found = any("fit started" in line for line in process.stderr)
        if found:
            _fill(small_disk)
        began = time.monotonic()
        _, err = cluster.end(process)
        seconds = time.monotonic() - began
    assert found, "the train ended before it began to fit"
    assert process.returncode == 7, err
    assert "A disk is full on the worker 127.0.0.1 (executor" in err
    assert "What to do: make room" in err
    assert "Traceback" not in err
    assert seconds < MINUTE
    (small_disk / "full").unlink()
    shown = cluster.command("registry", "show", "--json", REGISTRY)
    assert '"current": null' in shown
    assert not (cluster.work / "reports" / "train_metrics.json").exists()
