"""The second DAG, on a standalone cluster of one worker."""

import json
import os
import re
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from airflow_calls import (
    PATIENCE_SECONDS,
    PROJECT_BIN,
    ROOT,
    SMALL,
    DagsTest,
    project_python,
)

SECRET = secrets.token_hex()
CLASSES = "org.apache.spark.deploy"
FIND = """
import pyspark
from pathlib import Path
from taxi_fare.core.spark.java import find_java

print(find_java().home, Path(pyspark.__file__).parent, sep="\\n")
"""


@contextmanager
def _daemon(log: Path, *arguments: str, env: dict[str, str]) -> Iterator[None]:
    """Run a part of Spark; in the end, end it and all that it started."""
    with log.open("w") as output:
        process = subprocess.Popen(
            [f"{env['SPARK_HOME']}/bin/spark-class", *arguments],
            cwd=log.parent,
            env=env,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _said(log: Path, pattern: str) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := re.search(pattern, log.read_text())) is None:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return found[1]


@pytest.fixture
def lake(raw: Path, tmp_path: Path) -> Path:
    """A data lake with the months that are needed."""
    lake = tmp_path / "lake"
    ingest = ["ingest", "--months=2023-01..2023-04", f"--source={raw}"]
    subprocess.run(
        [PROJECT_BIN / "taxi-fare", *ingest, f"--data-base-path={lake}"],
        cwd=tmp_path,
        check=True,
    )
    return lake


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Java and Spark of the project."""
    java, spark = project_python(FIND).split()
    return {
        "PATH": "/usr/bin:/bin",
        "JAVA_HOME": java,
        "SPARK_HOME": spark,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(tmp_path),
        "_SPARK_AUTH_SECRET": SECRET,
        "JAVA_TOOL_OPTIONS": SMALL["JAVA_TOOL_OPTIONS"],
    }


@pytest.fixture
def master(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """A master and a worker."""
    first, second = tmp_path / "master.log", tmp_path / "worker.log"
    closed = ROOT / "deploy" / "spark-cluster.properties"
    options = ("--host", "127.0.0.1", "--webui-port", "0")
    options += ("--properties-file", str(closed))
    master = (f"{CLASSES}.master.Master", *options, "--port", "0")
    with _daemon(first, *master, env=environment):
        url = _said(first, r"master at (spark://127\.0\.0\.1:\d+)")
        size = ("--cores", "2", "--memory", "1g")
        worker = (f"{CLASSES}.worker.Worker", *options, *size, url)
        with _daemon(second, *worker, env=environment):
            _said(first, "(Registering worker)")
            yield url


def test_a_cluster_trains_and_predicts(
    checkout: Path,
    lake: Path,
    environment: dict[str, str],
    master: str,
    dags_test: DagsTest,
) -> None:
    """Airflow's worker has the driver, the cluster does the work."""
    host, port = master.rsplit(":", 1)
    connection = {"conn_type": "spark", "host": host, "port": int(port)}
    run = dags_test(
        *("taxi_fare_spark_submit", "2023-06-28"),
        *("--conf", json.dumps({"month": "2023-04"})),
        home=checkout,
        AIRFLOW_CONN_SPARK_DEFAULT=json.dumps(connection),
        AIRFLOW_VAR_TAXI_FARE_LAKE=lake,
        # The cluster's worker is on this machine.
        TAXI_FARE_REGISTRY__SHARED_FOLDER="true",
        JAVA_HOME=environment["JAVA_HOME"],
        SPARK_AUTHENTICATE_SECRET=SECRET,
    )
    assert run.code == 0, run.log
    assert run.tasks == dict.fromkeys(
        ("watch", "ml_pipeline", "predict"), ("success", 1)
    )
    assert run.log.count(f"spark-submit runs Spark on {master}") == 3
    reports = checkout / "reports"
    metrics = json.loads((reports / "train_metrics.json").read_text())
    assert metrics["promotion"]["decision"] == "promoted"
    assert (checkout / "models" / "registry" / "current").exists()
    assert (reports / "predictions" / "2023-04.parquet").exists()
