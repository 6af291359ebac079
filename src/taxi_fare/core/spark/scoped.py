"""Change a Spark session for a block, and leave it as it was."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pyspark import SparkContext
from pyspark.sql import DataFrame, SparkSession

# What `setJobGroup` sets on the thread.
_GROUP = (
    "spark.jobGroup.id",
    "spark.job.description",
    "spark.job.interruptOnCancel",
)


@contextmanager
def cached(rows: DataFrame) -> Iterator[DataFrame]:
    """Keep rows in the workers' memory for the block."""
    kept = rows.cache()
    try:
        yield kept
    finally:
        _quietly(kept.unpersist)


@contextmanager
def job_group(context: SparkContext, name: str) -> Iterator[None]:
    """Put the block's jobs into a group, then go on in the one before."""
    before: dict[str, Any] = {
        key: context.getLocalProperty(key) for key in _GROUP
    }
    context.setJobGroup(name, name)
    try:
        yield
    finally:
        for key, value in before.items():
            # None removes it, which the type hints do not know.
            _quietly(context.setLocalProperty, key, value)


@contextmanager
def configured(session: SparkSession, name: str, value: str) -> Iterator[None]:
    """Give an option of the session another value for the block."""
    before = session.conf.get(name, None)
    session.conf.set(name, value)
    try:
        yield
    finally:
        if before is None:
            _quietly(session.conf.unset, name)
        else:
            _quietly(session.conf.set, name, before)


def _quietly(undo: Any, *arguments: Any) -> None:
    """Undo something, which must not hide why the block ended."""
    # The JVM may be gone; then there is nothing to undo.
    with suppress(Exception):
        undo(*arguments)
