"""Write parquet files, and read them: what fails then is their fault."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.core.errors import TaxiFareError


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
        If it cannot be read, or counts other rows than its row groups.
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
    return footer
