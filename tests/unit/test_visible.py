"""Texts out of files: shown, and never obeyed by a terminal or a reader."""

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from taxi_fare.cli.main import run
from taxi_fare.cli.show import new_console, new_table, styled
from taxi_fare.core.errors import DataRefusedError, TaxiFareError
from taxi_fare.core.files import write_json
from taxi_fare.core.logs import (
    close_log_files,
    configure_file_logging,
    configure_logging,
    get_logger,
)
from taxi_fare.core.visible import visible, visible_json

FORGED = "2026-01-01 00:00:00 | CRITICAL | taxi_fare | all is lost"
# Clears the screen, changes its title, forges a record, a line that reads
# backwards, markup, an emoji.
TRICKS = (
    f"a\n{FORGED}",
    f"a\r\n{FORGED}",
    f"a\u2028{FORGED}",
    "a\x1b[2J\x1b[31mred",
    "a\x1b]0;title\x07",
    "a\x9b31mred",
    "a\u202ebackwards",
    "[red]a[/red] [link=http://example.org]b[/link] [/]",
    ":warning: \\[bold]",
    "half \udc80",
)


def _is_shown(text: str) -> bool:
    return text.replace("\n", "").isprintable()


@given(text=st.text())
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    """Of any text; what is printable stays."""
    shown = visible(text)
    assert not [
        each
        for each in shown
        if each < " " or "\x7f" <= each <= "\x9f" or each in "\u2028\u2029"
    ]
    assert shown.splitlines() in ([shown], [])
    shown.encode()
    if text.isascii() and text.isprintable():
        assert shown == text


@given(text=st.text())
def test_a_document_stays_what_it_is(text: str) -> None:
    """With JSON's own escapes, in any encoding."""
    document = json.dumps({text: text}, ensure_ascii=False)
    for encoding in ("utf-8", "ascii", "latin-1"):
        shown = visible_json(document, encoding=encoding)
        assert json.loads(shown) == {text: text}
        shown.encode(encoding)


@pytest.mark.parametrize("trick", TRICKS)
def test_a_document_in_a_file_can_be_printed(
    trick: str, tmp_path: Path
) -> None:
    """Whoever reads it with `cat` is shown it, and programs read it."""
    write_json(tmp_path / "a.json", {trick: trick})
    text = (tmp_path / "a.json").read_text("utf-8")
    assert _is_shown(text)
    assert json.loads(text) == {trick: trick}


@pytest.mark.parametrize("trick", TRICKS)
def test_a_screen_shows_and_does_not_obey(
    trick: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In sentences, styled ones and tables."""
    console, table = new_console(soft_wrap=True), new_table("What", trick)
    table.add_row(trick, styled((trick, "bold")))
    for each in (trick, styled("it: ", (trick, "red")), table):
        console.print(each)
    out = capsys.readouterr().out
    assert _is_shown(out)
    assert out.count(visible(trick)) == 5
    assert FORGED not in out.splitlines()


def test_what_a_part_is_styled_with_is_ours() -> None:
    """A style is no part of the text."""
    line = styled(("Yes", "green"), ": [red]2[/] of 2")
    assert isinstance(line, Text)
    assert line.plain == "Yes: [red]2[/] of 2"


@pytest.mark.parametrize("trick", TRICKS)
def test_an_error_is_told_in_its_own_lines(trick: str) -> None:
    """Found, expected, remedy; what was read adds no line of its own."""
    error = TaxiFareError(trick, expected=trick, remedy=trick)
    assert len(str(error).splitlines()) == 3
    assert _is_shown(str(error))
    assert _is_shown(error.summary)


@pytest.mark.parametrize("trick", TRICKS)
def test_one_record_is_one_line(
    trick: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr and in a file; a traceback is set in below it."""
    configure_logging("text")
    configure_file_logging(tmp_path / "run.log")
    log = get_logger("taxi_fare.test")
    log.warning("a column %s", trick)
    try:
        raise ValueError(trick)
    except ValueError:
        log.exception("failed")
    close_log_files()
    for text in (
        (tmp_path / "run.log").read_text("utf-8"),
        capsys.readouterr().err,
    ):
        assert _is_shown(text)
        lines = text.splitlines()
        assert visible(trick) in lines[0]
        assert "failed" in lines[1]
        assert all(line.startswith("    ") for line in lines[2:])


@pytest.mark.parametrize("trick", TRICKS)
def test_last_words_are_one_line_of_a_file(
    trick: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A person gets what was found, expected and to do below each other."""

    def refuse(*arguments: object, **more: object) -> None:
        """Find it in a file."""
        raise DataRefusedError(trick, expected="b", remedy="c")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("taxi_fare.workflows.doctor.diagnose", refuse)
    assert run(["doctor", "--log-file=run.log"]) == 4
    err = capsys.readouterr().err
    assert err == f"{visible(trick)}\n  Expected: b\n  What to do: c\n"
    (line,) = (tmp_path / "run.log").read_text("utf-8").splitlines()
    assert line.endswith(f"{visible(trick)} Expected: b What to do: c")
    assert logging.getLogger().handlers


@pytest.mark.parametrize("trick", TRICKS[:7])
@pytest.mark.parametrize("form", ["text", "json"])
def test_no_name_in_a_file_reaches_a_terminal(
    trick: str,
    form: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Columns of a raw month, of a lake's, their types; names of files."""
    monkeypatch.chdir(tmp_path)
    name = trick.replace("/", "-")
    table = pa.table({trick: [1], "total_amount": [{trick: 1}]})
    raw, lake = tmp_path / "raw", tmp_path / "lake/2023/01"
    for folder in (raw, lake):
        folder.mkdir(parents=True)
    pq.write_table(table, raw / "yellow_tripdata_2023-01.parquet")
    pq.write_table(table, lake / "trips.parquet")
    (lake / f"{name}.parquet").write_text(name)
    (tmp_path / name).mkdir()
    (tmp_path / name / "model_registry.json").write_text(f"<{name}>")
    for command in (
        ["ingest", "--months=2023-01", "--source=raw"],
        ["ingest", "--months=2023-01", f"--source={name}"],
        ["check", "data", "--test-month=2023-01", "--train-months=2022-12"],
        ["doctor"],
        ["registry", "show", f"--model-registry-path={name}"],
        ["registry", "show", f"--model-registry-path={name}/none"],
    ):
        more = ["--log-file=run.log", f"--log-format={form}"]
        if command[0] in {"check", "doctor"}:
            more.append("--data-base-path=lake")
        assert run([*command, *more]) in {2, 3, 4, 6, 7}
        out, err = capsys.readouterr()
        assert _is_shown(out + err)
        assert "Traceback" not in err
    text = (tmp_path / "run.log").read_text("utf-8")
    assert _is_shown(text)
    assert not [each for each in text.splitlines() if each.startswith(FORGED)]
