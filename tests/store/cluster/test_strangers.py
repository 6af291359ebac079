"""A cluster of ``deploy/local-cluster.sh`` and who does not belong to it."""

import secrets
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

PROBE = Path(__file__).with_name("probe.py")
REST_PORT = 6066
SECRET = "SPARK_AUTHENTICATE_SECRET"


def _submit(cluster: Any, **more: str) -> subprocess.Popen[str]:
    """Let spark-submit run the probe there, with its pages and event log."""
    events = cluster.home / "events"
    events.mkdir(exist_ok=True)
    options = {
        "spark.ui.enabled": "true",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": events.as_uri(),
        "spark.executor.memory": "512m",
    }
    command = [str(Path(sys.executable).with_name("spark-submit"))]
    variables = cluster.variables()
    command.append(f"--master={variables['SPARK_MASTER']}")
    command += [f"--conf={name}={text}" for name, text in options.items()]
    return subprocess.Popen(
        [*command, str(PROBE)],
        cwd=cluster.work,
        env=cluster.environment(
            **(variables | {"PYSPARK_PYTHON": sys.executable} | more)
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def _ask(method: str, url: str, **params: str) -> httpx.Response:
    return httpx.request(method, url, params=params, trust_env=False)


def test_strangers_get_nothing_from_a_cluster(
    cluster: Any, strangers_reach: Callable[[psutil.Process], set[str]]
) -> None:
    """It talks to this machine only, takes no program by HTTP, runs nothing
    without its secret, and shows the secret nowhere."""
    code, words = cluster.script("up")
    assert code == 0, words
    for name, pid in cluster.pids.items():
        assert strangers_reach(psutil.Process(pid)) == set(), name
    place = cluster.state / "environment"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600

    with pytest.raises(httpx.ConnectError):
        _ask(
            "GET", f"http://127.0.0.1:{REST_PORT}/v1/submissions/status/driver"
        )
    master = f"http://127.0.0.1:{cluster.ports['CLUSTER_MASTER_WEB_PORT']}"
    killed = _ask("POST", f"{master}/workers/kill/", host="127.0.0.1")
    assert killed.status_code >= 400

    for wrong in ("", secrets.token_hex()):
        with _submit(cluster, **{SECRET: wrong}) as process:
            said, _ = cluster.end(process)
        assert process.returncode == 7, said
        assert f"does not talk to this run: {SECRET} is not" in said
        assert "Traceback" not in said
        assert "rows were counted" not in said
    assert _ask("GET", f"{master}/json/").json()["completedapps"] == []

    secret = cluster.variables()[SECRET]
    with _submit(cluster, SPARK_LOCAL_IP="127.0.0.1") as process:
        said, _ = cluster.end(process)
    assert process.returncode == 0, said
    assert "100 rows were counted" in said
    # What is searched has what lies beside the secret.
    assert "spark.authenticate" in said
    assert "CoarseGrainedExecutorBackend" in said
    listed = _ask("GET", f"{master}/json/").json()
    pages = [master, *(each["webuiaddress"] for each in listed["workers"])]
    said += "".join(_ask("GET", page).text for page in pages)
    application = listed["completedapps"][0]["id"]
    said += _ask("GET", f"{master}/app/", appId=application).text
    assert secret not in said
    assert application in said
    searched = [each for each in cluster.home.rglob("*") if each.is_file()]
    assert {"master.log", "worker-1.log", "stderr"} <= {
        each.name for each in searched
    }
    assert list((cluster.home / "events").rglob("events_*"))
    holding = [
        each for each in searched if secret.encode() in each.read_bytes()
    ]
    assert holding == [place]
