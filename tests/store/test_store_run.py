"""The commands on a lake in MinIO, as a user runs them, with real Spark."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import obstore
import pytest

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

pytestmark = [pytest.mark.spark, pytest.mark.e2e, pytest.mark.minutes]

BUCKET = "nyc-interim"
TRAIN = ("train", "--test-month=2019-05", "--json")
LONGEST_SECONDS = 400
# Runs several commands in one process, so that Spark starts once.
COMMANDS = """
import json, sys
from taxi_fare.cli.main import run
for command in json.loads(sys.argv[1]):
    print(json.dumps({"exit": run(command)}), flush=True)
"""


@dataclass(frozen=True)
class Shop:
    """A user's folder, with settings for a store, and what was printed."""

    home: Path
    server: Any
    printed: list[str] = field(default_factory=list)
    command_lines: set[str] = field(default_factory=set)

    def environment(self) -> dict[str, str]:
        """What the user's shell has: the store, and a small recipe."""
        kept = ["PATH", "HOME", "LANG", "XDG_CACHE_HOME"]
        kept += ["JAVA_HOME", "JAVA_TOOL_OPTIONS"]
        # One for this folder of settings would replace that of all others.
        kept += ["TAXI_FARE_SPARK__CLASS_ARCHIVE"]
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **self.server.environment,
            "SPARK_CONF_DIR": str(self.home / "conf"),
            "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
            "TAXI_FARE_SPARK__MASTER": "local[2]",
            "TAXI_FARE_GBT__MAX_ITER": "2",
            "TAXI_FARE_GBT__MAX_DEPTH": "3",
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a program with the user's settings."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.home,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> tuple[int, str, str]:
        """Wait for its end, looking at command lines of its processes."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while True:
            try:
                out, err = process.communicate(timeout=1)
                break
            except subprocess.TimeoutExpired:
                self.command_lines.update(_command_lines(process.pid))
                if time.monotonic() > deadline:
                    os.killpg(process.pid, signal.SIGKILL)
        self.printed.extend([out, err])
        return process.returncode, out, err

    def taxi_fare(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command."""
        return self.end(self.start("-m", "taxi_fare", *arguments))

    def python(self, program: str, *arguments: str) -> tuple[int, str, str]:
        """Run a program."""
        return self.end(self.start("-c", program, *arguments))


def _command_lines(session: int) -> set[str]:
    """Return the command lines of a session's processes."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session:
                found.add((folder / "cmdline").read_text("utf-8", "replace"))
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five raw months: real ones where they are there."""
    real = Path(__file__).parents[3] / "shared" / "tlc" / "raw"
    months = parse_months("2019-02..2019-06")
    names = {month: f"yellow_tripdata_{month}.parquet" for month in months}
    if all((real / name).is_file() for name in names.values()):
        return real
    folder = tmp_path_factory.mktemp("raw")
    for month, name in names.items():
        simulate_month(folder / name, month=month, trips=3_000, seed=7)
    return folder


@pytest.fixture(scope="module")
def shop(
    start_server: Callable[[str], Any],
    jars: None,
    raw: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Shop:
    """A store with four months and a model trained on them."""
    server = start_server("minio")
    server.make_bucket(BUCKET)
    home = tmp_path_factory.mktemp("home")
    (home / "conf").mkdir()
    (home / "events").mkdir()
    (home / "conf" / "spark-defaults.conf").write_text(
        "spark.eventLog.enabled true\n"
        f"spark.eventLog.dir {(home / 'events').as_uri()}\n"
    )
    shop = Shop(home, server)
    code, _, err = shop.taxi_fare(
        "ingest",
        "--months=2019-02..2019-05",
        f"--source={raw}",
        "--keep-rejected",
        "--log-file=logs/ingest.log",
    )
    assert code == 0, err
    code, _, err = shop.taxi_fare(*TRAIN, "--log-file=logs/train.log")
    assert code == 0, err
    return shop


def test_a_train_reads_the_store_and_writes_here(shop: Shop) -> None:
    """The default lake with a key is the description's bucket."""
    report = json.loads((shop.home / "reports/train_metrics.json").read_text())
    assert report["data"]["test_month"] == "2019-05"
    assert report["data"]["train_rows"] > 1_000
    assert report["promotion"]["decision"] == "promoted"
    assert (shop.home / "models/registry/current/manifest.json").is_file()


def test_no_key_is_written_or_printed(shop: Shop) -> None:
    """Reports, logs, registry, event log, stdout, stderr, command lines."""
    events = list((shop.home / "events").rglob("*"))
    assert any(each.is_file() and each.stat().st_size for each in events)
    assert any("spark.jars" in line for line in shop.command_lines)
    keys = [shop.server.access_key, shop.server.secret_key]
    for key in keys:
        assert not [line for line in shop.printed if key in line]
        assert not [line for line in shop.command_lines if key in line]
        for file in shop.home.rglob("*"):
            if file.is_file():
                assert key.encode() not in file.read_bytes(), file


def test_a_second_train_finds_the_first(shop: Shop) -> None:
    """The fingerprints of the listing are the same: nothing changes."""
    store = shop.server.store(BUCKET)
    objects = sorted(each["path"] for each in obstore.list(store).collect())
    registry = shop.home / "models/registry/model_registry.json"
    before = registry.read_bytes()
    code, out, err = shop.taxi_fare(*TRAIN)
    assert code == 0, err
    assert "Starting Spark" not in err
    assert json.loads(out)["model_id"] in before.decode()
    assert registry.read_bytes() == before
    after = sorted(each["path"] for each in obstore.list(store).collect())
    assert after == objects


def test_the_other_commands_read_the_store(shop: Shop, raw: Path) -> None:
    """Each ends well, with an address or with the default lake."""
    lake = f"--data-base-path=s3a://{BUCKET}/yellow/"
    commands = [
        ["predict", "--month=2019-05"],
        ["predict", "--month=2019-05", lake],
        ["check", "data", "--test-month=2019-05", lake],
        ["check", "predictions"],
        ["eda", "--months=2019-05"],
        ["prepare", "--months=2019-05", "--output=features.parquet"],
        ["doctor"],
        # Which no model has met yet.
        ["ingest", "--months=2019-06", f"--source={raw}"],
        ["watch", "--month=2019-06", lake],
    ]
    code, out, err = shop.python(COMMANDS, json.dumps(commands))
    assert code == 0, err
    exits = [
        json.loads(line)["exit"]
        for line in out.splitlines()
        if line.startswith('{"exit"')
    ]
    assert exits == [0] * len(commands), err
    assert "2019-02, 2019-03, 2019-04, 2019-05 in s3a://" in out.replace(
        "\n", " "
    )
    assert (shop.home / "features.parquet").is_file()
    watched = shop.home / "reports/watch/2019-06/watch.json"
    accuracy = json.loads(watched.read_text())["accuracy"]
    assert accuracy["overall"]["rows"] > 1_000
    assert len(accuracy["baselines"]) == 2
    test_no_key_is_written_or_printed(shop)


# What a run meets between finding its months and the end of it.
READ = """
import sys, time, obstore
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.months import Month
from taxi_fare.core.logs.pipeline_logger import PipelineLogger
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.lake.place import lake_place
from taxi_fare.lake.read import paths_of
from taxi_fare.run.trips import read_valid_trips
from taxi_fare.run.window import find_months

settings = load_settings()
lake = lake_place(settings.default_lake, settings)
months = find_months(lake, months=[Month("2019-05")], option="--months")
spark = spark_session(settings, paths=paths_of(months))
log = PipelineLogger("test")

def read():
    read_valid_trips(spark, months=months, settings=settings, log=log)

def tell(name, retries=0):
    began = time.monotonic()
    try:
        read()
    except TaxiFareError as error:
        if error.exit_code == 75 and retries:
            return tell(name, retries - 1)
        seconds = time.monotonic() - began
        line = str(error).splitlines()[0]
        print(name, error.exit_code, seconds < 60, line, sep="|", flush=True)
    else:
        print(name, 0, True, "", sep="|", flush=True)

tell("there")
path = "2019/05/trips.parquet"
content = bytes(obstore.get(lake.store, path).bytes())
obstore.delete(lake.store, path)
tell("removed")
obstore.put(lake.store, path, content[:2000] + bytes(len(content) - 2000))
# A listing of just before may have the old version: worth a retry.
tell("damaged", retries=5)
obstore.put(lake.store, path, content)
print("now", flush=True)
sys.stdin.readline()
tell("away")
"""


def test_faults_during_a_run_are_told(
    shop: Shop, start_server: Callable[[str], Any], tmp_path: Path, raw: Path
) -> None:
    """A month that vanishes, a damaged one, a store that goes away."""
    server = start_server("minio")
    server.make_bucket(BUCKET)
    (tmp_path / "conf").mkdir()
    other = Shop(tmp_path, server)
    code, _, err = other.taxi_fare(
        "ingest", "--months=2019-05", f"--source={raw}"
    )
    assert code == 0, err
    with subprocess.Popen(
        [sys.executable, "-c", READ],
        cwd=tmp_path,
        env=other.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None and process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            if line == "now\n":
                break
            lines.append(line.strip())
        server.kill()
        out, _ = process.communicate("\n", timeout=LONGEST_SECONDS)
        lines += out.strip().splitlines()
    month = f"s3a://{BUCKET}/yellow/2019/05/trips.parquet"
    assert lines == [
        "there|0|True|",
        f"removed|75|True|{month} was removed while it was read.",
        f"damaged|4|True|{month} cannot be read to its end.",
        f"away|7|True|The S3 store cannot be reached for {month}.",
    ]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MINIO_ENDPOINT", "http://127.0.0.1:1", "cannot be reached"),
        ("MINIO_SECRET_KEY", "wrong-key-wrong-key", "refuses the secret"),
        ("MINIO_BUCKET_INTERIM", "nowhere", "has no such bucket"),
    ],
)
def test_a_store_that_cannot_be_used_ends_in_7(
    shop: Shop, raw: Path, name: str, value: str, words: str
) -> None:
    """Within a minute, before Spark starts, with nothing written."""
    home = shop.home / name
    home.mkdir()
    months = ["--months=2019-05", f"--source={raw}"]
    for arguments in (TRAIN, ("ingest", *months)):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "taxi_fare", *arguments],
            cwd=home,
            env=shop.environment() | {name: value},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )
        assert done.returncode == 7, done.stderr
        assert time.monotonic() - began < 60
        assert words in done.stderr
        assert "What to do" in done.stderr
        assert "Traceback" not in done.stderr
        assert "Starting Spark" not in done.stderr
        assert list(home.rglob("*.json")) == []
        for key in (shop.server.access_key, shop.server.secret_key):
            assert key not in done.stdout + done.stderr


# A clock that is two hours slow, for one program.
SLOW_CLOCK = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
  int answer = real(id, now);
  if (id == CLOCK_REALTIME) now->tv_sec -= 7200;
  return answer;
}
"""


@pytest.fixture
def slow_clock(tmp_path: Path, lacking: Callable[[str], None]) -> Path:
    """A library that makes a program's clock slow."""
    compiler = shutil.which("cc")
    if compiler is None:
        lacking("no C compiler to make a slow clock with")
    library = tmp_path / "slow_clock.so"
    subprocess.run(
        [str(compiler), "-shared", "-fPIC", "-xc", "-", "-o", str(library)],
        input=SLOW_CLOCK.encode(),
        check=True,
    )
    return library


def test_a_wrong_clock_is_told(
    minio_server: Any, slow_clock: Path, tmp_path: Path
) -> None:
    """MinIO refuses what was signed two hours ago."""
    shop = Shop(tmp_path, minio_server)
    done = subprocess.run(
        [sys.executable, "-m", "taxi_fare", *TRAIN],
        cwd=tmp_path,
        env=shop.environment() | {"LD_PRELOAD": str(slow_clock)},
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert "refuses this machine's clock" in done.stderr
    assert "(RequestTimeTooSkewed)" in done.stderr
    assert minio_server.access_key not in done.stderr


def test_spark_reads_another_kind_of_store(
    versity_server: Any, jars: None, raw: Path, tmp_path: Path
) -> None:
    """Versitygw, reached by the AWS_* names."""
    versity_server.make_bucket("months")
    (tmp_path / "conf").mkdir()
    shop = Shop(tmp_path, versity_server)
    aws = {
        "AWS_ENDPOINT_URL": versity_server.endpoint,
        "AWS_ACCESS_KEY_ID": versity_server.access_key,
        "AWS_SECRET_ACCESS_KEY": versity_server.secret_key,
        "DATA_BASE_PATH": "s3://months/of/taxis",
    }
    theirs = {
        name: value
        for name, value in shop.environment().items()
        if not name.startswith("MINIO_")
    }
    commands = [
        ["ingest", "--months=2019-05", f"--source={raw}"],
        ["eda", "--months=2019-05"],
    ]
    done = subprocess.run(
        [sys.executable, "-c", COMMANDS, json.dumps(commands)],
        cwd=tmp_path,
        env=theirs | aws,
        capture_output=True,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert done.stdout.count('{"exit": 0}') == 2, done.stderr
    summary = tmp_path / "reports" / "eda_summary.json"
    assert json.loads(summary.read_text())["schema_version"]
    for key in (versity_server.access_key, versity_server.secret_key):
        assert key not in done.stdout + done.stderr
