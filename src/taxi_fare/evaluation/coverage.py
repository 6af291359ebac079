"""What intervals held of the trips of a month: counts that add up."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taxi_fare.core.intervals import BucketCoverage, Coverage, Intervals
from taxi_fare.evaluation.error_analysis import BUCKETS
from taxi_fare.evaluation.metrics import Numbers


@dataclass(frozen=True)
class Covered:
    """
    What intervals held of some trips.

    Parameters
    ----------
    rows : ndarray of float64, shape (buckets,)
        Trips by what was paid.
    inside, width : ndarray of float64, shape (coverages, buckets)
        Trips whose price the interval holds, and the sum of the widths in
        dollars.
    """

    rows: Numbers
    inside: Numbers
    width: Numbers

    def __add__(self, other: "Covered") -> "Covered":
        """Add what they held of other trips."""
        return Covered(
            self.rows + other.rows,
            self.inside + other.inside,
            self.width + other.width,
        )

    @classmethod
    def of_batch(
        cls,
        features: pa.Table,
        paid: Numbers,
        predicted: Numbers,
        *,
        intervals: Intervals,
        limits: Sequence[float],
    ) -> "Covered":
        """
        Look at a batch.

        Parameters
        ----------
        features : pyarrow.Table
            With those that tell kinds of rides apart.
        limits : sequence of float
            Where the price buckets end, dollars.
        """
        bucket = np.searchsorted([*limits], paid)
        inside, width = [], []
        for coverage in intervals.by_coverage:
            low, high = intervals.around(
                predicted, features, coverage=coverage
            )
            held = (low <= paid) & (paid <= high)
            inside.append(_by_bucket(bucket, held))
            width.append(_by_bucket(bucket, high - low))
        rows = _by_bucket(bucket, np.ones(len(paid)))
        return cls(rows, np.array(inside), np.array(width))

    def to_document(self, intervals: Intervals) -> Coverage | None:
        """Return shares and means; None without any trip."""
        if not self.rows.sum():
            return None
        stated = [*intervals.by_coverage]
        whole = self._told(slice(None), stated)
        return Coverage(
            **whole.model_dump(),
            by_price_bucket={
                name: self._told(slice(at, at + 1), stated)
                for at, name in enumerate(BUCKETS)
                if self.rows[at]
            },
            calibrated_on=intervals.month,
        )

    def _told(self, some: slice, stated: Sequence[int]) -> BucketCoverage:
        rows = self.rows[some].sum()
        inside, width = (
            each[:, some].sum(axis=1) / rows
            for each in (self.inside, self.width)
        )
        return BucketCoverage(
            rows=int(rows),
            coverage=dict(zip(stated, inside.tolist(), strict=True)),
            mean_width=dict(zip(stated, width.tolist(), strict=True)),
        )


def _by_bucket(bucket: np.ndarray, values: np.ndarray) -> Numbers:
    return np.bincount(bucket, values, minlength=len(BUCKETS)).astype(
        np.float64
    )
