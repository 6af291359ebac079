"""The logging options of every command, and a command's last words."""

import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

import pytest
from typer.main import get_command

from taxi_fare.cli.bars import download_bar, tree_bar, trip_bar
from taxi_fare.cli.main import app, run
from taxi_fare.core.interruption import end_on_signals
from taxi_fare.core.logs import configure_logging

ROOT = Path(__file__).parents[2]
JSON = "--log-format=json"


@pytest.fixture(autouse=True)
def _empty_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    """No configuration, and text again for the tests that follow."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATA_BASE_PATH", "MINIO_ACCESS_KEY", "TAXI_FARE_CONF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "100")
    yield
    configure_logging()


@pytest.fixture
def doctor_does(
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[Callable[[], None]], None]:
    """Let ``taxi-fare doctor`` do something else."""

    def replace(what: Callable[[], None]) -> None:
        def diagnose(*arguments: object, **more: object) -> list[object]:
            """Stand in for the examination of the machine."""
            what()
            return []

        monkeypatch.setattr("taxi_fare.workflows.doctor.diagnose", diagnose)

    return replace


Replace = Callable[[Callable[[], None]], None]


def _commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if not hasattr(command, "commands"):
        yield name, command
        return
    for each, below in command.commands.items():
        yield from _commands(below, f"{name} {each}".strip())


@pytest.mark.parametrize("name", dict(_commands(get_command(app))))
def test_every_command_has_the_options(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Commands of groups too: these have to be a LoggedTyper."""
    assert run([*name.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert "--log-format" in out
    assert "--log-file" in out


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(each) for each in capsys.readouterr().err.splitlines()]


def test_an_entry_file_takes_them_after_its_own_options() -> None:
    """The description's command, with a line that a machine can read."""
    answer = subprocess.run(
        [
            *(sys.executable, "src/ml_pipeline.py", "--test-month", "2023-06"),
            *("--data-base-path", "none", "--log-format", "json"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 3
    line = json.loads(answer.stderr.splitlines()[-1])
    assert (line["exit_code"], line["error"]) == (3, "DataMissingError")
    assert "month" not in line
    assert line["level"] == "ERROR"
    assert "DATA NOT FOUND\n=====" in line["message"]


@pytest.mark.parametrize(
    ("setting", "option", "is_json"),
    [
        ("json", [], True),
        ("text", [], False),
        ("json", ["--log-format", "text"], False),
        ("text", ["--log-format", "json"], True),
        ("text", ["--log-format=text", "--log-format=json"], True),
    ],
)
def test_the_option_wins_over_the_settings(
    setting: str,
    option: list[str],
    is_json: bool,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And of two options the last."""
    monkeypatch.setenv("TAXI_FARE_LOGGING__FORMAT", setting)
    assert run(["train", "--test-month=June", *option]) == 2
    err = capsys.readouterr().err
    assert err.startswith('{"timestamp": "') is is_json
    assert err.startswith("'June' is not a month") is not is_json


def test_the_configuration_file_sets_level_and_file(
    doctor_does: Replace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Section [logging]; --log-file wins over it."""

    def work() -> None:
        """Log at two levels."""
        logging.getLogger("taxi_fare.test").info("not wanted")
        logging.getLogger("taxi_fare.test").warning("wanted")

    doctor_does(work)
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "taxi_fare.toml").write_text(
        '[logging]\nlevel = "WARNING"\nfile = "logs/settings.log"\n'
    )
    assert run(["doctor"]) == 0
    assert run(["doctor", "--log-file=option.log"]) == 0
    assert capsys.readouterr().err.count("wanted") == 2
    for file in (Path("logs/settings.log"), Path("option.log")):
        (line,) = file.read_text().splitlines()
        assert line.endswith("| taxi_fare.test             | wanted")


@pytest.mark.parametrize(
    "arguments",
    [
        ["doctor", "--log-format=xml"],
        ["doctor", "--log-file", ""],
        ["doctor", "--log-file=."],
        ["doctor", "--log-file=file/run.log"],
        ["registry", "show", "--log-file=file/run.log"],
    ],
)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_wrong_values_are_wrong_usage(
    arguments: list[str],
    log_format: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 2 before anything is done; the message says what was given."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("TAXI_FARE_LOGGING__FORMAT", log_format)
    assert run(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert "log-f" in err
    if log_format == "json":
        assert json.loads(err)["exit_code"] == 2
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    "name", ["TAXI_FARE_LOGGING__FORMAT", "TAXI_FARE_GATES__R2_MIN"]
)
def test_settings_that_cannot_be_used_are_told_by_commands_only(
    name: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Help and version need none; the wanted format holds for the error."""
    monkeypatch.setenv(name, "nonsense")
    for harmless in (["--help"], ["--version"], ["train", "--help"]):
        assert run(harmless) == 0
    assert run(["doctor", "--help", JSON]) == 0
    assert capsys.readouterr().err == ""
    assert run(["doctor"]) == 2
    assert capsys.readouterr().err.startswith("The settings cannot be used")
    assert run(["doctor", JSON]) == 2
    (line,) = _lines(capsys)
    assert line["message"].startswith("The settings cannot be used")
    assert line["exit_code"] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--no-such-option", JSON], "No such option"),
        (["no-such-command", JSON], "No such command"),
        (["ingest", "--log-format", "json"], "Missing option"),
        (["demo", "--trips=few", JSON], "Invalid value"),
        (["train", "--test-month=June", JSON], "is not a month"),
    ],
)
def test_wrong_usage_is_a_json_line_too(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """No box around it, and nothing else on stderr."""
    assert run(arguments) == 2
    (line,) = _lines(capsys)
    assert message in line["message"]
    assert (line["level"], line["exit_code"]) == ("ERROR", 2)


def test_last_words_are_in_the_log_file_as_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person sees them alone; the file says when, and who."""
    wrong = ["train", "--test-month=June"]
    assert run([*wrong, "--log-file=logs/run.log"]) == 2
    assert run(wrong) == 2
    err = capsys.readouterr().err
    assert err.count("'June' is not a month") == 2
    assert " | " not in err
    text = (tmp_path / "logs" / "run.log").read_text()
    assert text.count("| ERROR    | taxi_fare.cli.endings") == 1
    assert text.count("'June' is not a month") == 1


def _fail() -> NoReturn:
    raise RuntimeError("nobody\nexpected this")


def test_an_unexpected_error_shows_its_traceback(
    doctor_does: Replace, capsys: pytest.CaptureFixture[str]
) -> None:
    """As Python does, or in one JSON line; exit 1."""
    doctor_does(_fail)
    assert run(["doctor"]) == 1
    err = capsys.readouterr().err
    assert err.startswith("Traceback (most recent call last):\n")
    assert err.endswith("\nRuntimeError: nobody\nexpected this\n")
    assert run(["doctor", JSON]) == 1
    (line,) = _lines(capsys)
    assert (line["level"], line["exit_code"]) == ("CRITICAL", 1)
    assert line["error"] == "RuntimeError"
    assert "in _fail" in line["exc_info"]
    assert line["exc_info"].endswith("RuntimeError: nobody\nexpected this")


@pytest.mark.parametrize(
    ("error", "code"),
    [(KeyboardInterrupt(), 130), (SystemExit(143), 143)],
)
def test_an_interrupted_command_says_so(
    error: BaseException,
    code: int,
    doctor_does: Replace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One sentence, or one JSON line, and 128 and the signal."""

    def stop() -> NoReturn:
        """Do as a signal's handler does."""
        raise error

    doctor_does(stop)
    assert run(["doctor"]) == code
    assert capsys.readouterr().err.startswith("Interrupted. Nothing half-")
    assert run(["doctor", JSON]) == code
    (line,) = _lines(capsys)
    assert line["exit_code"] == code


@pytest.fixture
def own_signals(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let signals end this process as they end a command's."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    monkeypatch.setattr("taxi_fare.core.interruption._received", [])
    monkeypatch.setattr("sys.unraisablehook", sys.unraisablehook)
    end_on_signals()
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize(
    "consequence", [RuntimeError("no answer"), OSError(111, "no answer")]
)
def test_what_fails_after_a_signal_is_an_interruption(
    consequence: Exception,
    number: signal.Signals,
    doctor_does: Replace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A call of the JVM has no answer any more, for one."""

    def stop() -> NoReturn:
        """Do as PySpark's tidying up does."""
        with suppress(KeyboardInterrupt, SystemExit):
            os.kill(os.getpid(), number)
        raise consequence

    doctor_does(stop)
    assert run(["doctor"]) == 128 + number
    err = capsys.readouterr().err
    assert err.startswith("Interrupted. Nothing half-")
    assert "answer" not in err
    assert run(["doctor", JSON]) == 128 + number
    (line,) = _lines(capsys)
    assert line["exit_code"] == 128 + number


class _Deleted:
    """Something that a signal finds being deleted."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        """Drop what the handler raises, as Python does."""
        os.kill(os.getpid(), self.number)


@pytest.mark.usefixtures("own_signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_not_lost_while_an_object_is_deleted(
    number: signal.Signals,
    doctor_does: Replace,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It ends the command a moment later, and in one sentence."""
    deleted = []

    def work() -> None:
        """Delete something, then do something long."""
        _Deleted(number)
        deleted.append(True)
        time.sleep(30)

    doctor_does(work)
    started = time.monotonic()
    assert run(["doctor"]) == 128 + number
    assert deleted
    assert time.monotonic() - started < 20
    err = capsys.readouterr().err
    assert err.startswith("Interrupted. Nothing half-")
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("there", "error"),
    [("2023-05", "NotPublishedError"), ("2023-07", "DataMissingError")],
)
def test_a_late_month_is_told_from_a_missing_one(
    there: str,
    error: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both end in 3: a scheduler waits for the one, and calls for help for
    the other. The month is told too."""
    (tmp_path / f"yellow_tripdata_{there}.parquet").touch()
    command = ["ingest", "--months=2023-06", "--source=.", "--json"]
    assert run([*command, JSON]) == 3
    out, err = capsys.readouterr()
    line = json.loads(err.splitlines()[-1])
    told = line["exit_code"], line["error"], line["month"]
    assert told == (3, error, "2023-06")
    assert out == ""


def test_exit_codes_are_the_same_for_machines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A code that a command ends with itself, and its result on stdout."""
    file = tmp_path / "lake" / "2023" / "03" / "trips.parquet"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no parquet")
    command = ["doctor", "--data-base-path=lake", "--json"]
    assert run(command) == run([*command, JSON]) == 7
    out, err = capsys.readouterr()
    # What is free changes while other tests write.
    out = re.sub(r"[\d.]+ GiB free", "", out)
    assert out[: len(out) // 2] == out[len(out) // 2 :]
    assert err == ""


def test_warnings_of_python_are_json_lines(
    doctor_does: Replace, capsys: pytest.CaptureFixture[str]
) -> None:
    """Libraries warn as well."""
    doctor_does(lambda: warnings.warn("old\nway", UserWarning, stacklevel=1))
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert run(["doctor", JSON]) == 0
    (line,) = _lines(capsys)
    assert line["logger"] == "py.warnings"
    assert "UserWarning: old\nway" in line["message"]


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        """Say that somebody is watching."""
        return True


def test_bars_are_not_drawn_among_json_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Not even on a terminal, where they are drawn otherwise."""
    monkeypatch.setattr("sys.stderr", _Terminal())
    with tree_bar(3) as on_tree:
        assert on_tree is not None
    configure_logging("json")
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    with (
        tree_bar(3) as on_tree,
        download_bar("2023-01") as on_bytes,
        trip_bar() as on_trips,
    ):
        assert on_tree is None
        on_bytes(1, 2)
        on_trips(1, 2)
    assert terminal.getvalue() == ""


def test_trips_are_counted_where_somebody_watches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of how many, and what is done."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with trip_bar() as on_trips:
        on_trips(131_072, 3_040_000)
    assert "131,072 of 3,040,000 trips" in terminal.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        '[logging]\nformat = "json"',
        "logging.format = 'json'",
        'logging = { level = "INFO", "format" = """json""" }',
    ],
)
def test_wrong_usage_is_a_json_line_where_the_file_says_so(
    text: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """However TOML spells it: not all settings are read to find it."""
    file = tmp_path / "own.toml"
    file.write_text(text)
    monkeypatch.setenv("TAXI_FARE_CONF", str(file))
    assert run(["train", "--no-such-option"]) == 2
    (line,) = _lines(capsys)
    assert "No such option" in line["message"]
