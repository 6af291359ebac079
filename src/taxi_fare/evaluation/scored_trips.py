"""Trips that were scored without Spark: what is kept, and its figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import FEATURES, LABEL, PREDICTION
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.conformal import Counts, count_errors
from taxi_fare.evaluation.day_sums import DaySums, sum_of
from taxi_fare.evaluation.error_analysis import (
    BUCKETS,
    OVERALL,
    WORST,
    ErrorAnalysis,
    explained,
)
from taxi_fare.evaluation.error_figures import ERROR, collected_figures
from taxi_fare.evaluation.metrics import (
    Metrics,
    Numbers,
    collected_metrics,
)

_SIZE = "size"
# The whole trip is part of the order, so that ties have one as well.
_ORDER = (_SIZE, LABEL, *FEATURES)


@dataclass(frozen=True)
class ScoredTrips:
    """
    What the figures need of some trips.

    Parameters
    ----------
    paid : ndarray of float64, shape (trips,)
        ``total_amount``, dollars.
    predictions : mapping of str to ndarray of float64, shape (trips,)
        Dollars, by the name of the column that Spark would have.
    worst : tuple of mapping
        The trips that the model is most wrong about in each batch, with
        their features.
    sums : mapping of str to DaySums
        By the same names, and those of the baselines.
    errors : ndarray of int64
        Trips by rate code, payment, predicted price and error.
    """

    paid: Numbers
    predictions: Mapping[str, Numbers]
    worst: tuple[Mapping[str, Any], ...]
    sums: Mapping[str, DaySums]
    errors: Counts

    @classmethod
    def of_batch(
        cls,
        features: pa.Table,
        *,
        paid: Numbers,
        predictions: Mapping[str, Numbers],
        sums: Mapping[str, DaySums],
        worst: int,
    ) -> "ScoredTrips":
        """
        Keep what is needed of a batch.

        Parameters
        ----------
        worst : int
            How many trips are to be told in the end.
        """
        error = paid - predictions[PREDICTION]
        size = np.abs(error)
        kept = np.arange(len(size))
        if len(size) > worst:
            # As bad as the last of them; the rest of the order settles ties.
            least = np.partition(size, -worst)[-worst]
            kept = np.flatnonzero(size >= least)
        trips = features.take(pa.array(kept))
        for name, values in (
            (LABEL, paid),
            (PREDICTION, predictions[PREDICTION]),
            (ERROR, error),
            (_SIZE, size),
        ):
            trips = trips.append_column(name, pa.array(values[kept]))
        order = [(name, "descending") for name in _ORDER]
        rows = trips.sort_by(order).slice(0, worst).to_pylist()
        errors = count_errors(features, paid, predictions[PREDICTION])
        return cls(paid, predictions, tuple(rows), sums, errors)

    @classmethod
    def together(cls, batches: Iterable["ScoredTrips"]) -> "ScoredTrips":
        """Put batches together; there is at least one."""
        parts = list(batches)
        names = parts[0].predictions
        return cls(
            np.concatenate([each.paid for each in parts]),
            {
                name: np.concatenate(
                    [each.predictions[name] for each in parts]
                )
                for name in names
            },
            tuple(trip for each in parts for trip in each.worst),
            {
                name: sum_of(each.sums[name] for each in parts)
                for name in parts[0].sums
            },
            np.sum([each.errors for each in parts], axis=0),
        )

    def metrics(self) -> dict[str, Metrics]:
        """
        Compute the metrics of each model.

        Raises
        ------
        DataRefusedError
            If there is no trip, or all cost the same.
        ModelRefusedError
            If a prediction is NaN or infinite.
        """
        return {
            name: collected_metrics(self.paid, predicted, name=name)
            for name, predicted in self.predictions.items()
        }

    def analyse_errors(self, settings: ErrorAnalysisSettings) -> ErrorAnalysis:
        """Explain the model's errors as Spark's analysis does."""
        error = self.paid - self.predictions[PREDICTION]
        bucket = np.searchsorted(settings.bucket_limits_dollars, self.paid)
        groups = {OVERALL: collected_figures(error, self.paid)}
        for number, name in enumerate(BUCKETS):
            inside = bucket == number
            if inside.any():
                groups[name] = collected_figures(
                    error[inside], self.paid[inside]
                )
        groups[OVERALL][WORST] = _worst(self.worst, settings.worst_trips)
        return explained(groups, settings)


def _worst(
    trips: Sequence[Mapping[str, Any]], count: int
) -> list[Mapping[str, Any]]:
    return sorted(trips, key=itemgetter(*_ORDER), reverse=True)[:count]
