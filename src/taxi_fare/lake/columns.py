"""Find the declared columns in a file of any writer, and judge their types."""

from collections import defaultdict
from collections.abc import Callable, Iterable

import pyarrow as pa

from taxi_fare.core.columns import TRIP_COLUMNS, Kind
from taxi_fare.core.errors import DataRefusedError

# Both the raw months that are ingested and the months of other programs are
# read of these, and of no others.
_NUMERIC = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
_ACCEPTED: dict[Kind, tuple[Callable[[pa.DataType], bool], ...]] = {
    "timestamp": (pa.types.is_timestamp,),
    "integer": _NUMERIC,
    "number": _NUMERIC,
    "text": (
        pa.types.is_string,
        pa.types.is_large_string,
        pa.types.is_string_view,
        pa.types.is_binary,
        pa.types.is_large_binary,
        pa.types.is_binary_view,
    ),
}


def find_columns(names: Iterable[str], *, where: str) -> dict[str, str]:
    """
    Find the declared columns, in any mix of upper and lower case.

    Returns
    -------
    dict of str to str
        How each that is there is written, by its declared name.

    Raises
    ------
    DataRefusedError
        If one is there twice.
    """
    spellings: dict[str, list[str]] = defaultdict(list)
    for name in names:
        spellings[name.lower()].append(name)
    written: dict[str, str] = {}
    for column in TRIP_COLUMNS:
        found = spellings[column.name.lower()]
        if len(found) > 1:
            raise DataRefusedError(
                f"{where} has the column {column.name} more than once:"
                f" {', '.join(found)}.",
                expected="each column once, in any mix of upper and lower"
                " case",
                remedy="remove or rename all but one of them.",
            )
        if found:
            written[column.name] = found[0]
    return written


def values_of(kind: pa.DataType) -> pa.DataType:
    """Return the type of what a column holds, dictionary or not."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def is_accepted(kind: pa.DataType, *, as_kind: Kind) -> bool:
    """Tell whether values of a type can be read as a declared kind."""
    values = values_of(kind)
    accepted = (pa.types.is_null, *_ACCEPTED[as_kind])
    return any(accepts(values) for accepts in accepted)


def type_refused(
    where: str, *, name: str, found: str, kind: Kind
) -> Exception:
    """Say that a column is of a type that cannot be read."""
    return DataRefusedError(
        f"{where}: the column {name} is of type {found}.",
        expected=f"a {kind} type",
        remedy="convert the column and write the file again.",
    )
