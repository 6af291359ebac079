"""Write parquet files, and read them: what fails then is their fault."""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.errors import TaxiFareError

# The codec that Arrow knows of, but has never had.
_NEVER_UNPACKED = "LZO"


class UnreadableFileError(Exception):
    """A parquet file cannot be read; the words say why, in one sentence."""


@contextmanager
def reading_parquet() -> Iterator[None]:
    """
    Give whatever PyArrow raises one name.

    A flipped bit may end in nearly any exception: a length that cannot be
    allocated, a name that is no text, a missing key.

    Raises
    ------
    UnreadableFileError
        If the file cannot be read.
    FileNotFoundError
        If it is not there.
    """
    try:
        yield
    except (TaxiFareError, FileNotFoundError, UnreadableFileError):
        raise
    except Exception as error:
        words = str(error).split(". ")[0] or type(error).__name__
        raise UnreadableFileError(words) from error


def write_parquet(
    file: Path | pa.NativeFile | str, schema: pa.Schema
) -> pq.ParquetWriter:
    """Begin a file whose damaged pages are noticed by whoever reads them."""
    return pq.ParquetWriter(
        file, schema, compression="zstd", write_page_checksum=True
    )


def read_footer(source: Path | pa.NativeFile) -> pq.FileMetaData:
    """
    Read a footer, and check that it does not contradict itself.

    Raises
    ------
    UnreadableFileError
        If it cannot be read, counts other rows than its row groups, or says
        of a column what cannot be.
    """
    with reading_parquet():
        footer = pq.read_metadata(source)
        # Names that are no text are found here.
        footer.schema.to_arrow_schema()
        groups = map(footer.row_group, range(footer.num_row_groups))
        rows = [group.num_rows for group in groups]
        if sum(rows) != footer.num_rows or min(rows, default=0) < 0:
            raise UnreadableFileError(
                f"its footer counts {footer.num_rows} rows, and its row"
                f" groups {sum(rows)}"
            )
        _open_columns(footer)
    return footer


class _OpenedError(Exception):
    """The pages of a column were asked for: its part of the footer is read."""


class _NoPages(io.RawIOBase):
    """A file of any length, of which nothing but the footer is there."""

    def readable(self) -> bool:
        """Let Arrow open it."""
        return True

    def seekable(self) -> bool:
        """Let Arrow look for pages."""
        return True

    def tell(self) -> int:
        """Return how long it is said to be: Arrow asks at the end alone."""
        return 1 << 62

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go where Arrow looks for a page."""
        return offset

    def read(self, size: int = -1) -> bytes:
        """Have no page."""
        raise _OpenedError


def _open_columns(footer: pq.FileMetaData) -> None:
    """
    Let Arrow open every column of a file, as if to read it.

    What it finds wrong then, it raises. The figures of a row group's columns
    in a footer of PyArrow end the whole process instead (an exception of C++
    that nobody catches): nobody asks for them before this was done.
    """
    with pq.ParquetFile(
        _NoPages(), metadata=footer, buffer_size=1, pre_buffer=False
    ) as parquet:
        for group in range(footer.num_row_groups):
            _open_group(parquet, group, None)
            _require_types(footer, group)


def _require_types(footer: pq.FileMetaData, group: int) -> None:
    """Check what Arrow does not, unless it is asked for statistics."""
    columns = footer.row_group(group)
    for index in range(footer.num_columns):
        declared = footer.schema.column(index)
        found = columns.column(index).physical_type
        if found != declared.physical_type:
            raise UnreadableFileError(
                f"its footer says that {declared.path} is of type"
                f" {declared.physical_type}, and {found}"
            )


def _open_group(
    parquet: pq.ParquetFile, group: int, columns: Sequence[str] | None
) -> None:
    batches = parquet.iter_batches(
        1, row_groups=[group], columns=columns, use_threads=False
    )
    try:
        next(batches, None)
    except _OpenedError:
        return
    except (pa.ArrowNotImplementedError, OSError) as error:
        if isinstance(error, OSError) and _NEVER_UNPACKED not in str(error):
            raise
        # Packed as Arrow here cannot unpack it, which is no damage.
        if columns is None:
            for name in parquet.schema_arrow.names:
                _open_group(parquet, group, [name])
