"""Simulated months: the TLC's format, its faults, and the same every time."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from taxi_fare.core.months import Month
from taxi_fare.lake.raw.schema import SIMULATED_KEY
from taxi_fare.lake.simulated.month import simulate_month

TRIPS = 20_000


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
    parts = (
        "fare_amount",
        "extra",
        "mta_tax",
        "improvement_surcharge",
        "tolls_amount",
        "tip_amount",
        "congestion_surcharge",
        "airport_fee",
    )
    known = usual & (frame["payment_type"] != 0)
    total = np.sum([frame[name] for name in parts], axis=0)
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
