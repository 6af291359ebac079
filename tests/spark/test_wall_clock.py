"""Times stay as the TLC wrote them, whatever the machine's time zone."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from taxi_fare.lake.raw.schema import LAKE_SCHEMA

pytestmark = pytest.mark.spark

PROGRAM = """
import sys
from pathlib import Path
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.features.derive import derive_features
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.read import read_trips

spark = spark_session(Settings(spark={"driver_memory": "1g"}))
months = list(read_catalog(Path(sys.argv[1])).months.values())
for row in derive_features(read_trips(spark, months)).collect():
    print(row.month, row.pickup_hour, row.pickup_dayofweek, row.pickup_month)
"""
# The first and the last hour of a month, where a shift would show, and an
# hour that New York's clocks pass over (12 March 2023, 2:30).
TIMES = [
    datetime(2023, 3, 1, 0, 30),
    datetime(2023, 3, 12, 2, 30),
    datetime(2023, 3, 31, 23, 30),
]
EXPECTED = ["0.0 2.0 3.0", "2.0 6.0 3.0", "23.0 4.0 3.0"]


def _write(folder: Path, times: pa.Array, **options: object) -> None:
    columns = {
        name: pa.nulls(3, LAKE_SCHEMA.field(name).type)
        for name in LAKE_SCHEMA.names
    }
    columns |= {"tpep_pickup_datetime": times, "tpep_dropoff_datetime": times}
    folder.mkdir(parents=True)
    pq.write_table(pa.table(columns), folder / "trips.parquet", **options)


def test_hours_and_days_are_those_of_the_file(tmp_path: Path) -> None:
    """As ingest writes them, as Spark does, and as Spark did (INT96)."""
    utc = pa.timestamp("us", "UTC")
    _write(tmp_path / "2023" / "01", pa.array(TIMES, pa.timestamp("us")))
    _write(tmp_path / "2023" / "02", pa.array(TIMES, utc))
    _write(
        tmp_path / "2023" / "03",
        pa.array(TIMES, pa.timestamp("ns")),
        use_deprecated_int96_timestamps=True,
    )
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM, tmp_path],
        env=os.environ | {"TZ": "America/New_York"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    found = answer.stdout.splitlines()
    for month in ("2023-01", "2023-02", "2023-03"):
        assert [line for line in found if line.startswith(month)] == [
            f"{month} {moment}" for moment in EXPECTED
        ]
