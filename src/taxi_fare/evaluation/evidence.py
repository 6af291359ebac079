"""How sure a figure is: a bootstrap that draws days, not trips."""

import numpy as np

from taxi_fare.evaluation.day_sums import figures_of, rows_of
from taxi_fare.evaluation.metrics import Numbers

# Fewer days say nothing about how days differ.
FEWEST_DAYS = 7
_DRAWS = 10_000
_LOWER, _UPPER = 0.025, 0.975
# Of a group that a twentieth of the draws has no trip of, nothing is told.
_MOST_EMPTY = 0.05


def intervals(
    sums: Numbers, *, seed: int
) -> dict[str, tuple[Numbers, Numbers]] | None:
    """
    Return where each figure of a month lies, with 95 % certainty.

    The trips of a day have weather, events and traffic in common: 30 days are
    30 observations, not 3 million. Source: B. Efron, R. Tibshirani, An
    Introduction to the Bootstrap, Chapman & Hall 1993, chapters 8 and 13
    (blocks as units; percentiles).

    Parameters
    ----------
    sums : ndarray of float64, shape (days, groups, sums)
        As ``day_sums`` makes them; a day without a trip is none.

    Returns
    -------
    dict of str to tuple of ndarray, shape (groups,), or None
        Lower and upper end by figure, NaN where the group has too few days;
        None where there are too few days at all.
    """
    there = sums[rows_of(sums).sum(axis=1) > 0]
    days, groups, count = there.shape
    if days < FEWEST_DAYS:
        return None
    draw = np.random.default_rng(seed)
    drawn = draw.multinomial(days, np.full(days, 1 / days), size=_DRAWS)
    totals = (drawn @ there.reshape(days, -1)).reshape(-1, groups, count)
    empty = (rows_of(totals) == 0).mean(axis=0) > _MOST_EMPTY
    return {
        name: (
            _quantile(values, _LOWER, empty),
            _quantile(values, _UPPER, empty),
        )
        for name, values in figures_of(totals).items()
    }


def _quantile(values: Numbers, share: float, empty: Numbers) -> Numbers:
    """Return the quantile over the draws of each group."""
    values = np.where(empty, 0.0, values)
    found: Numbers = np.nanquantile(values, share, axis=0)
    return np.where(empty, np.nan, found)
