"""Fitting: layout, progress, importance, reproducibility."""

import time

import pytest
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.core.settings import Settings
from taxi_fare.training.algorithms import Fitting
from taxi_fare.training.arrange import arrange
from taxi_fare.training.gbt import fit_gbt, gbt_regressor
from taxi_fare.training.progress import tree_progress

pytestmark = pytest.mark.spark

SMALL = Settings.model_validate(
    {"gbt": {"max_iter": 3, "max_depth": 2, "min_instances_per_node": 2}}
)


def _rows(spark: SparkSession, *, read_partitions: int) -> DataFrame:
    rows = [
        (float(n % 17), float(n % 5), n % 17 + n / 1000) for n in range(300)
    ]
    return spark.createDataFrame(
        rows, "a double, b double, total_amount double"
    ).repartition(read_partitions)


def _encoded(rows: DataFrame) -> DataFrame:
    pairs = rows.rdd.map(
        lambda row: (Vectors.dense(row["a"], row["b"]), row["total_amount"])
    )
    return pairs.toDF(["features", "total_amount"]).cache()


def test_rows_lie_the_same_however_they_were_read(
    spark: SparkSession,
) -> None:
    """Every partition holds the same rows in the same order."""
    layouts = [
        arrange(_rows(spark, read_partitions=n), partitions=3)
        .rdd.glom()
        .collect()
        for n in (1, 4)
    ]
    assert layouts[0] == layouts[1]
    assert len(layouts[0]) == 3
    assert sum(map(len, layouts[0])) == 300


def test_same_rows_give_the_same_model(spark: SparkSession) -> None:
    """Trees are equal to the last digit, and their progress is told."""
    trees = []
    for read_partitions in (1, 4):
        told: list[int] = []
        rows = arrange(
            _rows(spark, read_partitions=read_partitions), partitions=2
        )
        model, _ = fit_gbt(
            _encoded(rows),
            Fitting(SMALL, "features", on_tree=told.append),
        )
        trees.append(model.toDebugString.split("\n")[1:])
        assert told[-1] == 3
        assert told == sorted(told)
        assert told[0] >= 1
    assert trees[0] == trees[1]


def test_progress_counts_the_jobs_of_its_own_fit(
    spark: SparkSession,
) -> None:
    """Three jobs, then one for each level; the next fit begins at tree 1."""
    context = spark.sparkContext
    for jobs, tree in ((3 + 5, 3), (0, 1)):
        told: list[int] = []
        with tree_progress(context, trees=9, depth=2, report=told.append):
            for _ in range(jobs):
                spark.range(1).collect()
            time.sleep(1.2)
        assert told[-2] == tree
        assert told[-1] == 9
    assert context.getLocalProperty("spark.jobGroup.id") is None


@pytest.mark.usefixtures("spark")
def test_recipe_takes_its_settings() -> None:
    """The description's hyper-parameters reach MLlib."""
    estimator = gbt_regressor(Fitting(Settings(), "features"))
    assert estimator.getMaxDepth() == 6
    assert estimator.getMaxIter() == 50
    assert estimator.getSeed() == 42
    assert estimator.getMinInstancesPerNode() == 20
