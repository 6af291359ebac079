"""Other machines, and other users of this one, reach no local Spark."""

from collections.abc import Callable

import psutil
import pytest
from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark


def test_a_local_spark_listens_to_this_machine_only(
    spark: SparkSession,
    strangers_reach: Callable[[psutil.Process], set[str]],
) -> None:
    """Neither its JVM nor Python, here or for the workers, is open."""
    spark.sparkContext.parallelize(range(4)).map(str).collect()
    assert strangers_reach(psutil.Process()) == set()


def test_a_local_spark_has_a_secret_of_its_own(spark: SparkSession) -> None:
    """Nobody else knows it: Spark made it, and its settings lack it."""
    conf = spark.sparkContext.getConf()
    assert conf.get("spark.authenticate") == "true"
    assert not conf.contains("spark.authenticate.secret")
