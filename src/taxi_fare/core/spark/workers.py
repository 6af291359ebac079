"""Whether a cluster's workers have taken a run."""

import logging
import threading
from contextlib import suppress
from typing import Any

from pyspark.sql import SparkSession

_PATIENCE_SECONDS = 20.0
_logger = logging.getLogger(__name__)


def count_workers(session: SparkSession) -> int:
    """Count the executors that have registered."""
    context: Any = session.sparkContext  # its gateway has no types
    return len(context._jsc.sc().statusTracker().getExecutorInfos()) - 1


def tell_when_alone(session: SparkSession) -> None:
    """
    Log a warning, in a while, if no worker has taken the run by then.

    Spark waits without end, and without a word at our level of its log:
    workers may be busy with another run, or not be there.
    """

    def look() -> None:
        """Look from a thread of its own."""
        with suppress(Exception):  # the session may be gone
            if count_workers(session) == 0:
                _logger.warning(
                    "No worker of %s has taken this run yet; it waits."
                    " Are they running, free, and is there memory for"
                    " spark.executor.memory?",
                    session.sparkContext.master,
                )

    timer = threading.Timer(_PATIENCE_SECONDS, look)
    timer.daemon = True
    timer.start()
