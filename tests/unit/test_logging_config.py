"""Log lines in the description's format, and the log of stages."""

import logging
import re
from pathlib import Path

import pytest

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.logging_config import (
    DATE_FORMAT,
    LOG_FORMAT,
    PipelineLogger,
    configure_file_logging,
    get_logger,
)


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
