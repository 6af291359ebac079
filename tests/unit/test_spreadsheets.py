"""CSV files: read as they were written, and run by no spreadsheet."""

import csv as plain_csv
import io
import re
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.spreadsheets import (
    csv_bytes,
    original_cell,
    safe_cell,
    write_csv,
)

ROOT = Path(__file__).parents[2]
RUN = (
    *("=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "="),
    *('=HYPERLINK("http://example.org")', "=cmd|'/c calc'!A0", "+7Q9", "-"),
    *("\uff1d1+1", "\uff0b1", "\uff0d1+1", "\uff20SUM(A1)", "-1e5x", "--1"),
)
CELLS = st.text("=+-@\t\r\n '\"\uff1d0123456789.eN,;") | st.text()


@pytest.mark.parametrize("text", RUN)
def test_a_formula_becomes_text(text: str) -> None:
    """Whatever a spreadsheet takes for one."""
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["-3.5", "+1", "-.5", "1e-5", "-1E+5", "N", "", "a=b", "'N'", "é"]
)
def test_numbers_and_texts_stay(text: str) -> None:
    """A negative number is no formula."""
    assert safe_cell(text) == text


@given(text=CELLS)
def test_no_cell_begins_like_a_formula_and_each_can_be_restored(
    text: str,
) -> None:
    """One apostrophe more, one less; also where there were some."""
    safe = safe_cell(text)
    assert original_cell(safe) == text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", safe):
        assert not re.match(r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]", safe)


@given(texts=st.lists(st.text("=+-@\t '\",;N1"), min_size=1))
def test_a_table_comes_back(texts: list[str]) -> None:
    """Numbers as numbers, dictionaries as texts, headings as cells."""
    table = pa.table(
        {
            "=flag": texts,
            "level": pa.array(texts).dictionary_encode(),
            "miles": [-3.5] * len(texts),
        }
    )
    read = io.StringIO(csv_bytes(table).decode(), newline="")
    head, *rows = plain_csv.reader(read)
    assert head == ["'=flag", "level", "miles"]
    assert [original_cell(row[0]) for row in rows] == texts
    assert [original_cell(row[1]) for row in rows] == texts
    assert {row[2] for row in rows} == {"-3.5"}


def test_nothing_stays_nothing(tmp_path: Path) -> None:
    """A missing value is no empty text."""
    table = pa.table({"flag": pa.array([None, "=1"], pa.string())})
    write_csv(tmp_path / "a.csv", table)
    assert (tmp_path / "a.csv").read_text() == '"flag"\n\n"\'=1"\n'


def test_there_is_one_writer() -> None:
    """A CSV that is written elsewhere would have cells that run."""
    others = re.compile(
        r"\.to_csv\(|csv\.write_csv|csv\.CSVWriter|csv\.(Dict)?[wW]riter"
        r"|\.write\.csv|format\(.csv.\)|st\.(dataframe|data_editor)\("
    )
    found = {
        str(file.relative_to(ROOT)): others.findall(file.read_text("utf-8"))
        for folder in ("src", "streamlit_app", "dags", "benchmarks")
        for file in (ROOT / folder).rglob("*.py")
        if others.search(file.read_text("utf-8"))
    }
    assert set(found) == {
        "src/taxi_fare/core/spreadsheets.py",
        "streamlit_app/fare_app/page.py",
    }
