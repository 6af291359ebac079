"""Machines that other programs, and other people, have set up."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

PATIENCE_SECONDS = 120.0
NOBODY = 54_321
# Of a notebook, another Spark, an Egyptian and a hardened server.
ODD = {
    "PYSPARK_SUBMIT_ARGS": "--master local[2]",
    "SPARK_HOME": "/opt/no-spark",
    "PYSPARK_PYTHON": "/opt/no-python",
    "PYSPARK_DRIVER_PYTHON": "jupyter",
    "HADOOP_CONF_DIR": "/etc/no-hadoop",
    "HADOOP_TOKEN_FILE_LOCATION": "/etc/no-token",
    "SPARK_EXECUTOR_MEMORY": "lots",
    "SPARK_BUFFER_SIZE": "x",
    "JDK_JAVA_OPTIONS": "-Duser.language=ar -Duser.country=EG"
    " -Duser.extensions=u-nu-arab",
    "LC_ALL": "C",
}


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that other users reach; those of pytest they do not."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder


def _as_nobody(mount: Path) -> list[str]:
    """Run as a user without a name, whose temporary files run no programs,
    where this user may do that and the other one reaches the code."""
    command = [
        *("unshare", "--mount", "sh", "-c"),
        f'mount -t tmpfs -o noexec,mode=1777 tmpfs "{mount}" && exec setpriv'
        f' --reuid {NOBODY} --regid 0 --clear-groups "$@"',
        "sh",
    ]
    trial = sys.executable, "-c", "import taxi_fare.cli.main, pyspark"
    tried = subprocess.run(
        [*command, *trial], check=False, capture_output=True
    )
    return command if tried.returncode == 0 else []


@pytest.mark.usefixtures("home")
def test_a_run_is_the_same_on_an_odd_machine(
    lake: Path, trained: Path, open_folder: Path
) -> None:
    """All at once: foreign variables, digits of another script, no home, no
    entry for the user, temporary files that cannot be programs."""
    mount = open_folder / "noexec"
    mount.mkdir()
    shutil.copytree(lake, open_folder / "lake")
    environment = os.environ | ODD | {"TMPDIR": str(mount)}
    environment.pop("HOME", None)
    command = (sys.executable, "-m", "taxi_fare", "train")
    options = ("--test-month=2023-04", "--data-base-path=lake", "--json")
    done = subprocess.run(
        [*_as_nobody(mount), *command, *options],
        cwd=open_folder,
        env=environment,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    usual = json.loads((trained / "reports/train_metrics.json").read_bytes())
    assert json.loads(done.stdout)["metrics"] == usual["metrics"]
    for name in ("PYSPARK_SUBMIT_ARGS", "SPARK_HOME", "PYSPARK_PYTHON"):
        assert name in done.stderr


def test_a_jvm_that_is_killed_is_one_sentence(
    lake: Path,
    start: Callable[..., subprocess.Popen[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As the system does when memory is short: exit 7, what to do, and none
    of the hundreds of lines of Java and Py4J."""
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", "spark")
    process = start(
        "check", "data", "--test-month=2023-04", f"--data-base-path={lake}"
    )
    deadline = time.monotonic() + PATIENCE_SECONDS
    assert process.stderr is not None
    for line in process.stderr:
        assert time.monotonic() < deadline
        if "validate started" in line:
            break
    (jvm,) = [
        each
        for each in psutil.Process(process.pid).children(recursive=True)
        if each.name() == "java"
    ]
    jvm.send_signal(signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 7, err
    assert "Spark's JVM was ended by signal 9" in err
    assert "TAXI_FARE_SPARK__DRIVER_MEMORY" in err
    assert len(err.splitlines()) < 8, err
