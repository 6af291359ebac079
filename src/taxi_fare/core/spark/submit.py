"""Call Spark's own programs, whose launcher knows its class path."""

import os
import subprocess
from collections.abc import Mapping, Sequence

from taxi_fare.core.spark.environment import spark_home


def spark_submit() -> str:
    """Return the program."""
    program = spark_home()[0] / "bin" / "spark-submit"
    return str(program if os.name != "nt" else program.with_suffix(".cmd"))


def run_to_end(
    command: Sequence[str], *, variables: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """
    Run a command that is asked nothing, and keep what it says.

    Raises
    ------
    subprocess.TimeoutExpired
        If it takes longer.
    """
    return subprocess.run(  # noqa: S603 - no shell, our own words
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
