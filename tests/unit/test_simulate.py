"""Simulated months: the TLC's format, its faults, and the same every time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.arrow import ARROW_TYPES
from taxi_fare.core.columns import TRIP_COLUMNS
from taxi_fare.core.months import Month
from taxi_fare.lake.raw.schema import SIMULATED_KEY
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.lake.simulated.tariffs import rates_at

TRIPS = 20_000
CHARGED = (
    "fare_amount",
    "extra",
    "mta_tax",
    "improvement_surcharge",
    "tolls_amount",
    "tip_amount",
    "congestion_surcharge",
    "airport_fee",
)
# Of these the medians are compared, of those the shares of each value.
MEDIANS = ("trip_distance", "minutes", "total_amount", "fare_amount")
SHARES = ("payment_type", "RatecodeID", "hour")
OTHERS = ("passenger_count", "store_and_fwd_flag", "congestion_surcharge")
TIMES = ("tpep_pickup_datetime", "tpep_dropoff_datetime")
DERIVED = {"minutes", "hour", "airport_fee"}
RAW = "yellow_tripdata_2019-{:02}.parquet"
# Rarer ones differ more between two samples of a month.
RARE = 0.002


def _simulate(
    folder: Path, month: str = "2023-01", *, trips: int = TRIPS, seed: int = 1
) -> Path:
    path = folder / f"{month}-{trips}-{seed}.parquet"
    simulate_month(path, month=Month(month), trips=trips, seed=seed)
    return path


@pytest.fixture(scope="module")
def january(tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    """One simulated month."""
    return pq.read_table(_simulate(tmp_path_factory.mktemp("raw")))


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Another seed and another month give others."""
    first = _simulate(tmp_path).read_bytes()
    assert _simulate(tmp_path).read_bytes() == first
    others = [
        _simulate(tmp_path, seed=2).read_bytes(),
        _simulate(tmp_path, "2023-03").read_bytes(),
    ]
    assert first not in others


def test_a_month_says_that_it_is_simulated(january: pa.Table) -> None:
    """Nobody can take it for a real one."""
    assert january.schema.metadata[SIMULATED_KEY] == b"true"
    assert january.num_rows == TRIPS


def test_odd_months_have_the_types_of_january_2023(
    january: pa.Table,
) -> None:
    """Counts are floats, ids 64 bits wide."""
    schema = january.schema
    assert schema.names[-1] == "airport_fee"
    assert schema.field("VendorID").type == pa.int64()
    assert schema.field("passenger_count").type == pa.float64()
    assert schema.field("store_and_fwd_flag").type == pa.string()


def test_even_months_have_the_types_of_february_2023(tmp_path: Path) -> None:
    """Counts are integers, and one column changes its spelling."""
    schema = pq.read_schema(_simulate(tmp_path, "2023-02", trips=100))
    assert schema.names[-1] == "Airport_fee"
    assert schema.field("VendorID").type == pa.int32()
    assert schema.field("passenger_count").type == pa.int64()
    assert schema.field("store_and_fwd_flag").type == pa.large_string()


def test_one_more_surcharge_since_2025(tmp_path: Path) -> None:
    """A column that the declared schema does not know."""
    for month, expected in (("2024-12", False), ("2025-01", True)):
        schema = pq.read_schema(_simulate(tmp_path, month, trips=10))
        assert ("cbd_congestion_fee" in schema.names) is expected


def test_trips_have_the_faults_of_real_ones(january: pa.Table) -> None:
    """Each fault that cleaning and validation look for occurs."""
    pickup = january["tpep_pickup_datetime"].to_numpy()
    dropoff = january["tpep_dropoff_datetime"].to_numpy()
    hours = (dropoff - pickup) / np.timedelta64(1, "h")
    distance = january["trip_distance"].to_numpy()
    total = january["total_amount"].to_numpy()
    assert (pickup < np.datetime64("2023-01-01")).any()
    assert (hours < 0).any()
    assert (hours >= 24).any()
    assert (distance == 0).mean() > 0.005
    assert (distance < 0).any()
    assert distance.max() > 10_000
    assert 0.004 < (total < 0).mean() < 0.012
    assert total.max() > 1_000
    assert 0 in january["passenger_count"].to_pylist()
    assert 99 in january["RatecodeID"].to_pylist()


def test_what_is_unknown_is_unknown_together(january: pa.Table) -> None:
    """Payment 0 comes without count, rate code, flag and two surcharges."""
    unknown = pc.equal(january["payment_type"], 0)
    assert 0.02 < pc.mean(unknown.cast(pa.float64())).as_py() < 0.04
    for name in (
        "passenger_count",
        "RatecodeID",
        "store_and_fwd_flag",
        "congestion_surcharge",
        "airport_fee",
    ):
        assert pc.is_null(january[name]).equals(unknown)


def test_prices_follow_from_the_trip(january: pa.Table) -> None:
    """A flat rate to JFK, no tip in cash, totals that are the sum."""
    frame = {name: january[name].to_numpy() for name in january.schema.names}
    fare = frame["fare_amount"]
    usual = (frame["total_amount"] > 0) & (frame["total_amount"] < 1_000)
    assert set(fare[(frame["RatecodeID"] == 2) & usual]) == {70.0}
    assert set(frame["tip_amount"][frame["payment_type"] == 2]) == {0.0}
    known = usual & (frame["payment_type"] != 0)
    total = np.sum([frame[name] for name in CHARGED], axis=0)
    np.testing.assert_allclose(total[known], frame["total_amount"][known])
    metered = (frame["RatecodeID"] == 1) & usual
    distance = frame["trip_distance"]
    metered &= (distance > 0) & (distance < 100)
    correlation = np.corrcoef(distance[metered], fare[metered])[0, 1]
    assert correlation > 0.9


@pytest.mark.parametrize("trips", [1, 2, 250_001])
def test_any_number_of_trips(trips: int, tmp_path: Path) -> None:
    """One, and more than fit into a chunk."""
    path = _simulate(tmp_path, trips=trips)
    assert pq.read_metadata(path).num_rows == trips


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2019-02-01", {"congestion": 0.0, "flag_fall": 2.5, "jfk": 52.0}),
        ("2019-02-02", {"congestion": 2.5, "toll": 5.76, "improvement": 0.3}),
        ("2022-12-18T23:59", {"step": 0.5, "airport": 1.25, "night": 0.5}),
        ("2022-12-19", {"step": 0.7, "jfk": 70.0, "la_guardia": 5.0}),
        ("2025-01-05", {"cbd": 0.75, "toll": 6.94}),
        ("1999-01-01", {"flag_fall": 2.5, "improvement": 0.0}),
    ],
)
def test_the_rates_of_a_day_are_those_published(
    at: str, expected: dict[str, float]
) -> None:
    """From midnight on, and what does not change stays."""
    (rates,) = rates_at(np.array([at], "datetime64[us]"))
    assert {name: float(rates[name]) for name in expected} == expected


def test_a_fee_for_the_centre_since_2025(tmp_path: Path) -> None:
    """It is a part of the total, though the lake does not keep it."""
    table = pq.read_table(_simulate(tmp_path, "2025-02"))
    known = pc.and_(
        pc.not_equal(table["payment_type"], 0),
        pc.greater(table["total_amount"], 0),
    )
    table = table.filter(pc.and_(known, pc.less(table["total_amount"], 1_000)))
    fees = table["cbd_congestion_fee"].to_numpy()
    assert {*np.unique(fees)} == {0.0, 0.75}
    assert 0.5 < (fees > 0).mean() < 0.95
    names = [name.replace("air", "Air") for name in CHARGED]
    charged = np.sum([table[name].to_numpy() for name in names], axis=0)
    np.testing.assert_allclose(charged + fees, table["total_amount"])


def _figures(table: pa.Table) -> tuple[dict[str, float], dict[str, float]]:
    """Return medians, and shares by value or of nulls."""
    minutes = pc.divide(
        pc.microseconds_between(
            table["tpep_pickup_datetime"], table["tpep_dropoff_datetime"]
        ),
        pa.scalar(6e7),
    )
    table = table.append_column("minutes", minutes)
    table = table.append_column("hour", pc.hour(table["tpep_pickup_datetime"]))
    medians = {
        name: float(pc.quantile(table[name], 0.5)[0].as_py())
        for name in MEDIANS
    }
    rows, shares = table.num_rows, {}
    for name in SHARES:
        values = pc.cast(table[name], pa.float64())
        for each in values.value_counts().to_pylist():
            shares[f"{name} {each['values']}"] = each["counts"] / rows
    for name in OTHERS:
        shares[f"no {name}"] = table[name].null_count / rows
    return medians, shares


def _all_of_2019(folder: Path) -> dict[int, pa.Table]:
    """Read a year of raw months, whose types change by the month."""
    names = {*SHARES, *MEDIANS, *CHARGED, *TIMES, *OTHERS} - DERIVED
    return {
        number: pa.table(
            {
                column.name: table[column.name].cast(ARROW_TYPES[column.kind])
                for column in TRIP_COLUMNS
                if column.name in names
            }
        )
        for number in range(1, 13)
        for table in [pq.read_table(folder / RAW.format(number))]
    }


def test_a_month_of_2019_could_be_real(
    real_months: Path, tmp_path: Path
) -> None:
    """Medians month by month, shares over the year: within a tenth."""
    for number in range(1, 13):
        month, path = Month(f"2019-{number:02}"), tmp_path / RAW.format(number)
        simulate_month(path, month=month, trips=TRIPS, seed=7)
    real, simulated = _all_of_2019(real_months), _all_of_2019(tmp_path)
    for number, table in real.items():
        expected, found = _figures(table)[0], _figures(simulated[number])[0]
        assert found == pytest.approx(expected, rel=0.1), number
    # The surcharge of February is null in a part of January's trips.
    year = [
        _figures(pa.concat_tables(list(months.values())[1:]))[1]
        for months in (real, simulated)
    ]
    usual = [name for name, share in year[0].items() if share >= RARE]
    assert len(usual) >= 33
    for name in usual:
        assert year[1][name] == pytest.approx(year[0][name], rel=0.1), name
    rare = sum(year[1].values()) - sum(year[1][name] for name in usual)
    assert rare < 0.02


def test_a_month_of_2023_is_plausible(january: pa.Table) -> None:
    """About what the real 2023-01 has: few know a ride for 32 dollars."""
    medians, shares = _figures(january)
    assert 1.4 < medians["trip_distance"] < 2.1
    assert 9 < medians["minutes"] < 14
    assert 17 < medians["total_amount"] < 23
    assert 0.75 < shares["payment_type 1.0"] < 0.82
    assert 0.02 < shares["RatecodeID 2.0"] < 0.05
    # The busiest zones lie in the middle of Manhattan.
    zones = january["PULocationID"].value_counts().to_pylist()
    busiest = sorted(zones, key=lambda each: -each["counts"])[:5]
    assert {each["values"] for each in busiest} <= {
        *(132, 142, 161, 162, 163, 170, 186, 230, 234, 236, 237, 48),
    }
    early = pc.mean(pc.less_equal(january["PULocationID"], 60).cast(pa.int8()))
    assert early.as_py() < 0.15


def test_the_same_way_takes_the_same_miles(january: pa.Table) -> None:
    """Miles follow from where zones lie: JFK is not two miles away."""
    good = january.filter(
        (pc.field("RatecodeID") == 2) & (pc.field("trip_distance") > 0)
    ).filter(pc.field("trip_distance") < 1_000)
    miles = good["trip_distance"].to_numpy()
    assert 14 < np.median(miles) < 21
    assert np.quantile(miles, 0.02) > 9
