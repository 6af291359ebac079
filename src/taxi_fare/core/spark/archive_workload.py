"""
A small run that loads the classes which real runs load.

``python -m taxi_fare.core.spark.archive_workload FOLDER`` is what a JVM is
watched at while an archive is made. It uses every kind of thing that the
stages ask Spark for, on a handful of rows: what is missing here is loaded from
the jars, as it always was.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from pyspark.ml import PipelineModel
from pyspark.ml.feature import OneHotEncoder, StringIndexer, VectorAssembler
from pyspark.ml.regression import GBTRegressor
from pyspark.sql import DataFrame, Observation, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.jvm import end_jvm
from taxi_fare.core.spark.session import spark_session

_ROWS = 200


def main(folder: Path) -> None:
    """Write, read, check, encode, fit, predict, judge; save and load."""
    settings = Settings(spark={"driver_memory": "1g"})
    spark = spark_session(settings)
    try:
        path = str(folder / "trips.parquet")
        _simulated(spark).write.parquet(path)
        trips = _checked(spark.read.parquet(path))
        model = _fitted(trips)
        model.write().overwrite().save(str(folder / "model"))
        loaded = PipelineModel.load(str(folder / "model"))
        _judge(loaded.transform(trips))
    finally:
        spark.stop()
        end_jvm()


def _simulated(spark: SparkSession) -> DataFrame:
    """Return trips between zones, one of them cast from text."""
    return spark.range(_ROWS).select(
        "id",
        (F.col("id") % 17).cast("double").alias("miles"),
        (F.col("id") % 5).cast("string").alias("zone"),
        F.lit("9.5").try_cast("double").alias("paid"),
        F.timestamp_seconds("id").alias("pickup"),
        F.lit(None).cast("string").alias("flag"),
    )


def _checked(trips: DataFrame) -> DataFrame:
    """Count, look into the times and keep what is valid."""
    derived = trips.select(
        *("id", "miles", "zone", "flag"),
        (F.col("miles") * 2.5 + F.col("id") % 3).alias("paid"),
        F.hour("pickup").alias("hour"),
        F.weekday("pickup").alias("day"),
        F.date_format("pickup", "yyyy-MM").alias("month"),
        (F.unix_micros("pickup") / 60e6).alias("minutes"),
        F.coalesce("flag", F.lit("unknown")).alias("known"),
    )
    valid = derived.filter(~F.isnan("paid") & (F.col("paid") >= 0))
    both = valid.unionByName(derived.filter(F.col("paid") < 0))
    counted = both.groupBy("month").agg(
        F.count_if(F.col("paid") > 1),
        *(F.stddev("paid"), F.var_pop("paid"), F.min("paid"), F.max("paid")),
        F.percentile("paid", 0.5),
    )
    observed = Observation()
    counted.observe(observed, F.count(F.lit(1)).alias("rows")).collect()
    levels = valid.select(F.explode(F.array("zone", "known")).alias("level"))
    levels.groupBy("level").agg(F.count("*"), F.avg(F.lit(1.0))).collect()
    return both


def _fitted(trips: DataFrame) -> PipelineModel:
    rows = trips.withColumn("key", F.xxhash64("id", "zone"))
    rows = rows.repartition(2, "key").sortWithinPartitions("key")
    indexer = StringIndexer(
        inputCols=["zone", "known"],
        outputCols=["zone_index", "known_index"],
        handleInvalid="keep",
        stringOrderType="alphabetAsc",
    ).fit(rows)
    indexed = indexer.transform(rows)
    encoder = OneHotEncoder(
        inputCols=["zone_index", "known_index"],
        outputCols=["zone_onehot", "known_onehot"],
    ).fit(indexed)
    columns = ["miles", "minutes", "zone_onehot", "known_onehot"]
    assembler = VectorAssembler(inputCols=columns, outputCol="features")
    encoder_stages = PipelineModel([indexer, encoder, assembler])
    encoded = encoder_stages.transform(rows).cache()
    trees = GBTRegressor(labelCol="paid", maxIter=2, maxDepth=2, seed=42).fit(
        encoded
    )
    encoded.unpersist()
    return PipelineModel([*encoder_stages.stages, trees])


def _judge(predicted: DataFrame) -> None:
    """Look at errors as an analysis does, and at rows as an export does."""
    error = F.col("paid") - F.col("prediction")
    rows = predicted.select("id", "zone", "paid", error.alias("error"))
    size = F.abs("error")
    trip = F.struct("id", "zone", "error")
    rows.rollup("zone").agg(
        F.sqrt(F.avg(F.pow("error", F.lit(2)))),
        F.percentile_approx(size, [0.5, 0.9], 10_000),
        F.max_by(trip, F.struct(size, "id")),
    ).collect()
    named = rows.join(F.broadcast(rows.select("zone").distinct()), "zone")
    named.orderBy("id").limit(5).toArrow()
    rows.mapInArrow(_same, rows.schema).collect()


def _same(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches


if __name__ == "__main__":
    main(Path(sys.argv[1]))
