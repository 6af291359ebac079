"""What a file's footer says of its values, held against the values."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taxi_fare.lake.parquet import UnreadableFileError


@dataclass(frozen=True)
class Span:
    """
    The values of a column, in short.

    Parameters
    ----------
    least, most : float or None
        Of what is known; times as the file counts them. None if nothing is.
    nulls : int
        How many are missing.
    """

    least: float | None = None
    most: float | None = None
    nulls: int = 0

    def __add__(self, other: "Span") -> "Span":
        """Span both."""
        least = [x for x in (self.least, other.least) if x is not None]
        most = [x for x in (self.most, other.most) if x is not None]
        return Span(
            min(least, default=None),
            max(most, default=None),
            self.nulls + other.nulls,
        )

    def holds(self, found: "Span") -> bool:
        """Tell whether values that were found may be the ones it is of."""
        if self.nulls != found.nulls:
            return False
        if found.least is None or found.most is None:
            return True
        return (
            self.least is not None
            and self.most is not None
            and self.least <= found.least
            and found.most <= self.most
        )


class Spans:
    """
    The values of a file's columns, as its footer says and as they come.

    Most files have no checksums. A damaged page of theirs is unpacked to
    other values, of which those that cannot be are told by the footer.
    """

    def __init__(self, footer: pq.FileMetaData, names: Iterable[str]) -> None:
        kinds = footer.schema.to_arrow_schema()
        self._declared = {
            name: declared
            for name in names
            if _is_ordered(kinds.field(name).type)
            and (declared := _declared(footer, name)) is not None
        }
        self._found = dict.fromkeys(self._declared, Span())

    def add(self, batch: pa.RecordBatch) -> None:
        """See some of the values, as they were read."""
        for name, found in self._found.items():
            self._found[name] = found + _span(batch[name])

    def require_declared(self) -> None:
        """
        Check, when every value was seen, that the footer is of them.

        Raises
        ------
        UnreadableFileError
            If it is not.
        """
        for name, found in self._found.items():
            if not self._declared[name].holds(found):
                raise UnreadableFileError(
                    f"the values of {name} are not those that its footer"
                    " tells of"
                )


def _is_ordered(kind: pa.DataType) -> bool:
    """Tell whether all programs agree on which value is the least."""
    return bool(
        pa.types.is_signed_integer(kind)
        or pa.types.is_float32(kind)
        or pa.types.is_float64(kind)
        or pa.types.is_timestamp(kind)
    )


def _declared(footer: pq.FileMetaData, name: str) -> Span | None:
    """Return what a footer says; None if it does not of all row groups."""
    span = Span()
    for chunk in _chunks(footer, name):
        found = chunk.statistics
        if found is None or not found.has_null_count or _is_old(chunk):
            return None
        if found.has_min_max:
            span += Span(found.min_raw, found.max_raw, found.null_count)
        elif found.null_count == chunk.num_values:
            span += Span(nulls=found.null_count)
        else:
            return None
    return span


def _chunks(
    footer: pq.FileMetaData, name: str
) -> Iterator[pq.ColumnChunkMetaData]:
    for group in map(footer.row_group, range(footer.num_row_groups)):
        for index in range(group.num_columns):
            if group.column(index).path_in_schema == name:
                yield group.column(index)


def _is_old(chunk: pq.ColumnChunkMetaData) -> bool:
    """Tell whether these are times whose order the format leaves open."""
    return bool(chunk.physical_type == "INT96")


def _span(array: pa.Array) -> Span:
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    found = pc.min_max(array)
    least, most = found["min"].as_py(), found["max"].as_py()
    if isinstance(least, float) and math.isnan(least):
        # All that is known: footers do not tell of such.
        least = most = None
    return Span(least, most, array.null_count)
