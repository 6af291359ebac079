"""
Calibrate prediction intervals on the errors of a month: split conformal.

Sources: V. Vovk, A. Gammerman, G. Shafer, Algorithmic Learning in a Random
World, Springer 2005 (chapter 4: the categories of Mondrian predictors, here
the cells); J. Lei, M. G'Sell, A. Rinaldo, R. Tibshirani, L. Wasserman,
Distribution-Free Predictive Inference for Regression, JASA 113, 2018; V. Vovk,
Conditional Validity of Inductive Conformal Predictors, PMLR 25, 2012.
"""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.choices import COVERAGES
from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.intervals import (
    KINDS,
    PAYMENTS,
    PRICE_LIMITS,
    RATE_CODES,
    Bounds,
    rows_of_levels,
)
from taxi_fare.core.spark.places import limits_below, place_of
from taxi_fare.evaluation.metrics import Numbers

# Fewer trips than this, of all kinds, do not tell what lies beyond 95 %.
_FEWEST = 100
# Of a cell with fewer trips, those beside it are asked as well.
_ENOUGH = 200
_NEIGHBOURS = 8
# Which share of the next month a rank really leaves out is known up to a
# standard deviation: so many of it are allowed for. They count where a cell
# has few trips, and are nothing where it has many.
_CAUTION = 1.0
# The steps of the errors, fine where most of them are: from where to where,
# how wide, in dollars, and how many there are below.
_STEPS = (
    (0.0, 10.0, 0.05, 0),
    (10.0, 50.0, 0.25, 200),
    (50.0, 1_000.0, 2.5, 360),
)
_MOST = 740

Counts = NDArray[np.int64]


def _error_limits() -> Numbers:
    sizes = np.concatenate(
        [np.arange(start, end, width) for start, end, width, _ in _STEPS]
    )
    ends = np.append(sizes, _STEPS[-1][1])
    return np.concatenate([-ends[:0:-1], ends])


# Errors are counted between them; those of valid trips are not beyond.
ERROR_LIMITS = _error_limits()
_LEVELS = dict(zip(KINDS, (RATE_CODES, PAYMENTS), strict=True))
_SHAPE = (
    *(len(known) + 1 for known in _LEVELS.values()),
    len(PRICE_LIMITS) + 1,
    len(ERROR_LIMITS) + 1,
)


def count_errors(
    features: pa.Table, paid: Numbers, predicted: Numbers
) -> Counts:
    """
    Count trips by rate code, payment type, predicted price and error.

    Returns
    -------
    ndarray of int64, shape (rate codes, payments, prices, errors)
        Those of other trips can be added.
    """
    cells = np.ravel_multi_index(
        (
            *(
                rows_of_levels(features[name], known)
                for name, known in _LEVELS.items()
            ),
            np.searchsorted(PRICE_LIMITS, predicted),
            _error_place(paid - predicted),
        ),
        _SHAPE,
    )
    counts = np.bincount(cells, minlength=int(np.prod(_SHAPE)))
    return np.asarray(counts.reshape(_SHAPE), dtype=np.int64)


def count_errors_by_spark(scored: DataFrame) -> Counts:
    """Count the same, of trips that Spark has scored."""
    price, error = "price", "error"
    kinds = {name: f"kind_{name}" for name in KINDS}
    rows = [
        place_of(
            F.col(name),
            {level: place for place, level in enumerate(known)},
            last=len(known),
        ).alias(kinds[name])
        for name, known in _LEVELS.items()
    ]
    column = limits_below(F.col(PREDICTION), PRICE_LIMITS)
    difference = F.col(LABEL) - F.col(PREDICTION)
    found = (
        scored.groupBy(
            *rows,
            column.alias(price),
            _error_place_by_spark(difference).alias(error),
        )
        .count()
        .collect()
    )
    counts = np.zeros(_SHAPE, dtype=np.int64)
    for row in found:
        cell = (row[name] for name in (*kinds.values(), price, error))
        counts[*cell] = row["count"]
    return counts


def _error_place(error: Numbers) -> NDArray[np.intp]:
    """Number the step that an error lies on."""
    size, steps = np.abs(error), np.full(len(error), _MOST + 1.0)
    for start, end, width, below in reversed(_STEPS):
        steps = np.where(size <= end, below + (size - start) / width, steps)
    place: Numbers = np.ceil(np.copysign(steps, error)) + _MOST
    return place.clip(0, 2 * _MOST + 1).astype(np.intp)


def _error_place_by_spark(error: Column) -> Column:
    """Number it with the same arithmetic."""
    size, steps = F.abs(error), F.lit(_MOST + 1.0)
    for start, end, width, below in reversed(_STEPS):
        inside = below + (size - start) / width
        steps = F.when(size <= end, inside).otherwise(steps)
    place = F.ceil(F.when(error < 0, -steps).otherwise(steps)) + _MOST
    return F.greatest(F.least(place, F.lit(2 * _MOST + 1)), F.lit(0))


def calibrated(counts: Counts) -> dict[int, Bounds] | None:
    """
    Find how far prices lie from predictions, cell by cell.

    A cell is a rate code, a payment type and a bin of the predicted price;
    where it has few trips, its neighbours are counted with it, then all rate
    codes, then all payment types. The ends are those of the steps that hold
    the ranks: never narrower.

    Parameters
    ----------
    counts : ndarray of int64, shape (rate codes, payments, prices, errors)
        A single payment type: all share its rows.

    Returns
    -------
    dict of int to Bounds, or None
        By coverage in percent; None with fewer trips than a cell needs.
    """
    if counts.sum() < _FEWEST:
        return None
    cells = [
        [_pooled(counts, kind, column) for column in range(counts.shape[2])]
        for kind in np.ndindex(*counts.shape[:2])
    ]
    found = {}
    for coverage in COVERAGES:
        ends = [[_ends(each, coverage) for each in row] for row in cells]
        found[coverage] = Bounds(
            lower=tuple(tuple(low for low, _ in row) for row in ends),
            upper=tuple(tuple(high for _, high in row) for row in ends),
        )
    return found


def _pooled(counts: Counts, kind: tuple[int, ...], column: int) -> Counts:
    """Return the errors of a cell, with as many others as it needs."""
    wider = _wider(counts, kind, column)
    enough = (each for each in wider if each.sum() >= _ENOUGH)
    return next(enough, counts.sum(axis=(0, 1, 2)))


def _wider(
    counts: Counts, kind: tuple[int, ...], column: int
) -> Iterator[Counts]:
    _, payment = kind
    for table, reach in (
        (counts[kind], _NEIGHBOURS),
        (counts[:, payment].sum(axis=0), _NEIGHBOURS),
        (counts.sum(axis=(0, 1)), len(PRICE_LIMITS)),
    ):
        for width in range(reach + 1):
            first = max(column - width, 0)
            end = column + width + 1
            yield table[first:end].sum(axis=0)


def _ends(errors: Counts, coverage: int) -> tuple[float, float]:
    """Return the ends that leave the same share out on both sides."""
    count, out = errors.sum(), (1 - coverage / 100) / 2
    passed = np.cumsum(errors)
    # With one more trip, whose error nobody has seen, there are n + 1 ranks.
    more = _CAUTION * np.sqrt(count * out * (1 - out))
    low = max(int(np.floor((count + 1) * out - more)), 1)
    high = min(int(np.ceil((count + 1) * (1 - out) + more)), int(count))
    below = int(np.searchsorted(passed, low)) - 1
    above = int(np.searchsorted(passed, high))
    last = len(ERROR_LIMITS) - 1
    return (
        min(float(ERROR_LIMITS[max(below, 0)]), 0.0),
        max(float(ERROR_LIMITS[min(above, last)]), 0.0),
    )
