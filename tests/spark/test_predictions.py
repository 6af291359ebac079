"""Figures of predictions, metrics of some trips, the split, one file."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.evaluation.metrics import metric_sums, read_metrics
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    prediction_figures,
    read_figures,
)
from taxi_fare.lake.table_file import METADATA_KEY, read_document, write_table
from taxi_fare.training.split import split_trips

pytestmark = pytest.mark.spark

SCHEMA = "prediction double, RatecodeID bigint, trip_distance double"
NAN, INF = float("nan"), float("inf")


def _figures(
    spark: SparkSession, *rows: tuple[float | None, int | None, float]
) -> PredictionFigures:
    aggregates = prediction_figures(limit_dollars=500, minimum_fare_dollars=3)
    frame = spark.createDataFrame(list(rows), SCHEMA)
    [found] = frame.agg(*aggregates).collect()
    return read_figures(found.asDict())


def test_figures_worked_out_by_hand(spark: SparkSession) -> None:
    """Values on a limit are inside it; a short trip has no price a mile."""
    figures = _figures(
        spark,
        (-1.0, 1, 0.5),
        (2.0, 1, 0.5),
        (3.0, None, 0.5),
        (70.0, 2, 17.5),
        (500.0, 1, 50.0),
        (500.5, 1, 50.05),
    )
    assert figures.rows == 6
    assert (figures.negative, figures.below_minimum_fare) == (1, 2)
    assert (figures.above_limit, figures.non_finite) == (1, 0)
    assert (figures.min, figures.max) == (-1.0, 500.5)
    assert figures.mean == pytest.approx(1074.5 / 6)
    assert figures.median == 3.0
    assert figures.jfk_median == 70.0
    assert figures.dollars_per_mile_median == pytest.approx(10.0)


def test_what_is_no_number_is_counted_and_left_out(
    spark: SparkSession,
) -> None:
    """Missing, NaN, both infinities: four, and the mean is of the rest."""
    figures = _figures(
        spark,
        (None, 1, 2.0),
        (NAN, 1, 2.0),
        (INF, 2, 2.0),
        (-INF, 1, 2.0),
        (12.0, 1, 2.0),
    )
    assert (figures.rows, figures.non_finite) == (5, 4)
    assert (figures.negative, figures.above_limit) == (0, 0)
    assert (figures.mean, figures.max) == (12.0, 12.0)
    assert figures.jfk_median is None


def test_no_prediction_has_no_figures(spark: SparkSession) -> None:
    """Counts are 0, and there is no mean."""
    frame = spark.createDataFrame([], SCHEMA)
    aggregates = prediction_figures(limit_dollars=500, minimum_fare_dollars=3)
    [found] = frame.agg(*aggregates).collect()
    figures = read_figures(found.asDict())
    assert (figures.rows, figures.negative) == (0, 0)
    assert (figures.mean, figures.median) == (None, None)


def test_metrics_of_the_trips_that_count(spark: SparkSession) -> None:
    """A total that breaks a rule changes no figure."""
    frame = spark.createDataFrame(
        [(10.0, 12.0), (20.0, 19.0), (-500.0, 1.0), (None, 1.0)],
        "total_amount double, prediction double",
    )
    among = F.coalesce(F.col("total_amount") >= 0, F.lit(False))
    [row] = frame.agg(*metric_sums(["prediction"], among=among)).collect()
    metrics = read_metrics(row.asDict(), "prediction")
    assert metrics.rows == 2
    assert metrics.mae == pytest.approx(1.5)
    assert metrics.rmse == pytest.approx((5 / 2) ** 0.5)
    assert metrics.bias == pytest.approx(-0.5)
    assert metrics.r2 == pytest.approx(1 - 5 / 50)


def _trips(spark: SparkSession, partitions: int) -> DataFrame:
    rows = [(float(n), str(n % 7)) for n in range(2_000)] * 2
    return spark.createDataFrame(rows, "a double, b string").repartition(
        partitions
    )


def test_the_split_is_the_same_on_every_machine(spark: SparkSession) -> None:
    """80 to 20, however the trips lie; equal trips on the same side."""
    sides = []
    for partitions in (1, 5):
        train, test = split_trips(
            _trips(spark, partitions), train_share=0.8, seed=42
        )
        sides.append((sorted(train.collect()), sorted(test.collect())))
    assert sides[0] == sides[1]
    train_rows, test_rows = sides[0]
    assert len(train_rows) + len(test_rows) == 4_000
    assert len(train_rows) / 4_000 == pytest.approx(0.8, abs=0.02)
    assert set(train_rows).isdisjoint(test_rows)


def test_another_seed_parts_differently(spark: SparkSession) -> None:
    """The seed is part of the hash."""
    tests = [
        set(
            split_trips(_trips(spark, 2), train_share=0.8, seed=seed)[
                1
            ].collect()
        )
        for seed in (42, 43)
    ]
    assert tests[0] != tests[1]


def test_a_table_is_one_file_with_wall_clock_times(
    spark: SparkSession, tmp_path: Path
) -> None:
    """All rows, no time zone, no Spark metadata, nothing left beside it."""
    frame = spark.createDataFrame(
        [(n, datetime(2023, 6, 1, 2, 30)) for n in range(10)],
        "n bigint, at timestamp",
    ).repartition(4)
    file = tmp_path / "new" / "table.parquet"
    write_table(frame, file, document={"month": "2023-06"})
    table = pq.read_table(file)
    assert table.schema.field("at").type == pa.timestamp("us")
    assert sorted(table["n"].to_pylist()) == list(range(10))
    assert set(table["at"].to_pylist()) == {datetime(2023, 6, 1, 2, 30)}
    metadata = pq.read_metadata(file).metadata
    assert set(metadata) == {METADATA_KEY, b"ARROW:schema"}
    assert read_document(file) == {"month": "2023-06"}
    assert [each.name for each in file.parent.iterdir()] == ["table.parquet"]


def test_a_failed_write_leaves_the_old_table(
    spark: SparkSession, tmp_path: Path
) -> None:
    """And no parts of a new one."""
    file = tmp_path / "table.parquet"
    write_table(spark.range(3).toDF("n"), file, document={})
    before = file.read_bytes()
    broken = spark.range(3).select(
        F.raise_error(F.lit("in the middle")).alias("n")
    )
    with pytest.raises(Exception, match="in the middle"):
        write_table(broken, file, document={})
    assert file.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["table.parquet"]


def test_a_table_without_rows_keeps_its_columns(
    spark: SparkSession, tmp_path: Path
) -> None:
    """Readers find the schema that they expect."""
    file = tmp_path / "table.parquet"
    empty = spark.range(3).toDF("n").where("n > 5")
    write_table(empty, file, document={"rows": 0})
    table = pq.read_table(file)
    assert (table.num_rows, table.column_names) == (0, ["n"])
    assert read_document(file) == {"rows": 0}
