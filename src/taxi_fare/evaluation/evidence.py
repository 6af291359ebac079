"""How sure a figure is: a bootstrap that draws days, not trips."""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import numpy as np

from taxi_fare.core.evidence import Evidence, Gain, SliceGain
from taxi_fare.core.metrics import ERRORS
from taxi_fare.evaluation.day_sums import (
    OVERALL,
    DaySums,
    figures_of,
    plain,
    rows_of,
)
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.evaluation.slices import Slice

# Fewer days say nothing about how days differ.
FEWEST_DAYS = 7
_DRAWS = 10_000
# Left out on each side of an interval.
_OUT = 0.025
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
    drawn = _draws(days, seed=seed)
    totals = (drawn @ there.reshape(days, -1)).reshape(-1, groups, count)
    empty = (rows_of(totals) == 0).mean(axis=0) > _MOST_EMPTY
    out = _left_out(days)
    return {
        name: (
            _quantile(values, out, empty),
            _quantile(values, 1 - out, empty),
        )
        for name, values in figures_of(totals).items()
    }


def paired(
    ours: DaySums, theirs: DaySums, *, ways: Sequence[Slice], seed: int
) -> Evidence:
    """
    Say how sure it is that one model is better than another.

    Both predicted the same trips, so that each draw of days is one for both:
    what a day has in common is no difference between them. Source: B. Efron,
    R. Tibshirani, An Introduction to the Bootstrap, chapter 8.
    """
    pairs = [each.groups[OVERALL][:, 0] for each in (ours, theirs)]
    there = rows_of(pairs[0]) > 0
    days = int(there.sum())
    totals = _gains(*(each[there].sum(axis=0) for each in pairs))
    drawn = None
    if days >= FEWEST_DAYS:
        draws = _draws(days, seed=seed)
        drawn = _gains(*(draws @ each[there] for each in pairs))
    return Evidence(
        days=days,
        draws=_DRAWS,
        gains={
            name: _gain(gain, drawn[name] if drawn else None, days=days)
            for name, gain in totals.items()
        },
        slices={each.name: _slice_gains(ours, theirs, each) for each in ways},
    )


def _slice_gains(
    ours: DaySums, theirs: DaySums, way: Slice
) -> dict[str, SliceGain]:
    """Return the gains of each level that has trips."""
    pair = [each.groups[way.name].sum(axis=0) for each in (ours, theirs)]
    gains, rows = _gains(*pair), rows_of(pair[0])
    return {
        level: SliceGain(
            rows=int(rows[at]),
            gains={name: plain(each[at]) for name, each in gains.items()},
        )
        for at, level in enumerate(way.levels)
        if rows[at]
    }


def _gains(ours: Numbers, theirs: Numbers) -> dict[str, Numbers]:
    """Return by what share each error is lower, from sums; NaN: from 0."""
    mine, other = figures_of(ours), figures_of(theirs)
    with np.errstate(invalid="ignore", divide="ignore"):
        return {
            each.name: np.where(
                mine[each.name] == other[each.name],
                0.0,
                np.where(
                    other[each.name] > 0,
                    1 - mine[each.name] / other[each.name],
                    np.nan,
                ),
            )
            for each in ERRORS
            if each.name in mine
        }


def _gain(gain: Numbers, drawn: Numbers | None, *, days: int) -> Gain:
    if drawn is None or np.isnan(drawn).any():
        return Gain(gain=plain(gain), interval=None, better_share=None)
    out = _left_out(days)
    low, high = np.quantile(drawn, (out, 1 - out))
    return Gain(
        gain=plain(gain),
        interval=(float(low), float(high)),
        better_share=float((drawn > 0).mean()),
    )


def _left_out(days: int) -> float:
    """
    Return the share of the draws to leave out on each side.

    A bootstrap of few units is too sure of itself: it divides by n where n - 1
    is right, and takes a normal quantile for one of Student's t. Source: T.
    Hesterberg, What Teachers Should Know About the Bootstrap, The American
    Statistician 69, 2015 (expanded percentiles); the quantile of t by the
    expansion of M. Abramowitz, I. Stegun, 26.7.5.
    """
    normal, freedom = NormalDist(), days - 1
    z = -normal.inv_cdf(_OUT)
    t = (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
    )
    return normal.cdf(-t * sqrt(days / freedom))


def _draws(days: int, *, seed: int) -> Numbers:
    """Draw as many days as there are, often: how often each was drawn."""
    draw = np.random.default_rng(seed)
    drawn = draw.multinomial(days, np.full(days, 1 / days), size=_DRAWS)
    return drawn.astype(np.float64)


def _quantile(values: Numbers, share: float, empty: Numbers) -> Numbers:
    """Return the quantile over the draws of each group."""
    values = np.where(empty, 0.0, values)
    found: Numbers = np.nanquantile(values, share, axis=0)
    return np.where(empty, np.nan, found)
