"""
How far two profiles are apart: effect sizes, and no p-values.

With millions of trips every p-value is 0. Each distance is 0 for a profile
and itself, and falls when trips of the reference are mixed in.
"""

import numpy as np
from numpy.typing import NDArray

from taxi_fare.watching.profile import (
    AnyProfile,
    CategoryProfile,
    NumberProfile,
)

Shares = NDArray[np.float64]

_BINS = 10
# A bin without a trip counts as if a ten-thousandth were in it: the logarithm
# of 0 is no number. Mixed in like this, all properties stay.
_FLOOR = 1e-4
# Levels of a smaller share of the reference are one bin: of 260 zones most
# are so rare that chance alone would move them.
_USUAL_SHARE = 0.01


def psi(reference: Shares, other: Shares) -> float:
    """
    Return the population stability index of two distributions.

    The sum over bins of (p - q) ln(p / q), symmetric. Source: N. Siddiqi,
    Credit Risk Scorecards, Wiley 2006: below 0.1 no change, from 0.25 on a
    great one.
    """
    p, q = _floored(reference), _floored(other)
    return float(((p - q) * np.log(p / q)).sum())


def jensen_shannon(reference: Shares, other: Shares) -> float:
    """
    Return the Jensen-Shannon distance of two distributions, 0 to 1.

    The root of the divergence to the base 2, symmetric. Sources: J. Lin,
    Divergence measures based on the Shannon entropy, IEEE Transactions on
    Information Theory 37, 1991; D. Endres, J. Schindelin, A new metric for
    probability distributions, ibid. 49, 2003.
    """
    middle = (reference + other) / 2
    divergence = _divergence(reference, middle) + _divergence(other, middle)
    return float(min(max(divergence / 2, 0.0), 1.0) ** 0.5)


def kolmogorov_smirnov(
    reference: NumberProfile, other: NumberProfile
) -> float | None:
    """
    Return the greatest difference of two distribution functions, 0 to 1.

    On the edges of the grid: what moves inside of a cell is not seen. Source:
    F. Massey, The Kolmogorov-Smirnov test for goodness of fit, Journal of the
    American Statistical Association 46, 1951.

    Returns
    -------
    float or None
        None where one has no value.
    """
    if not (reference.count and other.count):
        return None
    ours, theirs = _on_same_cells(reference, other)
    apart = ours.cumsum() / reference.count - theirs.cumsum() / other.count
    return float(np.abs(apart).max())


def shares_of(
    reference: AnyProfile, other: AnyProfile
) -> tuple[Shares, Shares] | None:
    """
    Return the shares of both in the bins that the reference makes.

    For a number its deciles, on edges of the grid; for a category its usual
    levels, and one bin for all others.

    Returns
    -------
    tuple of ndarray or None
        None where one has no value.
    """
    if not (reference.count and other.count):
        return None
    if isinstance(reference, NumberProfile):
        if not isinstance(other, NumberProfile):
            raise TypeError("a number is compared with a category")
        found = _in_deciles(reference, other)
    else:
        if isinstance(other, NumberProfile):
            raise TypeError("a category is compared with a number")
        found = _in_usual_levels(reference, other)
    ours, theirs = found
    return ours / reference.count, theirs / other.count


def missing_share(profile: AnyProfile) -> float | None:
    """Return the share of trips without a value; None without a trip."""
    rows = profile.count + profile.missing
    return profile.missing / rows if rows else None


def new_levels(
    reference: CategoryProfile, other: CategoryProfile
) -> dict[str, int]:
    """
    Return the trips of levels that the reference never had.

    Empty where the reference has none at all, or has levels that it does not
    name: then nobody knows.
    """
    if not reference.count or reference.others:
        return {}
    return {
        level: count
        for level, count in other.levels.items()
        if count and level not in reference.levels
    }


def _floored(shares: Shares) -> Shares:
    return (shares + _FLOOR) / (1 + _FLOOR * len(shares))


def _divergence(shares: Shares, middle: Shares) -> float:
    there = shares > 0
    found = shares[there]
    return float((found * np.log2(found / middle[there])).sum())


def _on_same_cells(
    reference: NumberProfile, other: NumberProfile
) -> tuple[Shares, Shares]:
    cells = sorted({*reference.cells, *other.cells})
    ours = [reference.cells.get(cell, 0) for cell in cells]
    theirs = [other.cells.get(cell, 0) for cell in cells]
    return np.array(ours, dtype=float), np.array(theirs, dtype=float)


def _in_deciles(
    reference: NumberProfile, other: NumberProfile
) -> tuple[Shares, Shares]:
    ours, theirs = _on_same_cells(reference, other)
    # Halves up: a cell belongs to the decile in which its middle lies.
    below = (ours.cumsum() - ours / 2) / reference.count
    bins = np.minimum((below * _BINS).astype(int), _BINS - 1)
    found = [
        np.bincount(bins, each, minlength=_BINS).astype(np.float64)
        for each in (ours, theirs)
    ]
    return found[0], found[1]


def _in_usual_levels(
    reference: CategoryProfile, other: CategoryProfile
) -> tuple[Shares, Shares]:
    least = _USUAL_SHARE * reference.count
    usual = [x for x, count in reference.levels.items() if count >= least]
    ours, theirs = (
        [each.levels.get(level, 0) for level in usual]
        for each in (reference, other)
    )
    return (
        np.array([*ours, reference.count - sum(ours)], dtype=float),
        np.array([*theirs, other.count - sum(theirs)], dtype=float),
    )
