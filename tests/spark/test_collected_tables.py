"""What Spark computes, as one file of the driver."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.documents import Part
from taxi_fare.lake.tables import collect
from taxi_fare.lake.tables.collect import Batches, collected
from taxi_fare.lake.tables.file import METADATA_KEY, read_origin, write_table

pytestmark = pytest.mark.spark


@pytest.fixture(params=["files of workers", "through Spark"], autouse=True)
def _way(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Workers of a cluster neither have our Python nor our disk."""
    if request.param == "through Spark":
        monkeypatch.setattr(collect, "has_own_python", lambda session: False)


DOCUMENT = Part.model_validate({"month": "2023-06"})


def _origin(file: Path) -> dict[str, Any]:
    origin = read_origin(file, Part)
    assert origin is not None
    return origin.to_document()


def _write(rows: DataFrame, file: Path) -> None:
    with collected(rows, beside=file) as batches:
        write_table(batches, file=file, document=DOCUMENT)


def _names(folder: Path) -> Sequence[str]:
    return [each.name for each in folder.iterdir()]


def test_a_table_is_one_file_with_wall_clock_times(
    spark: SparkSession, tmp_path: Path
) -> None:
    """All rows, no time zone, no Spark metadata, nothing left beside it."""
    rows = [(n, datetime(2023, 6, 1, 2, 30)) for n in range(10)]
    frame = spark.createDataFrame(rows, "n bigint, at timestamp")
    file = tmp_path / "new" / "table.parquet"
    _write(frame.repartition(4), file)
    table = pq.read_table(file)
    assert table.schema.field("at").type == pa.timestamp("us")
    assert sorted(table["n"].to_pylist()) == list(range(10))
    assert set(table["at"].to_pylist()) == {datetime(2023, 6, 1, 2, 30)}
    metadata = pq.read_metadata(file).metadata
    assert set(metadata) == {METADATA_KEY, b"ARROW:schema"}
    assert _origin(file) == {"month": "2023-06"}
    assert _names(file.parent) == ["table.parquet"]


def test_rows_keep_their_order(spark: SparkSession, tmp_path: Path) -> None:
    """Partition 10 does not come before partition 2."""
    file = tmp_path / "table.parquet"
    _write(spark.range(0, 1_000, 1, 11), file)
    assert pq.read_table(file)["id"].to_pylist() == list(range(1_000))


def test_a_failed_write_leaves_the_old_table(
    spark: SparkSession, tmp_path: Path
) -> None:
    """And no parts of a new one."""
    file = tmp_path / "table.parquet"
    _write(spark.range(3), file)
    before = file.read_bytes()
    broken = spark.range(3).select(
        F.raise_error(F.lit("in the middle")).alias("n")
    )
    with pytest.raises(Exception, match="in the middle"):
        _write(broken, file)
    assert file.read_bytes() == before
    assert _names(tmp_path) == ["table.parquet"]


def test_a_table_without_rows_keeps_its_columns(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Readers find the schema that they expect."""
    file = tmp_path / "table.parquet"
    _write(spark.range(3).where("id > 5"), file)
    table = pq.read_table(file)
    assert (table.num_rows, table.column_names) == (0, ["id"])
    assert _origin(file) == {"month": "2023-06"}


@pytest.mark.parametrize("first", [0, 7])
def test_batches_are_changed_on_their_way(
    spark: SparkSession, tmp_path: Path, first: int
) -> None:
    """Of every partition; the columns are there without any row, too."""

    # Inside, as workers cannot import a module of the tests.
    def doubled(batches: Batches) -> Iterator[pa.RecordBatch]:
        """Add a column."""
        for batch in batches:
            yield batch.append_column("twice", pc.multiply(batch["id"], 2))

    rows = spark.range(0, 7, 1, 3).where(F.col("id") >= first)
    with collected(rows, beside=tmp_path / "t", change=doubled) as batches:
        table = pa.Table.from_batches(batches)
    assert table.column_names == ["id", "twice"]
    expected = [2 * number for number in range(first, 7)]
    assert table["twice"].to_pylist() == expected
    assert _names(tmp_path) == []
