"""Tell which tree is growing, from Spark's status tracker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from pyspark import SparkContext

_POLL_SECONDS = 0.5
# Finding the bins takes three jobs before the first tree.
_JOBS_BEFORE_TREES = 3


@contextmanager
def tree_progress(
    context: SparkContext,
    *,
    trees: int,
    depth: int,
    report: Callable[[int], None] | None,
) -> Iterator[None]:
    """
    Report the number of the growing tree while the block runs.

    MLlib runs one job for each level of a tree, so the number is an estimate
    where a tree ends early or a level does not fit into memory at once.

    Parameters
    ----------
    report : callable or None
        Called with 1 to ``trees``, from another thread; None for no report.
    """
    if report is None:
        yield
        return
    # A group of its own: an earlier fit of this session had jobs as well.
    group = f"taxi_fare.fit.{uuid4()}"
    done = threading.Event()
    tracker = context.statusTracker()

    def poll() -> None:
        """Count the jobs until the fit is done."""
        while not done.wait(_POLL_SECONDS):
            jobs = len(tracker.getJobIdsForGroup(group)) - _JOBS_BEFORE_TREES
            report(min(max(jobs - 1, 0) // depth + 1, trees))

    context.setJobGroup(group, "fit")
    thread = threading.Thread(target=poll, name="tree-progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    # None removes the property, which the type hints do not know.
    nothing: Any = None
    context.setLocalProperty("spark.jobGroup.id", nothing)
    report(trees)
