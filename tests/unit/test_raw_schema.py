"""Raw files of every kind end up in the one declared schema."""

import logging
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.columns import REQUIRED_COLUMNS, TRIP_COLUMNS
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.lake.raw.file import BATCH_ROWS, open_raw, read_raw
from taxi_fare.lake.raw.schema import (
    LAKE_SCHEMA,
    SIMULATED_KEY,
    cast_batch,
    match_columns,
)

MONTH = Month("2023-06")
NOON = datetime(2023, 6, 1, 12, 0, 0)
VALUES = {"timestamp": NOON, "integer": 1, "number": 2.5, "text": "N"}


def raw_batch(**changes: pa.Array | None) -> pa.RecordBatch:
    """One trip in the lake's own types, with some columns changed."""
    columns: dict[str, Any] = {
        column.name: pa.array([VALUES[column.kind]], field.type)
        for column, field in zip(TRIP_COLUMNS, LAKE_SCHEMA, strict=True)
    }
    columns |= changes
    return pa.record_batch(
        {name: each for name, each in columns.items() if each is not None}
    )


def cast(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Match and cast, as an ingest does."""
    names = match_columns(batch.schema, month=MONTH)
    return cast_batch(batch, names=names, month=MONTH)


def write(folder: Path, table: pa.Table) -> Path:
    """A raw file with the table."""
    path = folder / "raw.parquet"
    pq.write_table(table, path)
    return path


@pytest.mark.parametrize(
    ("column", "raw", "expected"),
    [
        ("VendorID", pa.array([7], pa.int8()), 7),
        ("VendorID", pa.array([7], pa.uint64()), 7),
        ("VendorID", pa.array([7], pa.int32()).dictionary_encode(), 7),
        ("VendorID", pa.array([Decimal("7.0")]), 7),
        ("passenger_count", pa.array([1.0]), 1),
        ("passenger_count", pa.array([1.0], pa.float32()), 1),
        ("passenger_count", pa.array([float("nan")]), None),
        ("passenger_count", pa.array([None], pa.float64()), None),
        ("RatecodeID", pa.nulls(1), None),
        ("trip_distance", pa.array([3], pa.int32()), 3.0),
        ("trip_distance", pa.array([1.5], pa.float32()), 1.5),
        ("total_amount", pa.array([Decimal("8.30")]), 8.3),
        ("store_and_fwd_flag", pa.array(["Y"], pa.large_string()), "Y"),
        ("store_and_fwd_flag", pa.array(["Y"], pa.string_view()), "Y"),
        ("store_and_fwd_flag", pa.array(["Y"]).dictionary_encode(), "Y"),
        ("store_and_fwd_flag", pa.array([b"Y"]), "Y"),
        ("store_and_fwd_flag", pa.array([b"Y"], pa.large_binary()), "Y"),
        ("store_and_fwd_flag", pa.array([b"Y"], pa.binary_view()), "Y"),
        ("store_and_fwd_flag", pa.array([b"Y"]).dictionary_encode(), "Y"),
        ("store_and_fwd_flag", pa.nulls(1), None),
        ("store_and_fwd_flag", pa.nulls(1, pa.int32()), None),
        ("store_and_fwd_flag", pa.nulls(1, pa.binary()), None),
        ("store_and_fwd_flag", pa.array([float("nan")]), None),
        ("RatecodeID", pa.nulls(1, pa.string()), None),
        ("airport_fee", pa.nulls(1), None),
    ],
)
def test_other_types_are_cast(
    column: str, raw: pa.Array, expected: object
) -> None:
    """Widths, float counts, decimals, dictionaries and nulls are read."""
    trips = cast(raw_batch(**{column: raw}))
    assert trips.schema.equals(LAKE_SCHEMA)
    assert trips[column].to_pylist() == [expected]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York", "+02:00"])
def test_wall_clock_is_kept(unit: str, zone: str | None) -> None:
    """What a clock in New York showed is what the lake holds."""
    clock = pa.array([NOON], pa.timestamp("us")).cast(pa.timestamp(unit))
    raw = pc.assume_timezone(clock, zone) if zone else clock
    trips = cast(raw_batch(tpep_pickup_datetime=raw))
    assert trips["tpep_pickup_datetime"].to_pylist() == [NOON]


def test_digits_below_a_microsecond_are_dropped() -> None:
    """Nanoseconds are no reason to refuse a month."""
    raw = pa.array([1_500], pa.timestamp("ns"))
    trips = cast(raw_batch(tpep_pickup_datetime=raw))
    assert trips["tpep_pickup_datetime"].cast(pa.int64()).to_pylist() == [1]


@pytest.mark.parametrize(
    ("column", "raw", "value"),
    [
        ("passenger_count", pa.array([1.5]), "1.5"),
        ("passenger_count", pa.array([float("inf")]), "inf"),
        ("passenger_count", pa.array([1e300]), "1000"),
        ("PULocationID", pa.array([2**64 - 1], pa.uint64()), str(2**64 - 1)),
        ("PULocationID", pa.array([Decimal("1.5")]), ""),
        ("tpep_pickup_datetime", pa.array([2**62], pa.timestamp("s")), "4611"),
        # Arrow can hold the year 14,645; no zone is defined there.
        (
            "tpep_pickup_datetime",
            pa.array([4 * 10**17], pa.timestamp("us", "UTC")),
            "beyond the years 1 to 9999",
        ),
        ("store_and_fwd_flag", pa.array([b"\xff"]), "UTF"),
        ("store_and_fwd_flag", pa.array([b"\xff"]).view(pa.string()), "UTF"),
    ],
)
def test_values_that_do_not_fit_are_refused(
    column: str, raw: pa.Array, value: str
) -> None:
    """No value is rounded or wrapped around in silence."""
    with pytest.raises(DataRefusedError) as caught:
        cast(raw_batch(**{column: raw}))
    for part in ("2023-06", column, value):
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("column", "raw"),
    [
        ("total_amount", pa.array(["8.30"])),
        ("VendorID", pa.array([True])),
        ("tpep_pickup_datetime", pa.array(["2023-06-01 12:00:00"])),
        ("store_and_fwd_flag", pa.array([1])),
        ("PULocationID", pa.array([{"zone": 1}])),
    ],
)
def test_columns_of_another_kind_are_refused(
    column: str, raw: pa.Array
) -> None:
    """A column that only looks like the declared one is not guessed at."""
    with pytest.raises(DataRefusedError, match=column):
        cast(raw_batch(**{column: raw}))


@given(st.lists(st.none() | st.integers(-(2**53), 2**53)))
def test_float_counts_are_integers(counts: list[int | None]) -> None:
    """Every whole float gives the integer it stands for."""
    floats = pa.array([None if x is None else float(x) for x in counts])
    batch = raw_batch().slice(0, 0)
    rows = [pa.nulls(len(counts), field.type) for field in batch.schema]
    rows[3] = floats.cast(pa.float64())
    raw = pa.RecordBatch.from_arrays(rows, names=batch.schema.names)
    assert cast(raw)["passenger_count"].to_pylist() == counts


@given(st.randoms(use_true_random=False))
def test_names_match_in_any_case_and_order(random: Any) -> None:
    """Case and order of the raw columns do not matter."""
    batch = raw_batch()
    names = [
        "".join(random.choice([c.lower(), c.upper()]) for c in name)
        for name in batch.schema.names
    ]
    shuffled = pa.record_batch(
        dict(
            random.sample(
                list(zip(names, batch.columns, strict=True)), len(names)
            )
        )
    )
    assert cast(shuffled).equals(batch)


def test_optional_columns_may_be_missing() -> None:
    """A month before the surcharges has nulls in their place."""
    optional = [each.name for each in TRIP_COLUMNS if not each.required]
    trips = cast(raw_batch(**dict.fromkeys(optional)))
    assert trips.schema.equals(LAKE_SCHEMA)
    assert all(trips[name].null_count == 1 for name in optional)


def test_what_follows_a_missing_column_is_looked_at() -> None:
    """An old month may hold a wrong type as well."""
    with pytest.raises(DataRefusedError, match="total_amount is of type"):
        cast(raw_batch(fare_amount=None, total_amount=pa.array(["8.30"])))


def test_a_number_that_is_none_stays_what_it_is() -> None:
    """Only a count that is missing is written so; the rules see the rest."""
    trips = cast(raw_batch(trip_distance=pa.array([float("nan")])))
    assert pc.is_nan(trips["trip_distance"]).to_pylist() == [True]


@pytest.mark.parametrize("column", REQUIRED_COLUMNS)
def test_required_columns_must_be_there(column: str) -> None:
    """The refusal names the month, what is missing, and what is there."""
    with pytest.raises(DataRefusedError) as caught:
        cast(raw_batch(**{column: None}))
    first = str(caught.value).splitlines()[0]
    missing, found = first.split("It has:")
    assert missing == f"2023-06: the raw file lacks {column}. "
    assert "airport_fee" in found


def test_unknown_columns_are_kept_out(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A surcharge of a later year is named in the log, and not kept."""
    fee = pa.array([0.75])
    with caplog.at_level(logging.INFO):
        trips = cast(raw_batch(cbd_congestion_fee=fee))
    assert trips.schema.equals(LAKE_SCHEMA)
    assert "2023-06: columns not kept: cbd_congestion_fee" in caplog.text


def test_columns_that_differ_in_case_only_are_refused() -> None:
    """It is not guessed which of two columns is meant."""
    with pytest.raises(DataRefusedError, match="airport_fee, Airport_fee"):
        cast(raw_batch(Airport_fee=pa.array([1.0])))


def test_the_same_column_twice_is_refused() -> None:
    """Parquet allows it; the lake does not."""
    schema = pa.schema([*raw_batch().schema, pa.field("extra", pa.float64())])
    with pytest.raises(DataRefusedError, match="extra, extra"):
        match_columns(schema, month=MONTH)


def test_unknown_columns_may_differ_in_case_only(tmp_path: Path) -> None:
    """What is not kept cannot be ambiguous."""
    table = pa.Table.from_batches(
        [raw_batch(tip=pa.array([1]), Tip=pa.array([2]))]
    )
    raw = open_raw(write(tmp_path, table), MONTH)
    assert [batch.num_rows for batch in read_raw(raw)] == [1]


def test_old_spark_timestamps_do_not_wrap(tmp_path: Path) -> None:
    """INT96 holds years that nanoseconds cannot."""
    late = pa.array([datetime(2900, 1, 1)], pa.timestamp("us"))
    table = pa.Table.from_batches([raw_batch(tpep_dropoff_datetime=late)])
    path = tmp_path / "raw.parquet"
    pq.write_table(table, path, use_deprecated_int96_timestamps=True)
    (batch,) = read_raw(open_raw(path, MONTH))
    assert batch["tpep_dropoff_datetime"].to_pylist() == late.to_pylist()


def test_a_month_is_read_in_bounded_batches(tmp_path: Path) -> None:
    """Row groups of any size give batches of at most the set size."""
    rows = BATCH_ROWS + 10
    one = pa.Table.from_batches([raw_batch()])
    table = one.take(pa.array([0] * rows))
    raw = open_raw(write(tmp_path, table), MONTH)
    assert raw.rows == rows
    assert [batch.num_rows for batch in read_raw(raw)] == [BATCH_ROWS, 10]


def test_the_simulator_marks_its_files(tmp_path: Path) -> None:
    """Only the mark makes a month a simulated one."""
    table = pa.Table.from_batches([raw_batch()])
    marked = table.replace_schema_metadata({SIMULATED_KEY: b"true"})
    assert not open_raw(write(tmp_path, table), MONTH).simulated
    assert open_raw(write(tmp_path, marked), MONTH).simulated


def test_truncated_file_is_refused(tmp_path: Path) -> None:
    """A file without its footer is named, with the reason."""
    path = write(tmp_path, pa.Table.from_batches([raw_batch()]))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(
        DataRefusedError, match=r"2023-06.*raw\.parquet is not"
    ):
        open_raw(path, MONTH)


def test_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    """Damaged pages are noticed although the footer is whole."""
    path = write(tmp_path, pa.Table.from_batches([raw_batch()]))
    content = path.read_bytes()
    path.write_bytes(content[:4] + b"\xff" * 200 + content[204:])
    raw = open_raw(path, MONTH)
    with pytest.raises(DataRefusedError, match="cannot be read to its end"):
        list(read_raw(raw))


def test_file_without_trips_is_refused(tmp_path: Path) -> None:
    """An empty month is a mistake, not a month."""
    table = pa.Table.from_batches([raw_batch()]).slice(0, 0)
    with pytest.raises(DataRefusedError, match="holds no rows"):
        open_raw(write(tmp_path, table), MONTH)


@pytest.mark.parametrize("number", range(1, 13))
def test_real_months_land_in_one_schema(
    real_months: Path, number: int
) -> None:
    """Both ways in which the TLC writes its files give the same columns."""
    month = Month(f"2019-{number:02d}")
    file = real_months / f"yellow_tripdata_{month}.parquet"
    (batch,) = read_raw(open_raw(file, month))
    assert batch.schema.equals(LAKE_SCHEMA)
    assert batch.num_rows == 10_000
    raw = pq.read_table(file)
    assert pc.sum(batch["total_amount"]) == pc.sum(raw["total_amount"])
    assert (
        batch["passenger_count"].null_count
        == raw["passenger_count"].null_count
    )
