"""The legacy split of train and test trips."""

import pytest
from pyspark.sql import DataFrame, SparkSession

from taxi_fare.training.split import split_trips

pytestmark = pytest.mark.spark


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
            _trips(spark, partitions),
            columns=["a", "b"],
            train_share=0.8,
            seed=42,
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
            split_trips(
                _trips(spark, 2),
                columns=["a", "b"],
                train_share=0.8,
                seed=seed,
            )[1].collect()
        )
        for seed in (42, 43)
    ]
    assert tests[0] != tests[1]
