"""Tell Spark a path as it is: Hadoop takes some characters for a pattern."""

import re
from pathlib import Path

from pyspark.sql import DataFrameReader, SparkSession

_PATTERN = re.compile(r"[\[\]{}*?\\]")


def reader_of_paths(session: SparkSession) -> DataFrameReader:
    """Return a reader that opens the files which are named, and no others."""
    return session.read.option("__globPaths__", "false")


def literal(path: Path | str) -> str:
    """
    Return the pattern that matches a path, and no other one.

    Spark loads a model by patterns, and there is no option against it.
    """
    return _PATTERN.sub(r"\\\g<0>", str(path))
