"""The command line: its options, its help, and its errors."""

import io
import json
import re
import resource
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.main import get_command

from taxi_fare import __version__
from taxi_fare.cli.main import app, run
from taxi_fare.registry.records import RegistryState
from taxi_fare.training.algorithms import find_algorithm

ROOT = Path(__file__).parents[2]
# The description's table, and what the design adds.
TRAIN_OPTIONS = {
    "--tuned",
    "--promotion-rule",
    "--lang",
    "--recipe",
    "--test-month",
    "--train-months",
    "--model-registry-path",
    "--data-base-path",
    "--reports-dir",
    "--dry-run",
    "--skip-missing",
    "--force",
    "--request-id",
    "--algorithm",
    "--encoding",
    "--json",
    "--log-format",
    "--log-file",
    "--help",
}
# What takes longer to import than an answer may take.
HEAVY = {"pyspark", "pandas", "scipy", "numpy", "pyarrow", "xgboost"}
# On a machine that needs REFERENCE_SECONDS for a part of it; a slower one, or
# a busy one, has as much more as it takes longer for that.
CPU_SECONDS, REFERENCE_SECONDS = 0.6, 0.13
REFERENCE = "import typer, rich.table"
# Run a command, then tell on stderr which of these it imported.
PROGRAM = f"""
import atexit, sys
from taxi_fare.__main__ import main
heavy = {sorted(HEAVY)}
atexit.register(lambda: print(
    "imported:", *(name for name in heavy if name in sys.modules),
    file=sys.stderr,
))
main()
"""


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration, no lake, no colours."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA_BASE_PATH", "MINIO_ACCESS_KEY", "TAXI_FARE_CONF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")


def test_train_has_the_options_of_the_description(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each of them, and no other."""
    assert run(["train", "--help"]) == 0
    assert set(re.findall(r"--[a-z-]+", capsys.readouterr().out)) == (
        TRAIN_OPTIONS
    )


@pytest.mark.parametrize(
    "command",
    [
        "",
        "demo",
        "ingest",
        "eda",
        "prepare",
        "train",
        "train-legacy",
        "compare",
        "tune",
        "predict",
        "quote",
        "serve",
        "pipeline",
        "check",
        "check data",
        "check model",
        "check predictions",
        "doctor",
        "registry",
        "registry rollback",
    ],
)
def test_every_command_explains_itself(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Help ends with 0 and writes nothing to stderr."""
    assert run([*command.split(), "--help"]) == 0
    out, err = capsys.readouterr()
    assert "Usage: taxi-fare" in out
    assert err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("pipeline", "--legacy", "--tuned=x"), "--legacy and --tuned are"),
        (("train", "--recipe=best", "--tuned=x"), "tuned is a recipe"),
        (("train", "--tuned=nothing.json"), "no file nothing.json"),
        (("tune", "--test-month=2023-6"), "2023-6"),
        (("tune", "--test-month=2023-06", "--recipe=worst"), "worst"),
        (("backtest", "--from=2023-04", "--to=soon"), "soon"),
    ],
)
def test_options_that_cannot_be_meant_together_are_refused(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before anything is read, with words."""
    assert run(arguments) in {2, 3}
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "lacking"),
    [
        ("quote", "option '--pickup', '--dropoff'."),
        ("quote --pickup=JFK", "option '--dropoff'."),
        ("backtest", "option '--from', '--to'."),
        ("registry compare", "argument 'first', 'second', '--month'."),
        ("registry compare a --month 2023-06", "argument 'second'."),
    ],
)
def test_all_that_lacks_is_named_at_once(
    arguments: str, lacking: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody calls a command three times to hear of three options."""
    assert run(arguments.split()) == 2
    told = " ".join(capsys.readouterr().err.replace("│", " ").split())
    assert f"Missing {lacking}" in told


def _command_names(command: Any, name: str = "") -> Iterator[str]:
    """Name the program, its groups and its commands."""
    yield name
    for each, below in getattr(command, "commands", {}).items():
        yield from _command_names(below, f"{name} {each}".strip())


def _run(*arguments: str) -> tuple[subprocess.CompletedProcess[str], float]:
    """Run Python; return what it answered, and its seconds of CPU."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer = subprocess.run(
        [sys.executable, "-c", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime
    return answer, seconds - before.ru_utime - before.ru_stime


def _answer(arguments: list[str]) -> tuple[int, set[str], float]:
    """Return the exit code, what was imported, and seconds of CPU."""
    answer, seconds = _run(PROGRAM, *arguments)
    told = answer.stderr.splitlines()[-1].split()
    assert told[:1] == ["imported:"], answer.stderr
    return answer.returncode, set(told[1:]), seconds


def _cpu_seconds() -> float:
    """Return the limit for this machine, as busy as it is now."""
    _, seconds = _run(REFERENCE)
    return CPU_SECONDS * max(seconds / REFERENCE_SECONDS, 1.0)


def _assert_at_once(arguments: list[str], *, code: int) -> None:
    """Whatever else the machine does: the best of five tries counts."""
    limit = _cpu_seconds()
    for _ in range(5):
        found, imported, seconds = _answer(arguments)
        assert (found, imported) == (code, set())
        # The machine was as busy before it as after it, or between the two.
        before, limit = limit, _cpu_seconds()
        limit = max(before, limit)
        if seconds < limit:
            return
    pytest.fail(f"{seconds:.2f} s of CPU, and {limit:.2f} are allowed")


@pytest.mark.parametrize("name", [*_command_names(get_command(app))])
def test_help_and_wrong_options_do_not_wait_for_spark(name: str) -> None:
    """Every command answers in CPU_SECONDS, without what takes longer."""
    _assert_at_once([*name.split(), "--help"], code=0)
    _assert_at_once([*name.split(), "--no-such-option"], code=2)


def test_the_version_does_not_wait_for_spark() -> None:
    """Nor does a command that there is not."""
    _assert_at_once(["--version"], code=0)
    _assert_at_once(["no-such-command"], code=2)


@pytest.mark.parametrize(
    "command", ["check model", "registry show", "registry history", "quote"]
)
def test_what_needs_no_spark_does_not_import_it(command: str) -> None:
    """Numbers and tables may be needed; Spark takes longer than they do."""
    _, imported, _ = _answer(command.split())
    assert "pyspark" not in imported


def test_the_measurement_sees_what_is_imported() -> None:
    """The tests above can fail: a gate without a report imports some."""
    _, imported, _ = _answer(["check", "model"])
    assert {"numpy", "pyarrow"} <= imported
    _, imported, _ = _answer(["doctor"])
    assert "pyspark" in imported


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """One line."""
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"taxi-fare {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--test-month", "2023-13"], "'2023-13' is not a month"),
        (["train", "--test-month", ""], "'' is not a month"),
        (["train", "--train-months", ""], "'' is not a month"),
        (["train", "--test-month", "June"], "'June' is not a month"),
        (
            ["train", "--test-month=2023-06", "--train-months=2023-05"],
            "at least 2 train months",
        ),
        (
            [
                "train",
                "--test-month=2023-06",
                "--train-months=2023-05,2023-06",
            ],
            "is also a train month",
        ),
        (["ingest", "--months", "2023-04..2023-01"], "runs backwards"),
        (["ingest", "--months=2023-01", "--source=none"], "no such folder"),
        (["train", "--no-such-option"], "No such option"),
        (["no-such-command"], "No such command"),
        (["ingest"], "Missing option"),
    ],
)
def test_wrong_usage_is_told(
    arguments: list[str],
    message: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Exit 2, on stderr, and nothing is written."""
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert message in err
    assert "Traceback" not in err
    assert out == ""
    assert list(tmp_path.iterdir()) == []


def _write_month(lake: Path, month: str, content: bytes | None) -> None:
    file = lake / month / "trips.parquet"
    file.parent.mkdir(parents=True)
    if content is None:
        pq.write_table(pa.table({"VendorID": [1]}), file)
    else:
        file.write_bytes(content)


def test_missing_months_give_the_text_of_the_description(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """To the letter, with the months that are there."""
    for month in ("2023/01", "2023/02", "2023/05", "2023/06"):
        _write_month(tmp_path / "lake", month, None)
    code = run(["train", "--test-month=2023-06", "--data-base-path=lake"])
    assert code == 3
    assert (
        """DATA NOT FOUND
==================================================
Missing months: ['2023/03', '2023/04']
Available months: ['2023/01', '2023/02', '2023/05', '2023/06']

Options:
  1. Ingest the missing data first
  2. Use --skip-missing to continue with available data
     (requires at least 2 training months + test month)
  3. Use --test-month to specify a different month
"""
        in capsys.readouterr().err
    )


def test_a_damaged_month_counts_as_missing_and_says_why(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A truncated file is not the same as no file."""
    lake = tmp_path / "lake"
    for month in ("2023/01", "2023/02", "2023/04"):
        _write_month(lake, month, None)
    _write_month(lake, "2023/03", b"PAR1 and then nothing")
    code = run(["train", "--test-month=2023-04", "--data-base-path=lake"])
    assert code == 3
    err = capsys.readouterr().err
    assert "Missing months: ['2023/03']" in err
    assert "trips.parquet is not readable" in err


def test_a_month_without_a_required_column_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit 4, before Spark starts, with the month and the columns."""
    for month in ("2023/01", "2023/02", "2023/03", "2023/04"):
        _write_month(tmp_path / "lake", month, None)
    code = run(["train", "--test-month=2023-04", "--data-base-path=lake"])
    assert code == 4
    err = capsys.readouterr().err
    assert "2023-01 lacks" in err
    assert "total_amount" in err
    assert "Starting Spark" not in err


def test_a_store_without_its_secret_key_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The description's default lake: told in one sentence, no secrets."""
    monkeypatch.delenv("MINIO_SECRET_KEY", raising=False)
    monkeypatch.setenv("MINIO_ACCESS_KEY", "very-secret")
    assert run(["train", "--test-month=2023-04"]) == 7
    err = capsys.readouterr().err
    assert "MINIO_SECRET_KEY is not set" in err
    assert "very-secret" not in err


@pytest.mark.parametrize(
    "lake", ["s3a://", "s3a://key:secret@bucket/yellow", "hdfs://host/yellow"]
)
def test_an_address_that_is_no_lake_is_refused(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without showing keys that somebody wrote into it."""
    assert run(["eda", f"--data-base-path={lake}"]) == 2
    err = capsys.readouterr().err
    assert "s3a://bucket/prefix" in err
    assert "key:secret" not in err


LOOKING = (
    ("registry", "show"),
    ("registry", "history"),
    ("registry", "rollback", "--reason=x"),
    ("check", "model"),
    ("predict",),
    ("pipeline", "--predict-only"),
    (
        "quote",
        "--pickup=1",
        "--dropoff=2",
        "--distance=3",
        "--minutes=9",
    ),
)


@pytest.mark.parametrize("command", LOOKING, ids=" ".join)
def test_a_registry_that_is_not_there_is_no_empty_one(
    command: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Exit 3 with what may have been meant; looking creates nothing."""
    state = tmp_path / "models" / "registry" / "model_registry.json"
    state.parent.mkdir(parents=True)
    state.write_text(RegistryState().model_dump_json())
    for named in ("models/registri", "models", "model/registry/x"):
        option = f"--model-registry-path={named}"
        assert run([*command, option]) == 3
        told = capsys.readouterr().err
        assert f"There is no model registry in {tmp_path / named}." in told
        assert f"did you mean {state.parent}?" in told
    assert list(tmp_path.rglob("*")) == [
        tmp_path / "models",
        state.parent,
        state,
    ]


def test_an_empty_registry_is_shown_and_doctor_misses_none(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A registry that was made has slots, and nothing to go back to."""
    assert run(["registry", "show"]) == 3
    assert run(["doctor", "--json"]) == 0
    capsys.readouterr()
    state = tmp_path / "models" / "registry" / "model_registry.json"
    state.parent.mkdir(parents=True)
    state.write_text(RegistryState().model_dump_json())
    assert run(["registry", "show", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["slots"] == {"current": None, "candidate": None}
    assert run(["registry", "history", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    assert run(["registry", "rollback", "--reason=x"]) == 6
    assert "no model before" in capsys.readouterr().err


def test_doctor_tells_what_is_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Java with the reason for it, and an empty lake and registry."""
    assert run(["doctor", "--json"]) == 0
    findings = {
        each["name"]: each for each in json.loads(capsys.readouterr().out)
    }
    assert findings["Java"]["status"] == "ok"
    assert re.search(r"Java \d+ at .+, from ", findings["Java"]["found"])
    assert findings["Lake"]["status"] == "empty"
    assert findings["Registry"]["status"] == "empty"
    assert list(tmp_path.iterdir()) == []


def _findings(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    document = json.loads(capsys.readouterr().out)
    return {each["name"]: each for each in document}


def test_doctor_tells_what_workers_need(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing for the description's recipe; for XGBoost what a run asks
    them for, too, and here that it is there."""
    assert run(["doctor", "--json"]) == 0
    found = _findings(capsys)["Spark workers"]["found"]
    assert found == "need nothing but Spark for gbt-onehot"
    monkeypatch.setenv("TAXI_FARE_TRAINING__ALGORITHM", "xgboost")
    monkeypatch.setattr(
        "taxi_fare.training.algorithms.find_spec", lambda name: None
    )
    assert run(["doctor", "--json"]) == 7
    workers = _findings(capsys)["Spark workers"]
    assert workers["status"] == "lacking"
    assert "xgboost, sklearn" in workers["found"]
    monkeypatch.setenv("SPARK_MASTER", "spark://127.0.0.1:1")
    assert run(["doctor", "--json"]) == 7
    found = _findings(capsys)["Spark workers"]["found"]
    assert ", ".join(find_algorithm("xgboost").worker_packages) in found
    assert "for xgboost-index" in found


def test_doctor_asks_a_master(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers, or a standby does; a registry in a folder is refused
    there as by a run."""
    monkeypatch.setenv("TAXI_FARE_REGISTRY__SHARED_FOLDER", "true")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        master = f"spark://127.0.0.1:1,127.0.0.1:{port}"
        monkeypatch.setenv("SPARK_MASTER", master)
        assert run(["doctor", "--json"]) == 0
        assert _findings(capsys)["Spark master"]["found"] == (
            f"{master} answers"
        )
        monkeypatch.setenv("TAXI_FARE_REGISTRY__SHARED_FOLDER", "false")
        # Other tests may have started a local Spark in this process.
        done = subprocess.run(
            [sys.executable, "-m", "taxi_fare", "doctor", "--json"],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 7
    findings = {each["name"]: each for each in json.loads(done.stdout)}
    registry = findings["Registry"]
    assert registry["status"] == "lacking"
    assert "folder models/registry" in registry["found"]
    assert "TAXI_FARE_REGISTRY__SHARED_FOLDER=true" in registry["remedy"]


@pytest.mark.parametrize(
    ("master", "words"),
    [
        ("spark://127.0.0.1:1", "refused"),
        ("spark://127.0.0.1", "not host:port"),
        ("spark://:7077", "not host:port"),
        ("spark://host:many", "does not answer"),
    ],
)
def test_doctor_tells_a_master_that_does_not_answer(
    master: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 7, with the remedy."""
    monkeypatch.setenv("SPARK_MASTER", master)
    assert run(["doctor"]) == 7
    out = capsys.readouterr().out
    assert re.search(f"lacking +Spark master.*{words}", out)
    assert "correct SPARK_MASTER" in out


def test_doctor_tells_what_is_lacking(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Exit 7, with the remedy."""
    _write_month(tmp_path / "lake", "2023/03", b"no parquet")
    assert run(["doctor", "--data-base-path=lake"]) == 7
    out = capsys.readouterr().out
    assert "trips.parquet is not readable" in out
    assert "ingest these months again" in out


def test_the_entry_file_of_the_description() -> None:
    """``python src/ml_pipeline.py`` is ``taxi-fare train``."""
    answer = subprocess.run(
        [
            sys.executable,
            ROOT / "src" / "ml_pipeline.py",
            "--test-month=2023-06",
            "--data-base-path=none",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    assert "'2023/03', '2023/04', '2023/05', '2023/06'" in answer.stderr


def test_without_the_environment_one_sentence_says_what_to_do() -> None:
    """A Python that lacks the packages: exit 7, and no traceback."""
    answer = subprocess.run(
        [sys.executable, "-S", ROOT / "src" / "ml_pipeline.py"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 7
    assert "run `make env`" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("lacking", ["pyspark", "typer"])
def test_a_lacking_package_is_named(lacking: str) -> None:
    """Also one that a command imports only when it runs."""
    program = (
        f"import sys; sys.modules[{lacking!r}] = None\n"
        "from taxi_fare.__main__ import main; main('train')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 7, answer.stderr
    assert f"{lacking!r} is not installed" in answer.stderr
    assert "run `make env`" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize("done", [True, False])
def test_another_python_goes_on_in_the_environment(
    done: bool, tmp_path: Path
) -> None:
    """Airflow's `python` calls an entry file: the checkout's own goes on,
    unless `make env` has not come to its end."""
    shutil.copytree(ROOT / "src", tmp_path / "src")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\nexit 5\n')
    python.chmod(0o755)
    if done:
        (tmp_path / ".venv" / ".installed").touch()
    answer = subprocess.run(
        [sys.executable, "-S", "src/ml_pipeline.py", "--test-month", "a b"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    if done:
        assert answer.returncode == 5, answer.stderr
        called = ["-m", "taxi_fare", "train", "--test-month", "a b"]
        assert answer.stdout.splitlines() == called
    else:
        assert answer.returncode == 7
        assert "run `make env`" in answer.stderr


def test_what_changes_production_asks(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    registry_steps: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It shows from what to what; a no, and nobody to ask, change nothing."""
    registry = tmp_path / "models" / "registry"
    for name in ("model-1", "model-2"):
        registry_steps.commit(registry, name)

    def current() -> str:
        state = json.loads((registry / "model_registry.json").read_text())
        return str(state["slots"]["current"])

    back = ["registry", "rollback", "--reason=why"]
    assert run(back) == 2
    told = capsys.readouterr().err
    assert "from  model-2" in told
    assert "to    model-1" in told
    assert "add --yes" in told
    for answer, code, expected in (
        ("n\n", 1, "model-2"),
        ("", 1, "model-2"),
        ("y\n", 0, "model-1"),
    ):
        terminal = io.StringIO(answer)
        monkeypatch.setattr(terminal, "isatty", lambda: True)
        monkeypatch.setattr("sys.stdin", terminal)
        assert run(back) == code
        assert current() == expected
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert run(["registry", "promote", "model-2", "--reason=x", "-y"]) == 0
    assert current() == "model-2"
    assert run(["registry", "rollback", "--yes"]) == 2
    assert "--reason" in capsys.readouterr().err


def test_commands_are_shown_by_what_they_are_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Each is in a group that has a name; the legacy mode comes last."""
    assert run(["--help"]) == 0
    shown = capsys.readouterr().out
    titles = re.findall(r"^╭─ (.*?) ─+╮$", shown, re.MULTILINE)
    assert titles == [
        *("Options", "Every month", "Look and explore", "Operate"),
        "Legacy mode",
    ]


def test_the_app_of_a_demo_that_is_not_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """It says what makes one; a place of one's own beside it is refused."""
    assert run(["dashboard", "--demo"]) == 3
    told = capsys.readouterr().err
    assert f"There is no demo in {tmp_path / 'demo'}." in told
    assert "run `taxi-fare demo`" in told
    assert run(["dashboard", "--demo", "--reports-dir=."]) == 2
