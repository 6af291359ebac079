"""What the DAGs' tasks do around a command; none of it needs Airflow."""

import os
import shlex
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from taxi_fare_task.command import NOT_FOUND, Ending, run_command
from taxi_fare_task.months import first_train_month, is_overdue, month_at
from taxi_fare_task.places import without_keys
from taxi_fare_task.verdict import sentence, verdict_of

Lines = list[tuple[str, str]]


def _run(program: str, home: Path) -> tuple[Ending, Lines]:
    """Run some lines of Python as a command."""
    lines: Lines = []
    ending = run_command(
        [sys.executable, "-c", program],
        home=home,
        on_line=lambda level, text: lines.append((level, text)),
    )
    return ending, lines


@pytest.mark.parametrize(
    ("day", "before", "month"),
    [
        ("2023-08-28", 2, "2023-06"),
        ("2023-02-01", 2, "2022-12"),
        ("2023-12-31", 0, "2023-12"),
        ("2024-01-31", 13, "2022-12"),
    ],
)
def test_months_are_counted_back(day: str, before: int, month: str) -> None:
    """Over the turn of a year, from any day."""
    assert month_at(datetime.fromisoformat(day), before) == month


def test_the_window_begins_three_months_before() -> None:
    """M-3, as the sliding window of the project."""
    assert first_train_month("2023-06") == "2023-03"
    assert first_train_month("2023-01") == "2022-10"


@pytest.mark.parametrize(
    ("month", "overdue"),
    [("2023-07", True), ("2023-08", False), ("2023-11", False)],
)
def test_a_month_is_late_for_some_months_only(
    month: str, overdue: bool
) -> None:
    """In November, August may still be late; July is not coming."""
    assert is_overdue(month, datetime(2023, 11, 28)) is overdue


def test_a_command_tells_its_document_and_its_last_words(
    tmp_path: Path,
) -> None:
    """Its log arrives line by line, with levels; Java's lines too."""
    program = """
import json, os, sys
print(json.dumps({"cwd": os.getcwd()}))
for line in (
    {"level": "WARNING", "message": "careful"},
    {"level": "ERROR", "message": "no", "exit_code": 3, "error": "Missing"},
):
    print(json.dumps(line), file=sys.stderr)
print("WARNING: Using incubator modules", file=sys.stderr)
print("12", file=sys.stderr)
sys.exit(3)
"""
    ending, lines = _run(program, tmp_path)
    assert ending.code == 3
    assert ending.document == {"cwd": str(tmp_path)}
    assert (ending.words, ending.last["error"]) == ("no", "Missing")
    assert lines == [
        ("WARNING", "careful"),
        ("ERROR", "no"),
        ("INFO", "WARNING: Using incubator modules"),
        ("INFO", "12"),
    ]


@pytest.mark.parametrize(
    ("code", "last", "retryable"),
    [
        (75, {"exit_code": 75, "retryable": True}, True),
        (3, {"exit_code": 3, "retryable": False}, False),
        # The command knows best, should the codes ever be told apart.
        (6, {"exit_code": 6, "retryable": True}, True),
        # It was killed after its last words, or without any.
        (-9, {"exit_code": 3, "retryable": False}, True),
        (143, {}, True),
        (NOT_FOUND, {"message": "no project"}, True),
        # A command that is older than the field.
        (4, {"exit_code": 4}, False),
        (7, {"exit_code": 7}, True),
    ],
)
def test_what_may_pass_by_itself_is_retried(
    code: int, last: dict[str, Any], retryable: bool
) -> None:
    """As its last line says; by the exit code where there is none."""
    assert Ending(code, last=last).retryable is retryable


def test_a_traceback_is_in_the_log(tmp_path: Path) -> None:
    """Of an error that the command did not expect."""
    line = '{"message": "Unexpected", "exc_info": "Traceback", "exit_code": 1}'
    _, lines = _run(f"import sys; print({line!r}, file=sys.stderr)", tmp_path)
    assert lines == [("INFO", "Unexpected\nTraceback")]


@pytest.mark.parametrize("printed", ["", "no JSON", "[1]", '{"half": '])
def test_what_is_no_document_is_none(printed: str, tmp_path: Path) -> None:
    """A command that was killed has printed nothing, or half of it."""
    ending, _ = _run(f"print({printed!r}, end='')", tmp_path)
    assert (ending.code, ending.document) == (0, {})


def test_airflows_settings_stay_with_airflow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold passwords; the project's own variables are passed on."""
    monkeypatch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "secret")
    monkeypatch.setenv("AIRFLOW_CONN_SPARK_DEFAULT", "secret")
    monkeypatch.setenv("PYTHONPATH", "airflows")
    monkeypatch.setenv("TAXI_FARE_GBT__MAX_ITER", "3")
    program = "import json, os; print(json.dumps(dict(os.environ)))"
    ending, _ = _run(program, tmp_path)
    assert "secret" not in ending.document.values()
    assert "PYTHONPATH" not in ending.document
    assert ending.document["TAXI_FARE_GBT__MAX_ITER"] == "3"


@pytest.mark.parametrize("missing", ["home", "program"])
def test_a_command_that_is_not_there_is_said(
    missing: str, tmp_path: Path
) -> None:
    """As shells do, with 127; the name is in the words."""
    home = tmp_path / "project" if missing == "home" else tmp_path
    program = "/nonexistent/taxi-fare"
    ending = run_command([program], home=home, on_line=print)
    assert ending.code == 127
    assert (str(home) if missing == "home" else program) in ending.words


FAMILY = f"""
import signal, subprocess, sys, time

child = subprocess.Popen([{sys.executable!r}, "-c", '''
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
os.mkdir("child")
time.sleep(600)
'''])

def stop(*_):
    child.wait()
    open("tidied", "w").write("both")
    sys.exit(143)

signal.signal(signal.SIGTERM, stop)
while not __import__("os").path.exists("child"):
    time.sleep(0.01)
print("ready", file=sys.stderr, flush=True)
time.sleep(600)
"""


def test_sigterm_reaches_every_process(tmp_path: Path) -> None:
    """A task that is marked as failed gets SIGTERM: the command and what it
    started end, and it has time to tidy up."""
    before = signal.getsignal(signal.SIGTERM)
    ending = run_command(
        [sys.executable, "-c", FAMILY],
        home=tmp_path,
        on_line=lambda *_: os.kill(os.getpid(), signal.SIGTERM),
    )
    assert ending.code == 143
    assert (tmp_path / "tidied").exists()
    assert signal.getsignal(signal.SIGTERM) is before


class TimeoutOfAirflow(BaseException):
    """Is raised in the middle of whatever the task does."""


def test_a_timeout_ends_the_command(tmp_path: Path) -> None:
    """A shell around it does not keep it alive."""

    def on_line(level: str, text: str) -> None:
        """Run out of time as soon as the command works."""
        raise TimeoutOfAirflow

    command = f"{sys.executable} -c {shlex.quote(FAMILY)}; exit 1"
    with pytest.raises(TimeoutOfAirflow):
        run_command(["sh", "-c", command], home=tmp_path, on_line=on_line)
    assert (tmp_path / "tidied").exists()


def test_a_verdict_says_decision_reason_and_metrics() -> None:
    """What people look for first, and in one line."""
    document = {
        "simulated": False,
        "model_id": "m",
        "metrics": {"rmse": 4.0, "mae": 2.0, "r2": 0.9, "rows": 9},
        "promotion": {
            "decision": "kept",
            "reason": "1 of 3 metrics improve",
            "current_metrics": {"rmse": 3.0, "mae": 2.5, "r2": 0.95},
        },
    }
    verdict = verdict_of(document)
    assert verdict["metrics"] == {"rmse": 4.0, "mae": 2.0, "r2": 0.9}
    assert sentence({"month": "2023-06"} | verdict) == (
        "month 2023-06, decision kept, reason 1 of 3 metrics improve,"
        " metrics (rmse 4.0000, mae 2.0000, r2 0.9000),"
        " current_metrics (rmse 3.0000, mae 2.5000, r2 0.9500), model_id m,"
        " simulated False"
    )


def test_a_gate_that_is_missed_says_by_how_much() -> None:
    """The limits that were kept are only counted."""
    checks = [
        {"gate": "rmse < 10", "value": 12.5, "passed": False},
        {"gate": "r2 >= 0.5", "value": 0.9, "passed": True},
    ]
    document = {"gate": "model", "subject": "m", "passed": False}
    verdict = verdict_of({**document, "checks": checks})
    assert (verdict["decision"], verdict["checks"]) == ("refused", 2)
    assert verdict["missed"] == ["rmse < 10: 12.5"]
    assert verdict_of({}) == {}


@pytest.mark.parametrize(
    "place",
    ["s3a://K:QX/J@bucket/x", "s3a:/K:QXJ%40b", "K:QXJ@b", "file://K:QXJ@h/x"],
)
def test_a_place_with_a_key_is_not_rendered(place: str) -> None:
    """Airflow shows what it renders; the error does not repeat it."""
    with pytest.raises(ValueError, match="has an @ in it") as caught:
        without_keys(place)
    assert "QX" not in str(caught.value)
    for plain in ("/data/me@home", "s3a://bucket/x", "/data"):
        assert without_keys(plain) == plain
