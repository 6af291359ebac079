"""Sums over the trips of each day: all figures of accuracy follow."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.metrics import METRICS, WITHIN_DOLLARS, is_spread
from taxi_fare.evaluation.metrics import Numbers

# Days of the longest month.
DAYS = 31
_are_spread = np.vectorize(is_spread, otypes=[bool])
Days = NDArray[np.intp]
Codes = NDArray[np.intp]


@dataclass(frozen=True)
class Sum:
    """
    What is added up, of ``total_amount - prediction`` and ``total_amount``.

    Parameters
    ----------
    numpy, spark : callable
        Weigh a trip by both, dollars.
    """

    numpy: Callable[[Numbers, Numbers], Numbers]
    spark: Callable[[Column, Column], Column]


def _within(limit: float) -> Sum:
    return Sum(
        lambda error, _: (np.abs(error) <= limit).astype(np.float64),
        lambda error, _: (F.abs(error) <= limit).cast("double"),
    )


# All trips together, beside the ways to part them.
OVERALL = "overall"
# What riders paid on average, among the figures.
PAID = "paid"
SUMS = {
    "rows": Sum(
        lambda error, _: np.ones(len(error)), lambda _, __: F.lit(1.0)
    ),
    "signed": Sum(lambda error, _: error, lambda error, _: error),
    "absolute": Sum(
        lambda error, _: np.abs(error), lambda error, _: F.abs(error)
    ),
    "squared": Sum(
        lambda error, _: np.square(error), lambda error, _: error * error
    ),
    PAID: Sum(lambda _, paid: paid, lambda _, paid: paid),
    "paid_squared": Sum(
        lambda _, paid: np.square(paid), lambda _, paid: paid * paid
    ),
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

    def figures(self) -> dict[str, Numbers]:
        """Return the figures of all trips, each of shape (1,)."""
        return figures_of(self.groups[OVERALL].sum(axis=0))

    def __add__(self, other: "DaySums") -> "DaySums":
        """Add the sums of other trips."""
        return DaySums(
            {
                name: each + other.groups[name]
                for name, each in self.groups.items()
            }
        )


def sum_of(parts: Iterable[DaySums]) -> DaySums:
    """Add the sums of some trips, of which there is at least one part."""
    return reduce(add, parts)


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
    values = [each.numpy(error, paid) for each in SUMS.values()]
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


def figures_by_level(
    sums: Numbers, levels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """
    Tell the trips of each level that has some, and their metrics.

    Parameters
    ----------
    sums : ndarray of float64, shape (31, levels, sums)
        By day.
    """
    whole = sums.sum(axis=0)
    rows, found = rows_of(whole), figures_of(whole)
    return {
        level: {
            "rows": int(rows[place]),
            "figures": {
                name: plain(found[name][place])
                for name in METRICS
                if plain(found[name][place]) is not None
            },
        }
        for place, level in enumerate(levels)
        if rows[place]
    }


def rows_of(sums: Numbers) -> NDArray[np.int64]:
    """Return the trips that were summed up, shape (...)."""
    return sums[..., _AT["rows"]].round().astype(np.int64)


def plain(value: Any) -> float | None:
    """Return a number for documents; None where there is none."""
    return float(value) if np.isfinite(value) else None
