"""Call Spark's own programs, whose launcher knows its class path."""

import os

from taxi_fare.core.spark.environment import spark_home


def spark_submit() -> str:
    """Return the program."""
    program = spark_home()[0] / "bin" / "spark-submit"
    return str(program if os.name != "nt" else program.with_suffix(".cmd"))
