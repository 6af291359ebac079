"""Two trivial predictions, which any model must beat."""

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL, PREDICTION, ZONE_FEATURES

# Ranks are off by at most rows / accuracy: 0.01 % of the trips.
_ACCURACY = 10_000
_PAIR_MEDIAN = "pair_median"


def predict_mean(train: DataFrame, test: DataFrame) -> DataFrame:
    """
    Predict the mean total of the train trips for every trip.

    Returns
    -------
    DataFrame
        The test trips with ``prediction``, dollars.
    """
    mean = train.agg(F.avg(LABEL)).first()
    return test.withColumn(PREDICTION, F.lit(mean[0] if mean else None))


def predict_pair_median(train: DataFrame, test: DataFrame) -> DataFrame:
    """
    Predict the median total of the train trips between the same two zones.

    Returns
    -------
    DataFrame
        The test trips with ``prediction``, dollars: the median of all train
        trips where none was between these zones.
    """
    median = F.percentile_approx(LABEL, 0.5, _ACCURACY)
    pairs = train.groupBy(*ZONE_FEATURES).agg(median.alias(_PAIR_MEDIAN))
    overall = train.agg(median).first()
    usual = F.lit(overall[0] if overall else None)
    joined = test.join(F.broadcast(pairs), [*ZONE_FEATURES], "left")
    return joined.withColumn(PREDICTION, F.coalesce(_PAIR_MEDIAN, usual)).drop(
        _PAIR_MEDIAN
    )
