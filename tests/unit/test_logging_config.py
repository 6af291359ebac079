"""Log lines for people and for machines, and the log of stages."""

import json
import logging
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logs import (
    DATE_FORMAT,
    LOG_FORMAT,
    PipelineLogger,
    close_log_files,
    configure_file_logging,
    configure_logging,
    get_logger,
)

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _text_on_stderr_only() -> Iterator[None]:
    """No other test's format, and no log file left open."""
    configure_logging()
    yield
    close_log_files()
    configure_logging()


def _strict(line: str) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        """JSON has no NaN and no Infinity."""
        raise ValueError(constant)

    document: dict[str, Any] = json.loads(line, parse_constant=refuse)
    return document


def _json_lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [_strict(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_looks_as_described() -> None:
    """The same line as in the description, to the letter."""
    record = logging.LogRecord(
        "src.trainer", logging.INFO, "", 0, "Training on %s", ("1 row",), None
    )
    line = logging.Formatter(LOG_FORMAT, DATE_FORMAT).format(record)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
        r" \| INFO     \| src\.trainer                \| Training on 1 row",
        line,
    )


def test_lines_go_to_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    """Standard output stays free for results."""
    get_logger("taxi_fare.test").warning("careful")
    captured = capsys.readouterr()
    assert "careful" in captured.err
    assert captured.out == ""


def test_lines_can_go_to_a_file_too(tmp_path: Path) -> None:
    """The folder is created; the handler can be taken off again."""
    handler = configure_file_logging(tmp_path / "logs" / "run.log")
    try:
        get_logger("taxi_fare.test").error("broken")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    assert "| ERROR    | taxi_fare.test" in (
        tmp_path / "logs" / "run.log"
    ).read_text(encoding="utf-8")


def test_stages_are_timed_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The description's own example runs as it stands."""
    log = PipelineLogger("MLPipeline")
    with caplog.at_level(logging.INFO):
        log.stage_start("training", months=["2023/01", "2023/02"])
        log.stage_end("training", row_count=2_500_000)
        log.verify_retention("load_raw", "after_cleaning", min_threshold=0.80)
        seconds = log.summary()
    assert "months=['2023/01', '2023/02']" in caplog.text
    assert "2,500,000 rows" in caplog.text
    assert "training 0.0 s (2,500,000 rows)" in caplog.text
    assert "not checked: no row count of load_raw" in caplog.text
    assert list(seconds) == ["training"]
    assert seconds["training"] >= 0


@pytest.mark.parametrize(
    ("kept", "level"),
    [(90, logging.INFO), (89, logging.WARNING), (80, logging.WARNING)],
)
def test_retention_warns_below_ninety_percent(
    caplog: pytest.LogCaptureFixture, kept: int, level: int
) -> None:
    """The limits themselves are still good."""
    log = PipelineLogger("MLPipeline")
    with caplog.at_level(logging.INFO):
        log.stage_end("raw", row_count=100)
        log.stage_end("clean", row_count=kept)
        assert log.verify_retention("raw", "clean") == kept / 100
    assert caplog.records[-1].levelno == level


@pytest.mark.parametrize(("before", "kept"), [(100, 79), (0, 0)])
def test_retention_below_eighty_percent_refuses(
    before: int, kept: int
) -> None:
    """Nothing out of nothing is refused too."""
    log = PipelineLogger("MLPipeline")
    log.stage_end("raw", row_count=before)
    log.stage_end("clean", row_count=kept)
    with pytest.raises(DataRefusedError, match="at least 80%"):
        log.verify_retention("raw", "clean")


def _loop() -> list[object]:
    loop: list[object] = []
    loop.append(loop)
    return loop


@pytest.mark.parametrize(
    ("message", "what"),
    [
        ("two\nlines\r\nor three", 1),
        ("prix en été: 12 €, R² 日本 \u2028", 1),
        ("half a character: \udc80", 1),
        ("an object", object()),
        ("a path", {"path": Path("data")}),
        ("not a number", float("nan")),
        ("numbers that are none", {"deep": [float("inf")]}),
        ("a key that is no text", {(1, 2): 3}),
        ("a loop", _loop()),
    ],
)
def test_a_json_line_is_one_line_whatever_is_in_it(
    capsys: pytest.CaptureFixture[str], message: str, what: object
) -> None:
    """Strict JSON, in ASCII: no terminal's encoding can break it."""
    configure_logging("json")
    get_logger("taxi_fare.test").warning(message, extra={"what": what})
    err = capsys.readouterr().err
    assert err.count("\n") == len(err.splitlines()) == 1
    assert err.isascii()
    document = _strict(err)
    assert document["message"] == message
    assert document["level"] == "WARNING"
    assert document["logger"] == "taxi_fare.test"
    assert list(document) == [
        *("timestamp", "level", "logger", "message", "what"),
    ]


def test_timestamps_of_json_lines_are_utc(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """ISO 8601 with milliseconds, wherever the machine is."""
    configure_logging("json")
    record = logging.LogRecord("a", logging.INFO, "", 0, "b", (), None)
    record.created, record.msecs = 1_718_461_825.25, 250.0
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/New_York")
        time.tzset()
        logging.getLogger().handle(record)
    time.tzset()
    (line,) = _json_lines(capsys)
    assert line["timestamp"] == "2024-06-15T14:30:25.250Z"


def test_a_json_line_holds_the_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As one text."""
    configure_logging("json")
    try:
        raise ValueError("broken\nin two")
    except ValueError:
        get_logger("taxi_fare.test").exception("failed")
    (line,) = _json_lines(capsys)
    assert line["exc_info"].startswith("Traceback (most recent call last)")
    assert line["exc_info"].endswith("ValueError: broken\nin two")


def test_what_a_stage_says_is_in_fields_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A machine need not take the text apart."""
    configure_logging("json")
    log = PipelineLogger("MLPipeline")
    log.stage_start("load", months=["2023/01", "2023/02"])
    log.stage_end("load", row_count=1_000)
    log.stage_end("clean", row_count=950, rules=3)
    log.verify_retention("load", "clean")
    log.summary()
    started, loaded, cleaned, retention, summary = _json_lines(capsys)
    assert (started["stage"], started["event"]) == ("load", "started")
    assert started["months"] == ["2023/01", "2023/02"]
    assert (loaded["event"], loaded["rows"]) == ("done", 1_000)
    assert 0 <= loaded["seconds"] < 60
    assert (cleaned["stage"], cleaned["rules"]) == ("clean", 3)
    assert retention["event"] == "retention"
    assert (retention["before"], retention["stage"]) == ("load", "clean")
    assert (retention["retention"], retention["rows"]) == (0.95, 950)
    assert summary["event"] == "summary"
    assert list(summary["stages"]) == ["load", "clean"]
    assert summary["stages"]["clean"]["rows"] == 950
    assert "clean 0.0 s (950 rows)" in summary["message"]


def test_context_may_have_any_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Names of a record or of a line get an underscore, nothing is lost."""
    configure_logging("json")
    log = PipelineLogger("MLPipeline")
    names = ("name", "args", "message", "level", "rows", "event", "exit_code")
    log.stage_start("load", **dict.fromkeys(names, "mine"))
    (line,) = _json_lines(capsys)
    assert {line[f"{name}_"] for name in names} == {"mine"}
    assert line["logger"] == "MLPipeline"
    assert line["event"] == "started"
    assert line["message"].startswith("load started, name=mine, args=mine")


def test_getting_a_logger_leaves_the_format_as_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command line decides; a library's logger does not undo that."""
    configure_logging("json", level="WARNING")
    get_logger("taxi_fare.test").warning("careful")
    get_logger("taxi_fare.test").info("not wanted")
    assert [line["message"] for line in _json_lines(capsys)] == ["careful"]


def test_a_log_file_has_the_lines_of_stderr(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a name it is in logs/, which is not under version control."""
    monkeypatch.chdir(tmp_path)
    configure_logging("json")
    configure_file_logging()
    get_logger("taxi_fare.test").info("été")
    close_log_files()
    get_logger("taxi_fare.test").info("after it was closed")
    (file,) = (tmp_path / "logs").iterdir()
    assert file.read_text() == capsys.readouterr().err.splitlines(True)[0]


def test_the_snippet_of_the_description_runs_as_it_is() -> None:
    """Copied to the letter, from the project's folder."""
    snippet = """
from logging_config import get_logger, PipelineLogger

# Logger simple
logger = get_logger(__name__)
logger.info("Message")
logger.warning("Attention")
logger.error("Erreur")

# Logger avec tracking de métriques
pipeline_log = PipelineLogger("MLPipeline")
pipeline_log.stage_start("training", months=["2023/01", "2023/02"])
# ... training ...
pipeline_log.stage_end("training", row_count=2500000)
pipeline_log.verify_retention("load_raw", "after_cleaning", min_threshold=0.80)
pipeline_log.summary()
"""
    answer = subprocess.run(
        [sys.executable, "-c", snippet],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == ""
    lines = [line.split(" | ", 3) for line in answer.stderr.splitlines()]
    assert [line[1] for line in lines] == [
        *("INFO    ", "WARNING ", "ERROR   "),
        *("INFO    ", "INFO    ", "WARNING ", "INFO    "),
    ]
    assert [line[2].rstrip() for line in lines] == (
        ["__main__"] * 3 + ["MLPipeline"] * 4
    )
    assert lines[0][3] == "Message"
    assert lines[5][3].endswith("not checked: no row count of load_raw")
    assert lines[6][3].endswith("training 0.0 s (2,500,000 rows)")


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="this system has no full disk"
)
def test_a_log_file_on_a_full_disk_is_given_up(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Once, in one line; a run does not fail for its log."""
    configure_logging("INFO")
    handler = configure_file_logging("/dev/full")
    try:
        logging.getLogger("full").info("one")
        logging.getLogger("full").info("two")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert sum("/dev/full: No space left" in line for line in lines) == 1
