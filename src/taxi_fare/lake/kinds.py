"""Which columns published files have, and of which kind each is."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.parquet as pq

from taxi_fare.lake.columns import values_of
from taxi_fare.lake.part import stored_schema

Kinds = dict[str, tuple[str, ...]]

# Of a column that has no type, as pandas writes one without a value.
NO_KIND = "null"
_KINDS = {
    "timestamp": pa.types.is_timestamp,
    "integer": pa.types.is_integer,
    "number": lambda kind: (
        pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    ),
    "text": lambda kind: (
        pa.types.is_string(kind) or pa.types.is_large_string(kind)
    ),
    NO_KIND: pa.types.is_null,
}


def column_kinds(footer: pq.FileMetaData) -> Kinds:
    """
    Tell the kinds of all columns of a file, also of those nobody needs.

    Returns
    -------
    dict of str to tuple of str
        By the name in lower case: the TLC has written one name in two ways.
    """
    schema = stored_schema(footer)
    return kinds_together(
        {field.name.lower(): (_kind(values_of(field.type)),)}
        for field in schema
    )


def kinds_together(files: Iterable[Mapping[str, Iterable[str]]]) -> Kinds:
    """Tell the kinds of the columns that some files have together."""
    found: dict[str, set[str]] = {}
    for each in files:
        for name, kinds in each.items():
            found.setdefault(name, set()).update(kinds)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _kind(found: pa.DataType) -> str:
    for name, is_it in _KINDS.items():
        if is_it(found):
            return name
    return str(found)
