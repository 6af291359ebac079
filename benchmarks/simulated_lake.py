"""Make a lake of simulated months for a benchmark."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from taxi_fare.core.months import Month
from taxi_fare.core.settings import load_settings
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.workflows.ingest import IngestOptions, ingest


def make_lake(place: Path, trips: Mapping[Month, int]) -> Path:
    """
    Simulate months, and ingest them.

    Parameters
    ----------
    trips : mapping of Month to int
        How many trips a month has, as published.
    """
    raw, lake = place / "raw", place / "lake"
    for month, count in trips.items():
        path = raw / f"yellow_tripdata_{month}.parquet"
        simulate_month(path, month=month, trips=count, seed=42)
    ingest(
        list(trips),
        lake=lake,
        source=str(raw),
        options=IngestOptions(reports_dir=place / "reports", raw_dir=raw),
        settings=load_settings(),
    )
    shutil.rmtree(raw)
    return lake
