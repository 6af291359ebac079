"""The description's spark-submit command, on a local master and a cluster."""

import json
import os
import re
import secrets
import shlex
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core.spark.java import find_java

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

Done = subprocess.CompletedProcess[str]
Submit = Callable[..., Done]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PACKAGES = Path(str(distribution("pyspark").locate_file("")))
PATIENCE_SECONDS = 900.0
LOG4J = "-Dlog4j.configurationFile=conf/log4j2.properties"
# The workers of these tests are on this machine.
SHARED = {"TAXI_FARE_REGISTRY__SHARED_FOLDER": "true"}
OPTIONS = "--properties-file", str(ROOT / "deploy/spark-cluster.properties")
SECRET = secrets.token_hex()
MASTER = "org.apache.spark.deploy.master.Master"
WORKER = "org.apache.spark.deploy.worker.Worker"


def _environment(home: Path, **more: object) -> dict[str, str]:
    """Return what a shell has in which the environment was activated."""
    variables = {
        "HOME": home,
        "PATH": f"{BIN}:/usr/bin:/bin",
        "JAVA_HOME": find_java().home,
        "JAVA_TOOL_OPTIONS": os.environ["JAVA_TOOL_OPTIONS"],
        "SPARK_AUTHENTICATE_SECRET": SECRET,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        # Workers run the Python that the driver names: none may be needed.
        "PYSPARK_PYTHON": "/nonexistent/python",
        "TAXI_FARE_GBT__MAX_ITER": 1,
        "TAXI_FARE_GBT__MAX_DEPTH": 4,
        "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
    }
    return {name: str(each) for name, each in (variables | more).items()}


def _spark_submit(master: str, *arguments: object) -> list[str]:
    """Return the description's command."""
    return [
        "spark-submit",
        f"--master={master}",
        f"--conf=spark.driver.extraJavaOptions={LOG4J}",
        *map(str, arguments),
    ]


def _run(command: list[str], *, cwd: Path, env: dict[str, str]) -> Done:
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        # Python's stderr is joined to spark-submit's stdout anyway.
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def _group(
    command: list[str], **settings: Any
) -> Iterator[subprocess.Popen[Any]]:
    """Start a process; in the end, end it and all that it started."""
    process = subprocess.Popen(command, start_new_session=True, **settings)
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait_for(pattern: str, log: Path, *, times: int = 1) -> str:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(found := re.findall(pattern, log.read_text())) < times:
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)
    return str(found[0])


def _read(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(path.read_text())
    return document


@pytest.fixture(scope="module")
def submit(tmp_path_factory: pytest.TempPathFactory) -> Submit:
    """Run spark-submit from the project's root, as the description does."""
    home = tmp_path_factory.mktemp("shell")

    def call(
        master: str, *arguments: object, cwd: Path = ROOT, **more: object
    ) -> Done:
        command = _spark_submit(master, *arguments)
        return _run(command, cwd=cwd, env=_environment(home, **more))

    return call


class Cluster:
    """A master, and workers that know of nothing but Spark."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.workers: list[subprocess.Popen[Any]] = []
        log = self._start("master", MASTER, "--port", "0")
        self.url = _wait_for(r"master at (spark://127\.0\.0\.1:\d+)", log)
        self._log = log

    def add_worker(self, *before: str) -> subprocess.Popen[Any]:
        """Start a worker, with words before its command."""
        name = f"worker-{len(self.workers) + 1}"
        worker = WORKER, self.url, "--cores", "1", "--memory", "1g"
        self._start(name, *worker, before=before)
        _wait_for("Registering worker", self._log, times=len(self.workers))
        return self.workers[-1]

    def _start(
        self, name: str, *arguments: str, before: Sequence[str] = ()
    ) -> Path:
        log = self._folder / f"{name}.log"
        spark_class = PACKAGES / "pyspark" / "bin" / "spark-class"
        web = "--host", "127.0.0.1", "--webui-port", "0"
        with log.open("w") as output:
            group = _group(
                [*before, str(spark_class), *arguments, *web, *OPTIONS],
                cwd=self._folder,
                env={
                    "PATH": "/usr/bin:/bin",
                    "JAVA_HOME": str(find_java().home),
                    "SPARK_HOME": str(PACKAGES / "pyspark"),
                    "SPARK_LOCAL_IP": "127.0.0.1",
                    "_SPARK_AUTH_SECRET": SECRET,
                    "SPARK_WORKER_DIR": str(self._folder),
                    "SPARK_DAEMON_MEMORY": "256m",
                    "JAVA_TOOL_OPTIONS": os.environ["JAVA_TOOL_OPTIONS"],
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            process = self._stack.enter_context(group)
        if name != "master":
            self.workers.append(process)
        return log


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a cluster with two workers."""
    with ExitStack() as stack:
        cluster = Cluster(tmp_path_factory.mktemp("cluster"), stack)
        cluster.add_worker()
        cluster.add_worker()
        yield cluster.url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project's root in which nothing was trained yet."""
    root = tmp_path / "project"
    root.mkdir()
    for name in ("src", "conf"):
        (root / name).symlink_to(ROOT / name)
    return root


def _build_wheel(folder: Path) -> Path:
    """Build the wheel, outside the checkout and without a network."""
    usual = [ROOT / "dist", ROOT / "build"]
    before = [each.exists() for each in usual]
    build = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
    done = _run(
        [*build, f"--directory={folder}"], cwd=ROOT, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stdout
    assert [each.exists() for each in usual] == before
    (built,) = folder.glob("taxi_fare-*.whl")
    return built


def _dependencies_only(folder: Path) -> Path:
    """Make an interpreter with every dependency, without the package."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    (own,) = folder.glob("lib/python*/site-packages")
    # Of a folder that is added this way, the .pth files are not read: the
    # one of the editable install is what makes the package importable.
    (own / "dependencies.pth").write_text(f"{PACKAGES}\n")
    imports = [str(python), "-c", "import pyspark, typer; import taxi_fare"]
    done = _run(imports, cwd=folder, env={})
    assert "No module named 'taxi_fare'" in done.stdout
    return python


def test_the_entry_files_run_on_a_local_master(
    submit: Submit, lake: Path, tmp_path: Path
) -> None:
    """``--master`` goes before the settings, and Spark logs what it was told
    to; refused and missing data have the exit codes that they always have.
    """
    places = f"--data-base-path={lake}", f"--reports-dir={tmp_path}"
    model = f"--model-path={tmp_path / 'model'}"
    done = submit(
        "local[2]",
        *("src/train.py", model, *places),
        SPARK_MASTER="spark://nowhere:7077",
    )
    assert done.returncode == 0, done.stdout
    assert "spark-submit runs Spark on local[2], with 1g" in done.stdout
    assert not re.search(r"(INFO|WARN) +(\| +)?[A-Z]", done.stdout)
    done = submit(
        "local[2]", "src/predict.py", "--month=2023-03", model, *places
    )
    assert done.returncode == 0, done.stdout
    assert _read(tmp_path / "predict_report.json")["predicted_rows"] > 2_900
    window = "src/ml_pipeline.py", "--dry-run", *places
    refused = {"TAXI_FARE_VALIDATION__DURATION_MAX_MINUTES": 1}
    done = submit("local[2]", *window, "--test-month=2023-04", **refused)
    assert done.returncode == 4, done.stdout
    done = submit("local[2]", *window, "--test-month=2023-12")
    assert done.returncode == 3, done.stdout


def test_the_description_s_command_works_on_a_cluster(
    submit: Submit, cluster: str, lake: Path, project: Path
) -> None:
    """Without a setting, and with no Python on the workers: they were tried
    to see the folder of the model. ``SPARK_MASTER`` finds them, too."""
    done = submit(cluster, "src/train.py", cwd=project, DATA_BASE_PATH=lake)
    assert done.returncode == 0, done.stdout
    assert f"spark-submit runs Spark on {cluster}" in done.stdout
    metrics = _read(project / "reports" / "train_metrics.json")
    assert metrics["promotion"]["decision"] == "promoted"
    assert metrics["data"]["train_rows"] > 4_000
    names = {".ex05_spark_model", "ex05_spark_model"}
    assert {each.name for each in (project / "models").iterdir()} == names
    environment = {"SPARK_MASTER": cluster, "DATA_BASE_PATH": lake}
    done = _run(
        [str(BIN / "taxi-fare"), "predict", "--legacy"],
        cwd=project,
        env=_environment(project, **environment),
    )
    assert done.returncode == 0, done.stdout
    assert f"Starting Spark on {cluster}" in done.stdout
    assert {each.name for each in (project / "models").iterdir()} == names


@pytest.fixture
def divided(tmp_path: Path, project: Path) -> Iterator[Cluster]:
    """One of two workers has another folder where the project is."""
    mount = 'mount -t tmpfs tmpfs "$0" && exec "$@"'
    apart = ("unshare", "--mount", "sh", "-c", mount, str(project))
    done = _run([*apart, "true"], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    if done.returncode:
        pytest.skip(f"no mount of a worker's own: {done.stdout.strip()}")
    with ExitStack() as stack:
        (tmp_path / "cluster").mkdir()
        cluster = Cluster(tmp_path / "cluster", stack)
        cluster.add_worker()
        cluster.add_worker(*apart)
        yield cluster


def test_a_worker_without_the_model_s_folder_is_found_out(
    submit: Submit, divided: Cluster, lake: Path, project: Path
) -> None:
    """Before a trip is read; nothing is left here, nor on that worker."""
    done = submit(
        divided.url,
        # Both workers take part from the beginning.
        "--conf=spark.cores.max=2",
        "--conf=spark.scheduler.minRegisteredResourcesRatio=1",
        "src/train.py",
        cwd=project,
        DATA_BASE_PATH=lake,
    )
    assert done.returncode == 2, done.stdout
    words = r"saw [1-9]\d* of \d+ files that this machine wrote"
    assert re.search(words, done.stdout), done.stdout
    assert "What to do: keep them in a store" in done.stdout
    assert "validate started" not in done.stdout
    assert "Traceback" not in done.stdout
    assert {each.name for each in project.iterdir()} == {"src", "conf"}
    other = Path(f"/proc/{divided.workers[1].pid}/root/{project}")
    assert list(other.iterdir()) == []


def test_workers_without_python_are_told_from_the_recipe(
    submit: Submit, cluster: str, lake: Path, tmp_path: Path
) -> None:
    """XGBoost needs it there: exit 7 before a trip is read."""
    done = submit(
        cluster,
        *("src/ml_pipeline.py", "--test-month=2023-04", "--dry-run"),
        *("--algorithm=xgboost", f"--data-base-path={lake}"),
        f"--model-registry-path={tmp_path / 'registry'}",
        **SHARED,
    )
    assert done.returncode == 7, done.stdout
    assert re.search(r"lack Python \d\.\d+ \(as /nonexistent", done.stdout)
    assert "or train a recipe of gbt" in done.stdout
    assert "validate started" not in done.stdout
    assert "Traceback" not in done.stdout


def test_the_wheel_is_enough(
    submit: Submit, cluster: str, lake: Path, tmp_path: Path
) -> None:
    """An entry file alone in a folder, ``--py-files``, and a driver in which
    the package is not installed: the cluster trains a window."""
    wheel = _build_wheel(tmp_path / "dist")
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(ROOT / "src" / "ml_pipeline.py", folder)
    log4j = f"-Dlog4j.configurationFile={ROOT / 'conf/log4j2.properties'}"
    done = submit(
        cluster,
        f"--py-files={wheel}",
        f"--conf=spark.driver.extraJavaOptions={log4j}",
        *("ml_pipeline.py", "--test-month=2023-04"),
        f"--data-base-path={lake}",
        cwd=folder,
        **SHARED,
        PYSPARK_DRIVER_PYTHON=_dependencies_only(tmp_path / "venv"),
    )
    assert done.returncode == 0, done.stdout
    current = folder / "models" / "registry" / "current"
    manifest = _read(current / "manifest.json")
    assert manifest["git_commit"] is None
    assert manifest["versions"]["taxi-fare"] in wheel.name
    # Its template lies in the wheel as well.
    page = folder / "reports" / manifest["report"]
    assert "not a checkout" in page.read_text(encoding="utf-8")


PROBE = """
import json
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.session import spark_session

spark = spark_session(load_settings())
jvm = spark.sparkContext._jvm
print(json.dumps({
    "name": spark.conf.get("spark.app.name"),
    "partitions": spark.conf.get("spark.sql.shuffle.partitions"),
    "zone": spark.conf.get("spark.sql.session.timeZone"),
    "property": jvm.java.lang.System.getProperty("probe"),
    "level": str(
        jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel()
    ),
}))
"""


@pytest.mark.parametrize("submitted", [True, False])
def test_options_of_the_user_are_honoured(
    submitted: bool, tmp_path: Path
) -> None:
    """Java options and with them the level of Spark's log, whoever starts
    Spark; the time zone, which the figures rest on, is the project's."""
    (tmp_path / "probe.py").write_text(PROBE)
    levels = (ROOT / "conf" / "log4j2.properties").read_text()
    log4j = tmp_path / "warn.properties"
    log4j.write_text(re.sub("(rootLogger.level =) error", r"\1 fatal", levels))
    java = f"-Dprobe=here -Dlog4j.configurationFile={log4j}"
    options = [
        f"--conf=spark.driver.extraJavaOptions={java}",
        "--conf=spark.sql.session.timeZone=Asia/Tokyo",
    ]
    environment = _environment(tmp_path, SPARK_MASTER="local[1]")
    if submitted:
        options += ["--name=mine", "--conf=spark.sql.shuffle.partitions=7"]
        command = ["spark-submit", "--master=local[1]", *options, "probe.py"]
    else:
        command = [sys.executable, "probe.py"]
        arguments = shlex.join([*options, "pyspark-shell"])
        environment["PYSPARK_SUBMIT_ARGS"] = arguments
    done = _run(command, cwd=tmp_path, env=environment)
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "name": "mine" if submitted else "taxi_fare",
        "partitions": "7" if submitted else "4",
        "zone": "UTC",
        "property": "here",
        "level": "FATAL",
    }


def test_ctrl_c_ends_a_submitted_run(lake: Path, tmp_path: Path) -> None:
    """With the exit code of Ctrl-C, and nothing half-written is left."""
    command = _spark_submit(
        "local[2]",
        *("src/ml_pipeline.py", "--test-month=2023-04"),
        f"--data-base-path={lake}",
        f"--model-registry-path={tmp_path / 'registry'}",
        f"--reports-dir={tmp_path / 'reports'}",
    )
    environment = _environment(tmp_path, TAXI_FARE_GBT__MAX_ITER=200)
    with _group(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if "fit started" in line:
                time.sleep(1)
                os.killpg(process.pid, signal.SIGINT)
        assert process.wait() == 128 + signal.SIGINT, "".join(said)
    assert not any((tmp_path / "registry" / "versions").iterdir())
    assert not (tmp_path / "reports").exists()
