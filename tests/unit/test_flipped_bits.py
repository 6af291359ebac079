"""Damaged raw months: the same trips, or the fault of the file."""

import math
import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.parquet import UnreadableFileError, read_footer
from taxi_fare.lake.part import part_schema
from taxi_fare.lake.raw.file import open_parts, read_raw
from taxi_fare.lake.raw.spans import Spans

MONTH = Month("2023-02")
ROWS = 120
TRIALS = 60
_LENGTH_AND_MAGIC = 8


def _trips() -> pa.Table:
    times = [MONTH.start + timedelta(hours=i, minutes=i) for i in range(ROWS)]
    return pa.table(
        {
            "VendorID": pa.array([1 + i % 2 for i in range(ROWS)]),
            "tpep_pickup_datetime": pa.array(times, pa.timestamp("us")),
            "tpep_dropoff_datetime": pa.array(times, pa.timestamp("us")),
            "passenger_count": pa.array([i % 5 for i in range(ROWS)]),
            "trip_distance": [0.7 * i for i in range(ROWS)],
            "store_and_fwd_flag": ["N", "Y"] * (ROWS // 2),
            "RatecodeID": [1] * ROWS,
            "payment_type": [1, 2] * (ROWS // 2),
            "PULocationID": [140 + i % 30 for i in range(ROWS)],
            "DOLocationID": [230 + i % 20 for i in range(ROWS)],
            "total_amount": [4 + 3.1 * i for i in range(ROWS)],
        }
    )


def _read(file: Path) -> pa.Table:
    parts = open_parts([file], MONTH)
    batches = [batch for part in parts for batch in read_raw(part)]
    return pa.Table.from_batches(batches)


def _footer_begins(content: bytes) -> int:
    ends = len(content) - _LENGTH_AND_MAGIC
    return ends - int.from_bytes(content[ends : ends + 4], "little")


def _flip(content: bytes, begin: int, end: int, draw: random.Random) -> bytes:
    damaged = bytearray(content)
    for _ in range(draw.choice([1, 1, 1, 4])):
        damaged[draw.randrange(begin, end)] ^= 1 << draw.randrange(8)
    return bytes(damaged)


def _in_footer(content: bytes, draw: random.Random) -> bytes:
    return _flip(content, _footer_begins(content), len(content), draw)


def _in_pages(content: bytes, draw: random.Random) -> bytes:
    return _flip(content, 0, _footer_begins(content), draw)


def _cut(content: bytes, draw: random.Random) -> bytes:
    return content[: draw.randrange(len(content))]


def _damaged(
    damage: Callable[[bytes, random.Random], bytes], **options: object
) -> Iterator[bytes]:
    """Give many damaged copies of a month, the same ones each time."""
    sink = pa.BufferOutputStream()
    pq.write_table(_trips(), sink, **options)
    content = sink.getvalue().to_pybytes()
    for seed in range(TRIALS):
        yield damage(content, random.Random(seed))


@pytest.mark.parametrize("damage", [_in_footer, _in_pages, _cut])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_a_damaged_month_is_the_same_or_refused(
    damage: Callable[[bytes, random.Random], bytes],
    version: str,
    tmp_path: Path,
) -> None:
    """With checksums of its pages; never another exception, or other trips."""
    file = tmp_path / "raw.parquet"
    pq.write_table(_trips(), file)
    whole, refused = _read(file), 0
    for content in _damaged(
        damage, write_page_checksum=True, data_page_version=version
    ):
        file.write_bytes(content)
        try:
            assert _read(file).equals(whole)
        except DataRefusedError:
            refused += 1
    assert refused > TRIALS / 2


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_pages_without_checksums_end_in_no_other_exception(
    compression: str, tmp_path: Path
) -> None:
    """A value may be another then, of those that the footer tells of."""
    file = tmp_path / "raw.parquet"
    whole = _trips()
    for content in _damaged(_in_pages, compression=compression):
        file.write_bytes(content)
        try:
            read = _read(file)
        except DataRefusedError:
            continue
        assert read.num_rows == ROWS
        for name in ("PULocationID", "trip_distance", "tpep_pickup_datetime"):
            assert read[name].null_count == 0
            assert _is_between(read[name], pc.min_max(whole[name]))


def _is_between(values: pa.Array, ends: pa.StructScalar) -> bool:
    at_least = pc.greater_equal(values, ends["min"])
    return bool(
        pc.all(pc.and_(at_least, pc.less_equal(values, ends["max"]))).as_py()
    )


def _other_values(name: str) -> Iterator[pa.Array]:
    """Give values of a column that none of the trips has."""
    values = _trips()[name].combine_chunks()
    for value in (-5, 1 << 52, None):
        other = pa.array([value], pa.int64()).cast(values.type)
        yield pa.concat_arrays([other, values[1:]])


@pytest.mark.parametrize(
    "name", ["PULocationID", "trip_distance", "tpep_pickup_datetime"]
)
def test_values_that_a_footer_does_not_tell_of_are_damage(
    name: str, tmp_path: Path
) -> None:
    """Less, more, or missing: nothing is kept of the file."""
    file = tmp_path / "raw.parquet"
    pq.write_table(_trips(), file, row_group_size=50)
    footer = pq.read_metadata(file)
    for values in _other_values(name):
        spans = Spans(footer, [name])
        for half in (values[: ROWS // 2], values[ROWS // 2 :]):
            spans.add(pa.record_batch({name: half}))
        with pytest.raises(UnreadableFileError, match=name):
            spans.require_declared()


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (pa.array([2.0, math.nan, 1.0, None]), {}),
        (pa.array([math.nan, math.nan]), {}),
        (pa.array([0.0, -0.0]), {}),
        (pa.nulls(3, pa.int64()), {}),
        (pa.array([1, None, 3]), {"write_statistics": False}),
        (pa.array([2**63], pa.uint64()), {}),
        (pa.array(["N", None]), {}),
        (pa.array([MONTH.start, None]), {"version": "1.0"}),
        (
            pa.array([MONTH.start, None]),
            {"use_deprecated_int96_timestamps": True},
        ),
    ],
)
def test_whole_columns_are_as_their_footer_tells(
    values: pa.Array, options: dict[str, object], tmp_path: Path
) -> None:
    """In each group of rows, whatever is known of them."""
    file = tmp_path / "raw.parquet"
    table = pa.table({"x": values})
    pq.write_table(table, file, row_group_size=2, **options)
    with pq.ParquetFile(file) as parquet:
        spans = Spans(parquet.metadata, ["x"])
        for batch in parquet.iter_batches():
            spans.add(batch)
        spans.require_declared()


def test_no_bit_of_a_footer_ends_the_process() -> None:
    """PyArrow ends it where it is asked for some figures of a column that
    contradict themselves: they are found before."""
    sink = pa.BufferOutputStream()
    pq.write_table(_trips(), sink, compression="zstd")
    content = sink.getvalue().to_pybytes()
    begins, found = _footer_begins(content), 0
    for bit in range(0, 8 * (len(content) - begins), 7):
        damaged = bytearray(content)
        damaged[begins + bit // 8] ^= 1 << bit % 8
        try:
            footer = read_footer(pa.BufferReader(bytes(damaged)))
            part_schema(footer, where="a part")
        except (UnreadableFileError, DataRefusedError):
            found += 1
    assert found > 0


def test_a_codec_that_is_not_known_here_is_no_damage() -> None:
    """LZO: nobody's packages have it, but some files do."""
    sink = pa.BufferOutputStream()
    pq.write_table(_trips(), sink, compression="snappy")
    content = bytearray(sink.getvalue().to_pybytes())
    # Field 4 of a column's metadata, an i32, after the columns' names.
    at = content.index(b"\x15\x02\x16", _footer_begins(bytes(content)))
    content[at + 1] = 2 * 3
    footer = read_footer(pa.BufferReader(bytes(content)))
    with pytest.raises(DataRefusedError, match="is packed by LZO"):
        part_schema(footer, where="a part")


def test_a_damaged_footer_of_a_lake_s_month_is_a_reason(
    tmp_path: Path,
) -> None:
    """The other months of the lake are there all the same."""
    file = tmp_path / MONTH.path / "trips.parquet"
    file.parent.mkdir(parents=True)
    other = tmp_path / MONTH.plus(1).path / "trips.parquet"
    other.parent.mkdir()
    pq.write_table(_trips(), other)
    for content in _damaged(_in_footer):
        file.write_bytes(content)
        catalog = read_catalog(tmp_path)
        assert MONTH.plus(1) in catalog.months
        assert (MONTH in catalog.months) != (MONTH in catalog.unreadable)
        if MONTH in catalog.months:
            assert catalog.months[MONTH].rows == ROWS


def test_a_footer_that_claims_other_rows_is_refused(tmp_path: Path) -> None:
    """2 to the 60th, in the varint that Thrift writes."""
    file = tmp_path / "raw.parquet"
    pq.write_table(_trips(), file, store_schema=False)
    content = file.read_bytes()
    begins = _footer_begins(content)
    ours = bytes([0x16, *_zigzag(ROWS)])
    # Field 3 of the file's metadata: an i64, the first of all.
    at = content.rindex(ours + b"\x19", begins)
    claimed = bytes([0x16, *_zigzag(1 << 60)])
    footer = content[begins:-_LENGTH_AND_MAGIC].replace(
        content[at : at + len(ours) + 1], claimed + b"\x19"
    )
    length = len(footer).to_bytes(4, "little")
    file.write_bytes(content[:begins] + footer + length + b"PAR1")
    assert pq.read_metadata(file).num_rows == 1 << 60
    with pytest.raises(UnreadableFileError, match=str(1 << 60)):
        read_footer(file)
    with pytest.raises(DataRefusedError, match="not readable"):
        _read(file)


def _zigzag(number: int) -> Iterator[int]:
    number *= 2
    while number > 0x7F:
        yield number & 0x7F | 0x80
        number >>= 7
    yield number


@pytest.mark.parametrize(
    "error",
    [
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        pa.ArrowMemoryError("malloc of size 1 failed"),
        pa.ArrowNotImplementedError("no such encoding"),
        pa.ArrowKeyError("no such column"),
        OverflowError("too large"),
        MemoryError(),
        IndexError("list index"),
        RuntimeError("unknown"),
    ],
)
def test_whatever_pyarrow_raises_is_the_fault_of_the_file(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the footer, and at any page."""
    file = tmp_path / "raw.parquet"
    pq.write_table(_trips(), file)
    (raw,) = open_parts([file], MONTH)

    def fail(*arguments: object, **options: object) -> None:
        """Raise what PyArrow might."""
        raise error

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", fail)
    with pytest.raises(DataRefusedError, match="cannot be read to its end"):
        list(read_raw(raw))
    monkeypatch.setattr(pq, "read_metadata", fail)
    with pytest.raises(DataRefusedError, match="is not readable"):
        open_parts([file], MONTH)
