"""Spark reads months of other programs as Arrow does, and as they are."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from odd_months import folded
from pyspark.sql import SparkSession

from taxi_fare.core.arrow import TRIP_SCHEMA
from taxi_fare.core.columns import MONTH
from taxi_fare.core.months import Month
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.read import read_trips

pytestmark = pytest.mark.spark

FIRST = Month("2011-01")
# No character of a path makes it a pattern, an address or an option.
LAKE = "of [ab] {x,y} * ? 50%20 #1 back\\slash, été 漢, 10:30"


def _lines(trips: pa.Table) -> list[str]:
    """Every trip to the last digit, in an order of its own."""
    plain = trips.select(TRIP_SCHEMA.names).cast(TRIP_SCHEMA)
    return sorted(map(repr, plain.to_pylist()))


def test_months_of_other_programs(spark: SparkSession, tmp_path: Path) -> None:
    """All of them in one action, below a folder with any name."""
    lake, every = tmp_path / LAKE, folded()
    months = {
        str(FIRST.plus(at)): odd for at, odd in enumerate(every.values())
    }
    for month, odd in months.items():
        odd.write(lake / month.replace("-", "/"))
    catalog = read_catalog(lake)
    assert catalog.unreadable == {}
    assert list(map(str, catalog.months)) == list(months)
    trips = read_trips(spark, list(catalog.months.values())).toArrow()
    names = dict(zip(months, every, strict=True))
    of_month = trips.drop_columns([MONTH])
    for month, odd in months.items():
        found = of_month.filter(pc.equal(trips[MONTH], month))
        assert _lines(found) == _lines(odd.trips()), names[month]
