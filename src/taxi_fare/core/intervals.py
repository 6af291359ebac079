"""Prediction intervals of a model: a table of how far prices may lie off."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import Field, model_validator

from taxi_fare.core.choices import USUAL_COVERAGE
from taxi_fare.core.columns import PAYMENT, RATE_CODE
from taxi_fare.core.documents import (
    Document,
    Dollars,
    MonthName,
    Part,
    Refusal,
    Share,
    Trips,
    parse_document,
)
from taxi_fare.core.errors import RegistryConflictError

INTERVALS_FILE = "portable/intervals.json"
# Dollars at which the bins of predicted prices end.
PRICE_LIMITS = (
    *(6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 16.0, 18.0, 20.0),
    *(23.0, 26.0, 30.0, 35.0, 40.0, 50.0, 60.0, 70.0, 80.0, 100.0, 125.0),
    150.0,
)
# The TLC's data dictionary: standard, JFK, Newark; others share a row.
RATE_CODES = ("1", "2", "3")
# Card and cash: a tip is part of the total where it is paid by card.
PAYMENTS = ("1", "2")
_REFUSAL = Refusal(
    expected="the intervals that training wrote",
    remedy="train again with `taxi-fare train --force`, or name another"
    " model.",
    error=RegistryConflictError,
)

Numbers = NDArray[np.float64]
Places = NDArray[np.intp]
# What tells kinds of rides apart.
KINDS = (RATE_CODE, PAYMENT)
# By kind of ride and bin of the predicted price, dollars.
Table = tuple[tuple[float, ...], ...]


class Bounds(Part):
    """How far below and above its prediction a price lies."""

    lower: Table = Field(
        description="Dollars, at most 0: a row for each rate code and one for"
        " all others, and within it for each payment type and one for all"
        " others, of a value for each bin of the predicted price."
    )
    upper: Table = Field(description="The same, at least 0.")

    @model_validator(mode="after")
    def _ordered(self) -> "Bounds":
        """Refuse what would not hold the prediction itself."""
        for table, sign in ((self.lower, -1), (self.upper, 1)):
            if any(sign * value < 0 for row in table for value in row):
                raise ValueError("an interval without its prediction")
        return self


class Intervals(Document):
    """``portable/intervals.json``: how sure the predictions of a model are."""

    month: MonthName | None = Field(
        description="Whose errors they are made of; None: a part of the"
        " train months."
    )
    trips: Trips = Field(description="That they are made of.")
    price_limits: tuple[float, ...] = Field(
        description="Dollars at which the bins of predicted prices end."
    )
    rate_codes: tuple[str, ...] = Field(
        description="Which have rows of their own."
    )
    payments: tuple[str, ...] = Field(
        default=(),
        description="Payment types that have a row of their own within those"
        " of a rate code; none: all share one.",
    )
    by_coverage: dict[int, Bounds] = Field(
        description="By the percentage of trips that they are made to hold."
    )

    @model_validator(mode="after")
    def _complete(self) -> "Intervals":
        """Refuse tables of another shape: they would give wrong numbers."""
        if any(low >= high for low, high in pairwise(self.price_limits)):
            raise ValueError("limits of prices that do not rise")
        kinds = (len(self.rate_codes) + 1) * (len(self.payments) + 1)
        shape = kinds, len(self.price_limits) + 1
        for each in self.by_coverage.values():
            for table in (each.lower, each.upper):
                if (len(table), *map(len, table)) != (
                    shape[0],
                    *[shape[1]] * shape[0],
                ):
                    raise ValueError(f"a table that is not {shape}")
        return self

    def around(
        self,
        predicted: Numbers,
        features: pa.Table,
        *,
        coverage: int,
    ) -> tuple[Numbers, Numbers]:
        """
        Return what prices lie between, with a stated coverage.

        Parameters
        ----------
        predicted : ndarray of float64, shape (trips,)
            Dollars.
        features : pyarrow.Table
            With those of ``KINDS``.
        coverage : int
            In percent: one of ``by_coverage``.

        Returns
        -------
        tuple of ndarray of float64, shape (trips,)
            Lower and upper end, dollars. A price is not below 0, and the
            prediction is always between them.
        """
        bounds = self.by_coverage[coverage]
        rows, payments = (
            rows_of_levels(features[name], known)
            for name, known in zip(
                KINDS, (self.rate_codes, self.payments), strict=True
            )
        )
        rows = rows * (len(self.payments) + 1) + payments
        columns = np.searchsorted(self.price_limits, predicted)
        lower = np.asarray(bounds.lower)[rows, columns] + predicted
        upper = np.asarray(bounds.upper)[rows, columns] + predicted
        return np.minimum(np.maximum(lower, 0.0), predicted), upper


class BucketCoverage(Part):
    """What the intervals held of some trips."""

    rows: Trips
    coverage: dict[int, Share] = Field(
        description="Share of the prices inside, by stated percentage."
    )
    mean_width: dict[int, Dollars] = Field(
        description="Of the intervals, by stated percentage."
    )


@dataclass(frozen=True)
class Held:
    """
    What the intervals held of some trips, as every table of it tells.

    Parameters
    ----------
    name : str
        The price bucket, or ``all_trips``.
    shares : tuple of float or None
        By stated percentage, in the order of ``Coverage.stated``.
    width : float or None
        Mean width of the usual intervals, dollars.
    """

    name: str
    rows: int
    shares: tuple[float | None, ...]
    width: float | None


class Coverage(BucketCoverage):
    """What the intervals held of all trips, and by what was paid."""

    by_price_bucket: dict[str, BucketCoverage]
    calibrated_on: MonthName | None = Field(
        description="Month whose errors the intervals are made of: of itself"
        " it says nothing new. None: of a part of the train months."
    )

    @property
    def stated(self) -> tuple[int, ...]:
        """Percentages that the intervals are made to hold."""
        return tuple(self.coverage)

    def held(self) -> list[Held]:
        """Return the rows of a table: all trips, then the buckets."""
        groups = {"all_trips": self, **self.by_price_bucket}
        return [
            Held(
                name,
                each.rows,
                tuple(map(each.coverage.get, self.stated)),
                each.mean_width.get(USUAL_COVERAGE),
            )
            for name, each in groups.items()
        ]


def rows_of_levels(
    found: pa.ChunkedArray | pa.Array, known: Sequence[str]
) -> Places:
    """Number levels by their row; others share the last."""
    places = pc.index_in(found, value_set=pa.array(known, pa.string()))
    return np.asarray(pc.fill_null(places, len(known)), dtype=np.intp)


def parse_intervals(content: bytes, *, place: object) -> Intervals:
    """
    Read intervals.

    Raises
    ------
    RegistryConflictError
        If they are damaged.
    """
    return parse_document(content, Intervals, place=place, refusal=_REFUSAL)


def interval_columns(coverage: int) -> tuple[str, str]:
    """Name the columns of both ends in a table of predictions."""
    return f"lower_{coverage}", f"upper_{coverage}"
