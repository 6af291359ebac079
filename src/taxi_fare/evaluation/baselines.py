"""The trivial predictions by Spark, which any model must beat."""

from operator import itemgetter

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import LABEL
from taxi_fare.core.spark.ways import way_number
from taxi_fare.evaluation.local_baselines import (
    MEAN,
    PAIR_MEDIAN,
    TrivialModels,
)

# Ranks are off by at most rows / accuracy: 0.01 % of the trips.
_ACCURACY = 10_000
_PAIR, _MEDIAN = "pair", "median"


def fit_trivially(train: DataFrame) -> TrivialModels:
    """Fit both to train trips, of which there is at least one."""
    median = F.percentile_approx(LABEL, 0.5, _ACCURACY)
    found = (
        train.select(LABEL, way_number().alias(_PAIR))
        .rollup(_PAIR)
        .agg(F.avg(LABEL).alias(MEAN), median.alias(_MEDIAN))
        .collect()
    )
    (whole,) = (row for row in found if row[_PAIR] is None)
    pairs = sorted(
        ((row[_PAIR], row[_MEDIAN]) for row in found if row is not whole),
        key=itemgetter(0),
    )
    numbers, medians = zip(*pairs, strict=True)
    return TrivialModels(
        whole[MEAN],
        whole[_MEDIAN],
        np.array(numbers, dtype=np.int64),
        np.array(medians, dtype=np.float64),
    )


def predict_trivially(trips: DataFrame, models: TrivialModels) -> DataFrame:
    """Add what both predict, dollars, in columns of their names."""
    # As Arrow: rows of Python would need a Python on every worker.
    pairs = trips.sparkSession.createDataFrame(
        pa.table({_PAIR: models.pairs, PAIR_MEDIAN: models.medians})
    )
    joined = trips.withColumn(_PAIR, way_number().alias(_PAIR)).join(
        F.broadcast(pairs), _PAIR, "left"
    )
    usual = F.coalesce(F.col(PAIR_MEDIAN), F.lit(models.median))
    return (
        joined.drop(_PAIR)
        .withColumn(PAIR_MEDIAN, usual)
        .withColumn(MEAN, F.lit(models.mean))
    )
