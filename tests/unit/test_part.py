"""Parts of months of other programs: read right, or refused, by footer."""

import re
import struct
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from odd_months import ODD, ROWS, TRIPS, Odd, put

from taxi_fare.core.columns import LABEL, REQUIRED_COLUMNS
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.lake.arrow_casts import cast_values, read_part
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.parquet import UnreadableFileError
from taxi_fare.lake.raw.file import open_parts, read_raw
from taxi_fare.lake.raw.schema import match_columns
from taxi_fare.run.window import WindowRequest, find_months, find_window

JUNE = Month("2023-06")


def read(month: LakeMonth) -> pa.Table:
    """Read a month of a folder as a program without a JVM does."""
    return pa.Table.from_batches(
        batch
        for part in month.parts
        for batch in read_part(
            Path(part.file.address), schema=part.schema, batch_rows=4
        )
    )


@pytest.mark.parametrize("name", ODD)
def test_arrow_reads_months_of_other_programs(
    name: str, tmp_path: Path
) -> None:
    """Wall-clock times and numbers are what was written, or null."""
    odd = ODD[name]
    odd.write(tmp_path / "2023" / "06")
    catalog = read_catalog(tmp_path)
    assert not catalog.unreadable
    month = catalog.months[JUNE]
    assert read(month).equals(odd.trips())


@pytest.mark.parametrize("name", ODD)
def test_an_ingest_reads_the_same(name: str, tmp_path: Path) -> None:
    """The same files by both ways; what does not fit is refused by one."""
    odd = ODD[name]
    raw = open_parts(odd.write(tmp_path / "raw"), JUNE)
    unfit = any(None in each for each in odd.expected.values())
    try:
        batches = [batch for part in raw for batch in read_raw(part)]
    except DataRefusedError as refused:
        assert unfit, refused
    else:
        assert pa.Table.from_batches(batches).equals(odd.trips())


def refusal(folder: Path, odd: Odd) -> DataRefusedError:
    """Why a month is refused: one answer for all who ask."""
    odd.write(folder / "2023" / "06")
    catalog = read_catalog(folder)
    found = catalog.refused[JUNE]
    assert catalog.months == {}
    assert catalog.unreadable == {JUNE: found.summary}
    with pytest.raises(DataRefusedError) as asked:
        find_months(folder, months=[JUNE])
    assert str(asked.value) == str(found)
    request = WindowRequest(
        folder,
        test_month=JUNE.plus(1),
        train_months=(JUNE.plus(-1), JUNE),
        skip_missing=True,
    )
    with pytest.raises(DataRefusedError, match=re.escape(found.summary)):
        find_window(request, Settings(), needed=())
    return found


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("trip_distance", pa.array(["1.5"] * ROWS)),
        ("passenger_count", pa.array(["1"] * ROWS)),
        ("VendorID", pa.array([True] * ROWS)),
        ("VendorID", pa.array([[1]] * ROWS)),
        ("PULocationID", pa.array([{"zone": 1}] * ROWS)),
        ("PULocationID", pa.array([timedelta(1)] * ROWS)),
        ("store_and_fwd_flag", pa.array([0] * ROWS)),
        ("tpep_pickup_datetime", pa.array([date(2023, 6, 1)] * ROWS)),
        ("tpep_pickup_datetime", pa.array(["2023-06-01 12:00:00"] * ROWS)),
        ("tpep_dropoff_datetime", pa.array([time(12)] * ROWS)),
        ("tpep_dropoff_datetime", pa.array([0] * ROWS, pa.int64())),
        ("passenger_count", pa.array([1.0] * ROWS, pa.float16())),
        ("total_amount", pa.array([Decimal(1)] * ROWS, pa.decimal256(39, 0))),
        (
            "tpep_pickup_datetime",
            pa.array([0] * ROWS, pa.timestamp("us", "Mars/Olympus_Mons")),
        ),
    ],
)
def test_types_that_are_not_read_are_refused(
    column: str, values: pa.Array, tmp_path: Path
) -> None:
    """With the column, the file and what to do: in one part of three too."""
    wrong = put(TRIPS, column, values).slice(2, 2)
    odd = Odd((TRIPS.slice(0, 2), wrong, TRIPS.slice(4)))
    found = refusal(tmp_path, odd)
    assert column in found.summary
    assert str(tmp_path / "2023/06/part-00001.parquet") in found.summary
    assert found.remedy


@pytest.mark.parametrize("names", [("Airport_fee",), ("NOTE", "AIRPORT_FEE")])
def test_a_declared_column_twice_is_refused(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    """In the words of an ingest, and with the file."""
    table = TRIPS
    for name in names:
        table = table.append_column(name, TRIPS["trip_distance"])
    found = refusal(tmp_path, Odd((table, TRIPS)))
    assert found.summary == (
        f"{tmp_path / '2023/06/part-00000.parquet'} has the column"
        f" airport_fee more than once: airport_fee, {names[-1]}."
    )
    with pytest.raises(DataRefusedError) as ingest:
        match_columns(table.schema, month=JUNE)
    assert str(ingest.value).endswith(str(found).split("has the column")[1])


@pytest.mark.parametrize("column", REQUIRED_COLUMNS)
@pytest.mark.parametrize("lacking", [0, 1])
def test_a_part_that_lacks_a_required_column_is_refused(
    column: str, lacking: int, tmp_path: Path
) -> None:
    """Whichever of the parts it is; a whole column would be null."""
    parts = [TRIPS.slice(0, 2), TRIPS.slice(2)]
    parts[lacking] = parts[lacking].drop_columns([column])
    found = refusal(tmp_path, Odd(tuple(parts)))
    assert f"part-0000{lacking}.parquet lacks {column}" in found.summary


def test_what_all_parts_lack_is_for_the_gate_to_tell(tmp_path: Path) -> None:
    """To predict, a month needs no totals."""
    table = TRIPS.drop_columns([LABEL])
    Odd((table.slice(0, 3), table.slice(3))).write(tmp_path / "2023" / "06")
    month = read_catalog(tmp_path).months[JUNE]
    assert set(month.columns) == set(TRIPS.column_names) - {LABEL}
    assert read(month)[LABEL].null_count == ROWS


def test_codecs_that_spark_lacks_are_told_from_the_footer(
    tmp_path: Path,
) -> None:
    """Before a page is read, with what to do."""
    found = refusal(tmp_path, Odd((TRIPS,), options={"compression": "brotli"}))
    assert "VendorID is packed by BROTLI" in found.summary
    assert "part-00000.parquet" in found.summary
    assert "zstd" in found.remedy


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd", "lz4"])
def test_codecs_that_spark_has_are_read(codec: str, tmp_path: Path) -> None:
    """Whatever a program packs its columns by."""
    odd = Odd((TRIPS,), options={"compression": codec})
    odd.write(tmp_path / "2023" / "06")
    assert read(read_catalog(tmp_path).months[JUNE]).equals(TRIPS)


@pytest.mark.parametrize(
    ("column", "kind", "spark"),
    [
        ("VendorID", pa.int8(), "bigint"),
        ("VendorID", pa.uint32(), "bigint"),
        ("VendorID", pa.uint64(), "decimal(20,0)"),
        ("VendorID", pa.decimal128(38, 2), "decimal(38,2)"),
        ("VendorID", pa.float32(), "float"),
        ("trip_distance", pa.float32(), "float"),
        ("trip_distance", pa.float64(), "double"),
        ("trip_distance", pa.int64(), "bigint"),
        ("tpep_pickup_datetime", pa.timestamp("us"), "bigint"),
        ("tpep_pickup_datetime", pa.timestamp("us", "UTC"), "bigint"),
        ("store_and_fwd_flag", pa.string(), "string"),
        ("store_and_fwd_flag", pa.large_binary(), "string"),
        ("store_and_fwd_flag", pa.int64(), "void"),
    ],
)
def test_spark_is_told_the_widest_type(
    column: str, kind: pa.DataType, spark: str, tmp_path: Path
) -> None:
    """As which nothing is lost that a file holds; tests/spark reads them."""
    values = [None] * ROWS
    if spark != "void":
        values = pc.drop_null(TRIPS[column]).to_pylist()[:1] * ROWS
    array = pa.array(values, TRIPS[column].type)
    odd = Odd((put(TRIPS, column, array.cast(kind, safe=False)),))
    odd.write(tmp_path / "2023" / "06")
    (part,) = read_catalog(tmp_path).months[JUNE].parts
    found = {each.name: each.spark for each in part.schema.stored}
    assert found[column] == spark


@pytest.mark.parametrize("store_schema", [True, False])
def test_old_times_are_read_with_or_without_their_zone(
    store_schema: bool, tmp_path: Path
) -> None:
    """INT96 knows no zone; the program that wrote it may have noted one."""
    old = {"use_deprecated_int96_timestamps": True}
    odd = Odd((TRIPS,), options=old | {"store_schema": store_schema})
    odd.write(tmp_path / "2023" / "06")
    month = read_catalog(tmp_path).months[JUNE]
    assert read(month).equals(TRIPS)
    stored = {each.name: each.spark for each in month.parts[0].schema.stored}
    assert stored["tpep_pickup_datetime"] == "timestamp"


def test_a_file_that_hadoop_does_not_open_is_refused(tmp_path: Path) -> None:
    """It is whole, and another name helps."""
    (file,) = Odd((TRIPS,)).write(tmp_path / "2023" / "06")
    file.rename(file.with_name("2023-06-01T00:00.parquet"))
    refused = read_catalog(tmp_path).refused[JUNE]
    assert "00:00.parquet has a colon in its name" in refused.summary


def test_what_no_column_needs_may_be_anything(tmp_path: Path) -> None:
    """Of any type, and of names that differ by case only."""
    table = TRIPS.append_column("Über [x]", pa.array([{"a": [1]}] * ROWS))
    odd = Odd((table.append_column("über [x]", pa.nulls(ROWS)),))
    odd.write(tmp_path / "2023" / "06")
    assert read(read_catalog(tmp_path).months[JUNE]).equals(TRIPS)


@given(
    st.lists(
        st.floats()
        | st.floats(width=32)
        | st.integers(-(2**70), 2**70).map(float)
    )
)
def test_counts_are_whole_or_null(values: list[float]) -> None:
    """No float is cut to another number."""
    found = cast_values(pa.array(values, pa.float64()), "integer")
    for value, count in zip(values, found.to_pylist(), strict=True):
        fits = value.is_integer() and -(2**63) <= value < 2**63
        assert count == (int(value) if fits else None)


@given(
    st.lists(
        st.decimals(
            -(10**25), 10**25, places=4, allow_nan=False, allow_infinity=False
        )
    )
)
def test_decimals_are_the_nearest_doubles(values: list[Decimal]) -> None:
    """To the last bit, as Spark casts them; a whole one is a count."""
    array = pa.array(values, pa.decimal128(38, 4))
    assert cast_values(array, "number").to_pylist() == list(map(float, values))
    for value, count in zip(
        values, cast_values(array, "integer").to_pylist(), strict=True
    ):
        fits = value == int(value) and -(2**63) <= value < 2**63
        assert count == (int(value) if fits else None)


def test_times_with_a_zone_are_of_the_years_that_zones_know() -> None:
    """A day less at each end; one microsecond more is null."""
    first, last = datetime(1, 1, 2), datetime(9999, 12, 31)
    microsecond = timedelta(microseconds=1)
    times = [first - microsecond, first, last, last + microsecond]
    found = cast_values(
        pa.array(times, pa.timestamp("us", "UTC")), "timestamp"
    )
    assert found.to_pylist() == [None, first, last, None]


def test_numbers_that_a_double_holds_are_kept() -> None:
    """Up to 2^53, both included; the next ones would be others."""
    most = 2**53
    values = [-most - 1, -most, most, most + 1]
    found = cast_values(pa.array(values, pa.int64()), "number")
    assert found.to_pylist() == [None, float(-most), float(most), None]


def test_a_page_with_a_wrong_checksum_is_not_read(tmp_path: Path) -> None:
    """Where a value would be another one, and nothing else tell."""
    file = tmp_path / "2023" / "06" / "part-00000.parquet"
    options = {
        "compression": "none",
        "use_dictionary": False,
        "write_page_checksum": True,
    }
    Odd((TRIPS,), options=options).write(file.parent)
    (part,) = read_catalog(tmp_path).months[JUNE].parts
    content = file.read_bytes()
    price = struct.pack("<d", 12.35)
    assert content.count(price) == 1
    file.write_bytes(content.replace(price, struct.pack("<d", 13.35)))
    with pytest.raises(UnreadableFileError):
        list(read_part(file, schema=part.schema, batch_rows=ROWS))
