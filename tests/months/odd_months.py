"""Months as other programs write them, for tests of all who read them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from taxi_fare.core.arrow import TRIP_SCHEMA
from taxi_fare.core.columns import DROPOFF_AT, PICKUP_AT, TRIP_COLUMNS

ROWS = 6
# In winter and in summer time; an hour that New York's clocks skip would
# have no instant.
_STARTS = [
    datetime(2023, 1 + 5 * (at % 2), 10 + at, 4 * at, 7 * at, 3)
    for at in range(ROWS)
]
_VALUES: dict[str, list[Any]] = {
    "VendorID": [1, 2, 1, 2, 6, None],
    PICKUP_AT: _STARTS,
    DROPOFF_AT: [each + timedelta(minutes=12) for each in _STARTS],
    "passenger_count": [1, 2, None, 0, 5, 3],
    "RatecodeID": [1, 2, 99, None, 1, 5],
    "store_and_fwd_flag": ["N", "Y", None, "N", "N", "Y"],
    "PULocationID": [1, 132, 265, 100, 7, 8],
    "DOLocationID": [2, 1, 264, 138, 9, 10],
    "payment_type": [1, 2, 1, 4, 0, 3],
    "trip_distance": [0.5, 1.25, 17.3, 3.07, 0.0, 2.2],
    "total_amount": [8.3, 12.35, 70.07, 0.01, 5.95, 33.3],
}
TRIPS = pa.Table.from_arrays(
    [
        pa.array(_VALUES.get(field.name, [None] * ROWS), field.type)
        for field in TRIP_SCHEMA
    ],
    schema=TRIP_SCHEMA,
)
COUNTS = [each.name for each in TRIP_COLUMNS if each.kind == "integer"]
NUMBERS = ["trip_distance", "total_amount"]
TIMES = [PICKUP_AT, DROPOFF_AT]
OPTIONAL = [each.name for each in TRIP_COLUMNS if not each.required]


@dataclass(frozen=True)
class Odd:
    """
    A month of another program.

    Parameters
    ----------
    parts : tuple of pyarrow.Table
        Its files.
    expected : dict of str to list
        What a column holds that is not as in ``TRIPS``.
    options : dict
        How PyArrow is to write it.
    """

    parts: tuple[pa.Table, ...]
    expected: dict[str, list[Any]] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)

    def trips(self) -> pa.Table:
        """What has to be read."""
        table = TRIPS
        for name, values in self.expected.items():
            table = put(table, name, pa.array(values, table[name].type))
        return table

    def write(self, folder: Path) -> list[Path]:
        """Write its files."""
        folder.mkdir(parents=True)
        files = []
        for at, part in enumerate(self.parts):
            files.append(folder / f"part-{at:05}.parquet")
            pq.write_table(part, files[-1], **self.options)
        return files


def put(table: pa.Table, name: str, column: Any) -> pa.Table:
    """The same trips with another column."""
    at = table.column_names.index(name)
    return table.set_column(at, name, column)


def changed(
    names: list[str], change: Callable[[pa.ChunkedArray], Any]
) -> pa.Table:
    """The trips with some columns written in another way."""
    table = TRIPS
    for name in names:
        table = put(table, name, change(table[name]))
    return table


def times(unit: str, zone: str | None) -> pa.Table:
    """The same wall-clock times, as a program with a zone keeps them."""

    def change(column: pa.ChunkedArray) -> pa.ChunkedArray:
        column = column.cast(pa.timestamp(unit))
        return pc.assume_timezone(column, zone) if zone else column

    return changed(TIMES, change)


def _counts(values: pa.Array, expected: list[int | None]) -> Odd:
    """Values of two counts, and what has to be read of them."""
    names = ["passenger_count", "RatecodeID"]
    table = changed(names, lambda _: values)
    return Odd((table,), dict.fromkeys(names, expected))


def _both_times(expected: list[datetime | None]) -> dict[str, list[Any]]:
    return {name: [*expected] for name in TIMES}


def _as(kind: pa.DataType, names: list[str] = COUNTS) -> Odd:
    if not pa.types.is_decimal(kind):
        return Odd((changed(names, lambda each: each.cast(kind)),))

    def change(column: pa.ChunkedArray) -> pa.Array:
        texts = column.cast(pa.string()).to_pylist()
        return pa.array([each and Decimal(each) for each in texts], kind)

    return Odd((changed(names, change),))


def _renamed(names: dict[str, str]) -> pa.Table:
    return TRIPS.rename_columns(
        [names.get(each, each) for each in TRIPS.column_names]
    )


_NEW_YORK = "America/New_York"
_D = Decimal
NAN, INF = float("nan"), float("inf")
ODD: dict[str, Odd] = {
    "its own": Odd((TRIPS,)),
    **{
        f"times in {unit} of {zone}": Odd((times(unit, zone),))
        for unit in ("s", "ms", "us", "ns")
        for zone in (None, "UTC", _NEW_YORK)
    },
    "times of an offset": Odd((times("us", "-05:00"),)),
    "times of several zones": Odd(
        (
            times("us", "UTC").slice(0, 2),
            times("ns", _NEW_YORK).slice(2, 2),
            times("ms", None).slice(4),
        )
    ),
    "times in UTC, no Arrow schema": Odd(
        (times("us", "UTC"),), options={"store_schema": False}
    ),
    "times in INT96": Odd(
        (times("ns", None),), options={"use_deprecated_int96_timestamps": True}
    ),
    "times in INT96 with a zone": Odd(
        (times("ns", _NEW_YORK),),
        options={"use_deprecated_int96_timestamps": True},
    ),
    "notes that differ by case": Odd(
        (
            TRIPS.append_column("note", TRIPS["VendorID"]).append_column(
                "Note", TRIPS["store_and_fwd_flag"]
            ),
        )
    ),
    "columns in capitals": Odd(
        (_renamed({each: each.upper() for each in TRIPS.column_names}),)
    ),
    "parts of other columns": Odd(
        (
            TRIPS.slice(0, 2).drop_columns(OPTIONAL),
            _renamed({"airport_fee": "Airport_fee"}).slice(2),
        )
    ),
    "parts of other widths": Odd(
        (
            _as(pa.int32()).parts[0].slice(0, 2),
            _as(pa.float64()).parts[0].slice(2, 2),
            TRIPS.slice(4),
        )
    ),
    "a part without a rate code and a flag": Odd(
        (
            changed(
                ["RatecodeID", "store_and_fwd_flag"],
                lambda _: pa.nulls(ROWS, pa.null()),
            ).slice(0, 2),
            TRIPS.slice(2),
        ),
        {
            "RatecodeID": [None, None, 99, None, 1, 5],
            "store_and_fwd_flag": [None, None, None, "N", "N", "Y"],
        },
    ),
    "a flag that is null as a number": Odd(
        (
            changed(
                ["store_and_fwd_flag"], lambda _: pa.nulls(ROWS, pa.float64())
            ),
        ),
        {"store_and_fwd_flag": [None] * ROWS},
    ),
    "nothing but nulls": Odd(
        (
            pa.table(
                {name: pa.nulls(ROWS, pa.null()) for name in TRIP_SCHEMA.names}
            ),
        ),
        {name: [None] * ROWS for name in TRIP_SCHEMA.names},
    ),
    "an empty part of other types": Odd(
        (changed(COUNTS, lambda _: pa.array([""] * ROWS)).slice(0, 0), TRIPS)
    ),
    "bytes for text": _as(pa.binary(), ["store_and_fwd_flag"]),
    "large text": _as(pa.large_string(), ["store_and_fwd_flag"]),
    "text as a dictionary": Odd(
        (changed(["store_and_fwd_flag"], pc.dictionary_encode),)
    ),
    "bytes that are no text": Odd(
        (
            changed(
                ["store_and_fwd_flag"],
                lambda _: pa.array([b"N", b"\xff", None, b"N", b"N", b"Y"]),
            ),
        ),
        {"store_and_fwd_flag": ["N", None, None, "N", "N", "Y"]},
    ),
    **{
        f"counts as {kind}": _as(kind)
        for kind in (
            pa.int16(),
            pa.uint16(),
            pa.uint32(),
            pa.uint64(),
            pa.float32(),
            pa.float64(),
            pa.decimal128(9, 0),
            pa.decimal128(20, 2),
            pa.decimal128(38, 10),
        )
    },
    "prices as decimals": _as(pa.decimal128(12, 2), NUMBERS),
    "prices as wide decimals": _as(pa.decimal128(38, 18), NUMBERS),
    "fractions where counts belong": _counts(
        pa.array([1.5, 99.9, 2.0, -0.5, None, -3.0]),
        [None, None, 2, None, None, -3],
    ),
    "numbers that are no counts": _counts(
        pa.array([NAN, INF, -INF, 2.0**63, -(2.0**63), 1e300]),
        [None, None, None, None, -(2**63), None],
    ),
    "fractions as floats": _counts(
        pa.array([1.5, NAN, INF, 3.0, 4.25, None], pa.float32()),
        [None, None, None, 3, None, None],
    ),
    "fractions as decimals": _counts(
        pa.array([_D("1.50"), _D("2.00"), _D("-0.01"), _D("-3.00"), None, 1]),
        [None, 2, None, -3, None, 1],
    ),
    "decimals beyond 64 bits": _counts(
        pa.array(
            [_D(2**63), _D(-(2**63)), _D(10**37), _D(2**63 - 1), None, _D(7)],
            pa.decimal128(38, 0),
        ),
        [None, -(2**63), None, 2**63 - 1, None, 7],
    ),
    "unsigned beyond 64 bits": _counts(
        pa.array([2**64 - 1, 2**63, 2**63 - 1, 0, None, 7], pa.uint64()),
        [None, None, 2**63 - 1, 0, None, 7],
    ),
    "miles that no double holds": Odd(
        (
            changed(
                ["trip_distance"],
                lambda _: pa.array(
                    [2**53 + 1, 2**53, -(2**62), 3, None, 2**63 - 1]
                ),
            ),
        ),
        {"trip_distance": [None, 2.0**53, None, 3.0, None, None]},
    ),
    "times beyond microseconds": Odd(
        (
            changed(
                TIMES,
                lambda _: pa.array(
                    [2**62, -(2**62), 0, 1, None, -1], pa.timestamp("ms")
                ),
            ),
        ),
        _both_times(
            [
                None,
                None,
                datetime(1970, 1, 1),
                datetime(1970, 1, 1, 0, 0, 0, 1000),
                None,
                datetime(1969, 12, 31, 23, 59, 59, 999000),
            ],
        ),
    ),
    "times with a zone, long ago and far away": Odd(
        (
            changed(
                TIMES,
                lambda _: pa.array(
                    [2**62, -(2**62), 0, -(10**14), None, 10**15],
                    pa.timestamp("us", _NEW_YORK),
                ),
            ),
        ),
        _both_times(
            [
                None,
                None,
                datetime(1969, 12, 31, 19),
                datetime(1966, 10, 31, 9, 13, 20),
                None,
                datetime(2001, 9, 8, 21, 46, 40),
            ],
        ),
    ),
    "row groups, gzip": Odd(
        (TRIPS,), options={"row_group_size": 2, "compression": "gzip"}
    ),
    "lz4, pages of the second kind": Odd(
        (TRIPS,), options={"compression": "lz4", "data_page_version": "2.0"}
    ),
}


def folded() -> dict[str, Odd]:
    """The same in fewer months: what changes other columns is put together."""
    bins: list[tuple[list[str], set[str], Odd]] = []
    for name, odd in ODD.items():
        part, written = odd.parts[0], set(TRIPS.column_names)
        columns = {
            each
            for each in part.column_names
            if each not in written or not part[each].equals(TRIPS[each])
        }
        alone = odd.options or len(odd.parts) > 1
        if alone or set(part.column_names) != written:
            bins.append(([name], written, odd))
            continue
        for at, (names, taken, other) in enumerate(bins):
            if not columns & taken:
                both = other.parts[0]
                for each in columns:
                    both = put(both, each, part[each])
                merged = Odd((both,), other.expected | odd.expected)
                bins[at] = [*names, name], taken | columns, merged
                break
        else:
            bins.append(([name], columns, odd))
    return {" + ".join(names): odd for names, _, odd in bins}
