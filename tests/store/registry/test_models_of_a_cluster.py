"""Models that workers on another machine write and read: by the store."""

import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import obstore
import pytest

from taxi_fare.core.spark.java import find_java
from taxi_fare.registry.in_store.registry import StoreRegistry

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

OPTIONS = Path(__file__).parents[3] / "deploy" / "spark-cluster.properties"
SECRET = secrets.token_hex()
PACKAGES = Path(str(distribution("pyspark").locate_file("")))
PROGRAM = Path(__file__).with_name("cluster_program.py")
DEPLOY = "org.apache.spark.deploy"
PATIENCE_SECONDS = 300.0


@pytest.fixture
def any_server(start_server: Callable[[str], Any]) -> Any:
    """A MinIO."""
    return start_server("minio")


@pytest.fixture
def master(tmp_path: Path) -> Iterator[str]:
    """Address of a master with one worker, each a process of its own."""
    spark_class = PACKAGES / "pyspark" / "bin" / "spark-class"
    environment = os.environ | {
        "JAVA_HOME": str(find_java().home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "_SPARK_AUTH_SECRET": SECRET,
    }
    with ExitStack() as stack:

        def start(name: str, pattern: str, *arguments: str) -> str:
            """Start a process; wait for what it says."""
            log = tmp_path / f"{name}.log"
            options = "--properties-file", str(OPTIONS)
            command = [str(spark_class), *arguments, *options]
            process = subprocess.Popen(
                command,
                env=environment,
                stdout=stack.enter_context(log.open("wb")),
                stderr=subprocess.STDOUT,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while not (found := re.search(pattern, log.read_text())):
                assert time.monotonic() < deadline, log.read_text()
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            return found[0]

        url = start(
            "master",
            r"spark://127\.0\.0\.1:\d+",
            f"{DEPLOY}.master.Master",
            *("--host", "127.0.0.1", "--port", "0", "--webui-port", "0"),
        )
        start(
            "worker",
            "Successfully registered",
            f"{DEPLOY}.worker.Worker",
            *("--host", "127.0.0.1", "--cores", "1", "--memory", "1g"),
            *("--webui-port", "0"),
            url,
        )
        yield url


@pytest.mark.usefixtures("jars")
def test_workers_save_and_load_a_model_by_the_store(
    master: str,
    url: str,
    bucket: str,
    open_at: Callable[..., StoreRegistry],
    any_server: Any,
) -> None:
    """The version is whole, and nothing of the upload is left."""
    answer = subprocess.run(
        [sys.executable, str(PROGRAM), url],
        env=os.environ
        | {
            "SPARK_MASTER": master,
            "SPARK_AUTHENTICATE_SECRET": SECRET,
            "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
        },
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    document = json.loads(answer.stdout)
    assert document == {
        "indices": [1.0, 0.0, 0.0],
        "committer": "magic",
        "url": f"{url}/versions/model-1",
    }
    registry = open_at(url)
    assert registry.read().current == "model-1"
    assert registry.versions.damaged_files("model-1") == []
    registry.recover()
    uploads = "models/registry/uploads"
    listed = obstore.list(any_server.store(bucket), uploads)
    # Hadoop makes an empty object for the folder that it deletes from.
    assert {each["path"] for batch in listed for each in batch} <= {uploads}
