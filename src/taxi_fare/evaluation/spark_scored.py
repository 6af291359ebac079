"""Trips that Spark has scored: what ``ScoredTrips`` tells of others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pyspark.sql import DataFrame

from taxi_fare.core.columns import CURRENT_PREDICTION, PREDICTION
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.conformal import Counts, count_errors_by_spark
from taxi_fare.evaluation.day_sums import DaySums
from taxi_fare.evaluation.error_analysis import ErrorAnalysis, analyse_errors
from taxi_fare.evaluation.local_baselines import MEAN, PAIR_MEDIAN
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.slices import Slice
from taxi_fare.evaluation.spark_day_sums import scored_sums


@dataclass(frozen=True)
class SparkScored:
    """Scored trips of the test month, and their day of the month."""

    trips: DataFrame
    ways: Sequence[Slice]

    def metrics(self) -> dict[str, Metrics]:
        """Compute the metrics of each model."""
        return self._found[0]

    @property
    def sums(self) -> Mapping[str, DaySums]:
        """By the names of the models, and of the baselines."""
        return self._found[1]

    def analyse_errors(self, settings: ErrorAnalysisSettings) -> ErrorAnalysis:
        """Explain the errors of the new model."""
        return analyse_errors(self.trips, settings=settings)

    @cached_property
    def errors(self) -> Counts:
        """Trips by rate code, payment, predicted price and error."""
        return count_errors_by_spark(self.trips)

    @cached_property
    def _found(self) -> tuple[dict[str, Metrics], dict[str, DaySums]]:
        there = set(self.trips.columns)
        return scored_sums(
            self.trips,
            models=[x for x in (PREDICTION, CURRENT_PREDICTION) if x in there],
            baselines=(MEAN, PAIR_MEDIAN),
            ways=self.ways,
        )
