"""A session is left as it was, whatever happened in between."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pyspark.errors import PySparkException
from pyspark.ml.linalg import Vectors
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.scoped import cached, configured, job_group
from taxi_fare.lake.tables import collect
from taxi_fare.lake.tables.collect import collected
from taxi_fare.training.algorithms import Fitting
from taxi_fare.training.gbt import fit_gbt

pytestmark = pytest.mark.spark

PROPERTIES = (
    "spark.jobGroup.id",
    "spark.job.description",
    "spark.job.interruptOnCancel",
)
CODEC = "spark.sql.execution.arrow.compression.codec"


def _state(spark: SparkSession) -> dict[str, Any]:
    """Return what a stage may have changed and not changed back."""
    context: Any = spark.sparkContext
    plans = spark._jsparkSession.sharedState().cacheManager()  # type: ignore[attr-defined]
    return {
        "rdds": set(context._jsc.getPersistentRDDs().keySet()),
        "plans": plans.numCachedEntries(),
        "conf": spark.conf.get(CODEC),
    } | {name: context.getLocalProperty(name) for name in PROPERTIES}


@pytest.fixture(autouse=True, params=[None, "the caller's"])
def unchanged(
    request: pytest.FixtureRequest, spark: SparkSession
) -> Iterator[None]:
    """Compare the session before and after; the caller may have a group."""
    context: Any = spark.sparkContext
    if request.param:
        context.setJobGroup(request.param, "and its words")
    before = _state(spark)
    yield
    after = _state(spark)
    for name in PROPERTIES:
        context.setLocalProperty(name, None)
    assert after == before


def _failing(spark: SparkSession) -> DataFrame:
    """Rows of which one cannot be computed."""
    rows = spark.createDataFrame(
        [(Vectors.dense([float(n)]), float(n)) for n in range(50)],
        ["features", "total_amount"],
    )
    broken = F.when(F.col("total_amount") == 40, F.raise_error(F.lit("bad!")))
    return rows.withColumn(
        "total_amount", F.coalesce(broken, F.col("total_amount"))
    )


def test_every_block_that_fails_is_undone(spark: SparkSession) -> None:
    """Cached rows, a job group, an option: each raises in the middle."""
    rows = spark.range(10)
    blocks = (
        cached(rows),
        job_group(spark.sparkContext, "mine"),
        configured(spark, CODEC, "zstd"),
    )
    for block in blocks:
        before = _state(spark)
        with pytest.raises(ZeroDivisionError), block:
            rows.count()
            assert _state(spark) != before
            raise ZeroDivisionError
        assert _state(spark) == before


def test_a_fit_that_fails_leaves_the_session_as_it_was(
    spark: SparkSession,
) -> None:
    """With and without progress; the error is Spark's own."""
    settings = Settings.model_validate({"gbt": {"max_iter": 2}})
    for report in (None, [].append):
        fitting = Fitting(settings, "features", on_tree=report)
        with pytest.raises(Exception, match="bad!"):
            fit_gbt(_failing(spark), fitting)


def test_a_table_that_fails_leaves_the_session_as_it_was(
    spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The driver's way sets an option for the time of one action."""
    monkeypatch.setattr(collect, "has_own_python", lambda session: False)
    rows = _failing(spark).select("total_amount")
    with (
        pytest.raises(PySparkException, match=re.escape("bad!")),
        collected(rows, beside=tmp_path / "table"),
    ):
        pass
    at = spark.createDataFrame([(datetime(2023, 6, 1),)], "at timestamp")
    with collected(at, beside=tmp_path / "table") as batches:
        assert [batch.num_rows for batch in batches] == [1]
