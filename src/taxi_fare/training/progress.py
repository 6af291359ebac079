"""Tell which tree is growing, from Spark's status tracker."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from pyspark import SparkContext

from taxi_fare.core.spark.scoped import job_group

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

    thread = threading.Thread(target=poll, name="tree-progress", daemon=True)
    with job_group(context, group):
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
    report(trees)
