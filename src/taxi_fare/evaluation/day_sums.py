"""Sums over the trips of each day: all figures of accuracy follow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from taxi_fare.core.metrics import WITHIN_DOLLARS, is_spread
from taxi_fare.evaluation.metrics import Numbers

# Days of the longest month.
DAYS = 31
_are_spread = np.vectorize(is_spread, otypes=[bool])
Days = NDArray[np.intp]
Codes = NDArray[np.intp]


def _within(limit: float) -> Callable[[Numbers, Numbers], Numbers]:
    return lambda error, _: (np.abs(error) <= limit).astype(np.float64)


# What riders paid on average, among the figures.
PAID = "paid"
# What is added up, of ``total_amount - prediction`` and of ``total_amount``.
SUMS: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
    "rows": lambda error, _: np.ones(len(error)),
    "signed": lambda error, _: error,
    "absolute": lambda error, _: np.abs(error),
    "squared": lambda error, _: np.square(error),
    PAID: lambda _, paid: paid,
    "paid_squared": lambda _, paid: np.square(paid),
    **{name: _within(limit) for name, limit in WITHIN_DOLLARS.items()},
}
_AT = {name: place for place, name in enumerate(SUMS)}


@dataclass(frozen=True)
class DaySums:
    """
    Sums over trips, by day; those of other trips can be added.

    Parameters
    ----------
    groups : mapping of str to ndarray, shape (31, levels, sums)
        By the name of a way to part the trips.
    """

    groups: Mapping[str, Numbers]

    def __add__(self, other: "DaySums") -> "DaySums":
        """Add the sums of other trips."""
        return DaySums(
            {
                name: each + other.groups[name]
                for name, each in self.groups.items()
            }
        )


def day_sums(
    error: Numbers,
    paid: Numbers,
    *,
    days: Days,
    codes: Mapping[str, tuple[Codes, int]],
) -> DaySums:
    """
    Sum up the trips of a batch.

    Parameters
    ----------
    error, paid : ndarray of float64, shape (trips,)
        ``total_amount - prediction`` and ``total_amount``, dollars.
    days : ndarray of int, shape (trips,)
        Of the month, from 0.
    codes : mapping of str to tuple
        Number of each trip's level, and how many levels there are.
    """
    values = [weigh(error, paid) for weigh in SUMS.values()]
    groups: dict[str, Numbers] = {}
    for name, (levels, count) in codes.items():
        cells = days * count + levels
        sums: list[Numbers] = [
            np.bincount(cells, each, minlength=DAYS * count).astype(np.float64)
            for each in values
        ]
        groups[name] = np.stack(sums, axis=-1).reshape(DAYS, count, len(SUMS))
    return DaySums(groups)


def figures_of(sums: Numbers) -> dict[str, Numbers]:
    """
    Compute accuracy from sums.

    Parameters
    ----------
    sums : ndarray of float64, shape (..., sums)
        Of at least no trip.

    Returns
    -------
    dict of str to ndarray of float64, shape (...)
        By the names of ``METRICS`` and ``WITHIN_DOLLARS``; NaN where there is
        no trip, and R² also where all cost the same.
    """
    of = {name: sums[..., place] for name, place in _AT.items()}
    with np.errstate(invalid="ignore", divide="ignore"):
        rows = np.where(of["rows"] > 0, of["rows"], np.nan)
        squared, paid = of["squared"] / rows, of[PAID] / rows
        variance = of["paid_squared"] / rows - np.square(paid)
        spread = np.where(_are_spread(variance), variance, np.nan)
        return {
            "rmse": np.sqrt(squared),
            "mae": of["absolute"] / rows,
            "r2": 1 - squared / spread,
            "bias": of["signed"] / rows,
            PAID: paid,
            **{name: of[name] / rows for name in WITHIN_DOLLARS},
        }


def rows_of(sums: Numbers) -> NDArray[np.int64]:
    """Return the trips that were summed up, shape (...)."""
    return sums[..., _AT["rows"]].round().astype(np.int64)


def plain(value: Any) -> float | None:
    """Return a number for documents; None where there is none."""
    return float(value) if np.isfinite(value) else None
