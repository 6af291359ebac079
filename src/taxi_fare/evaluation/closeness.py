"""How many predictions are close to what riders paid."""

from dataclasses import dataclass

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.metrics import WITHIN_DOLLARS
from taxi_fare.evaluation.metrics import Metrics, read_metrics
from taxi_fare.evaluation.spark_metrics import aggregate, metric_sums


@dataclass(frozen=True)
class Closeness:
    """
    How close a model's predictions are.

    Parameters
    ----------
    within : dict of str to float
        By the names of ``WITHIN_DOLLARS``: share of the trips in [0, 1] whose
        prediction is off by at most so much.
    """

    metrics: Metrics
    within: dict[str, float]


def measure_closeness(scored: DataFrame) -> Closeness:
    """
    Measure predictions, in one Spark action.

    Raises
    ------
    DataRefusedError
        If there is no trip.
    ModelRefusedError
        If a prediction is missing, NaN or infinite.
    """
    error = F.abs(F.col(LABEL) - F.col(PREDICTION))
    shares = [
        F.avg((error <= limit).cast("double")).alias(name)
        for name, limit in WITHIN_DOLLARS.items()
    ]
    found = aggregate(scored, [*metric_sums([PREDICTION]), *shares])
    within = {name: found[name] for name in WITHIN_DOLLARS}
    return Closeness(read_metrics(found, PREDICTION), within)
