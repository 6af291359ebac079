"""Check what an algorithm needs, before anything is read."""

import sys
from importlib.util import find_spec

from pyspark.sql import SparkSession

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.spark.master import is_local
from taxi_fare.training.algorithms import Algorithm

# Spark's words for workers without Python, or with another one.
_NO_PYTHON = ("Cannot run program", "PYTHON_VERSION_MISMATCH")
_OTHERWISE = "or train a recipe of gbt."


def require_algorithm(
    algorithm: Algorithm, *, spark: SparkSession, partitions: int
) -> None:
    """
    Check that an algorithm can be trained here.

    Raises
    ------
    EnvironmentLackError
        If this machine or a worker lacks what it needs.
    """
    missing = algorithm.missing_packages()
    if missing:
        raise EnvironmentLackError(
            f"Not installed: {', '.join(missing)}.",
            expected=f"what the algorithm {algorithm.name} needs",
            remedy=f"{algorithm.remedy}, {_OTHERWISE}",
        )
    if algorithm.all_at_once:
        _require_slots(algorithm, spark=spark, partitions=partitions)
    if algorithm.worker_packages:
        _require_workers(algorithm, spark)


def _require_slots(
    algorithm: Algorithm, *, spark: SparkSession, partitions: int
) -> None:
    """Refuse what would wait for ever."""
    context = spark.sparkContext
    slots = context.defaultParallelism
    if slots < partitions:
        raise EnvironmentLackError(
            f"Spark runs {slots} task(s) at once on {context.master}.",
            expected=f"{partitions} for the algorithm {algorithm.name}, as its"
            " workers (training.partitions) wait for each other",
            remedy=f"set SPARK_MASTER=local[{partitions}], or"
            f" TAXI_FARE_TRAINING__PARTITIONS={slots}.",
        )


def _require_workers(algorithm: Algorithm, spark: SparkSession) -> None:
    context = spark.sparkContext
    if is_local(str(context.master)):
        return
    lacking = _missing_on_workers(
        spark,
        packages=algorithm.worker_packages,
        tasks=context.defaultParallelism * 4,
    )
    if lacking:
        raise EnvironmentLackError(
            f"Workers of {context.master} lack {', '.join(lacking)}.",
            expected=f"what the algorithm {algorithm.name} needs, on every"
            " worker",
            remedy=f"install it there, {_OTHERWISE}",
        )


def _missing_on_workers(
    spark: SparkSession, *, packages: tuple[str, ...], tasks: int
) -> list[str]:
    """Ask executors, which may have other packages than this process."""
    context = spark.sparkContext
    asked = context.parallelize(range(tasks), tasks).flatMap(
        lambda _: [name for name in packages if not find_spec(name)]
    )
    try:
        return sorted(set(asked.collect()))
    except Exception as error:
        if not any(name in str(error) for name in _NO_PYTHON):
            raise
        python = ".".join(map(str, sys.version_info[:2]))
        return [f"Python {python} (as {context.pythonExec})"]
