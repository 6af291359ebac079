"""Fixtures that every test may use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from taxi_fare.core.settings import Settings, SparkSettings
from taxi_fare.core.spark import spark_session

REAL_MONTHS = Path(__file__).parents[2] / "shared" / "tlc" / "raw"


@pytest.fixture(scope="session")
def spark() -> Iterator[SparkSession]:
    """One local Spark for all tests of the session."""
    session = spark_session(
        Settings(spark=SparkSettings(master="local[2]", driver_memory="2g"))
    )
    yield session
    session.stop()


@pytest.fixture(scope="session")
def real_months() -> Path:
    """Folder of the real 2019 months, where it is there."""
    if not REAL_MONTHS.is_dir():
        pytest.skip(f"real trips are not on this machine: {REAL_MONTHS}")
    return REAL_MONTHS
