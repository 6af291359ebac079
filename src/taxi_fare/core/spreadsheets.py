"""CSV files whose cells no spreadsheet runs."""

import re
from io import BytesIO
from pathlib import Path

import pyarrow as pa
from pyarrow import csv

from taxi_fare.core.files import replacing

# What a formula begins with, also in full width, after blanks that some
# programs take away. One more apostrophe before it, and it is text; one less,
# and it is what it was.
_BEGINS = r"\s*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
_FORMULA = re.compile(f"'*{_BEGINS}")
_KEPT_FROM_RUNNING = re.compile(f"'+{_BEGINS}")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def safe_cell(text: str) -> str:
    """
    Return a text that a spreadsheet shows and does not run.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell("-3.5"), safe_cell("N")
    ("'=1+1", '-3.5', 'N')
    """
    runs = _FORMULA.match(text) and not _NUMBER.fullmatch(text)
    return f"'{text}" if runs else text


def original_cell(text: str) -> str:
    """
    Return what ``safe_cell`` was given.

    Examples
    --------
    >>> original_cell("'=1+1"), original_cell("'quoted'")
    ('=1+1', "'quoted'")
    """
    return text[1:] if _KEPT_FROM_RUNNING.match(text) else text


def csv_bytes(table: pa.Table) -> bytes:
    """Return a table as CSV, its cells and headings safe to open."""
    stream = BytesIO()
    csv.write_csv(_safe(table), stream)
    return stream.getvalue()


def write_csv(path: Path, table: pa.Table) -> None:
    """Write a table as CSV, atomically."""
    with replacing(path) as temporary:
        temporary.write_bytes(csv_bytes(table))


def _safe(table: pa.Table) -> pa.Table:
    names = [safe_cell(name) for name in table.column_names]
    return pa.table([_column(each) for each in table.columns], names=names)


def _column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        # Meters tell whole seconds: microseconds would be six zeros.
        return column.cast(pa.timestamp("s"), safe=False)
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not pa.types.is_string(column.type):
        return column
    cells = (
        None if text is None else safe_cell(text)
        for text in column.to_pylist()
    )
    return pa.chunked_array([pa.array(cells, pa.string())])
