"""Choose the levels of the categories that a model tells apart."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import CATEGORICAL_FEATURES, LABEL

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
_SUMS = ("trips", "dollars", "squares")


@dataclass(frozen=True)
class Levels:
    """
    Levels of the categorical features, in alphabetical order.

    Parameters
    ----------
    variance : float
        Of the price of the trips, dollars squared.
    """

    usual: dict[str, list[str]]
    told_apart: dict[str, list[str]]
    variance: float


# By feature and level: trips, dollars and squared dollars.
LevelSums = Mapping[str, Mapping[str, Floats]]


def level_sums(trips: DataFrame) -> LevelSums:
    """Sum up what the trips of each level cost, in one Spark job or two."""
    # First by all six together: a few hundred thousand combinations at most,
    # where exploding every trip would make six rows of each.
    price = F.col(LABEL)
    combined = trips.groupBy(*CATEGORICAL_FEATURES).agg(
        F.count(price).alias("trips"),
        F.sum(price).alias("dollars"),
        F.sum(price * price).alias("squares"),
    )
    pairs = [
        F.struct(F.lit(name).alias("feature"), F.col(name).alias("level"))
        for name in CATEGORICAL_FEATURES
    ]
    rows = (
        combined.select(F.explode(F.array(*pairs)).alias("pair"), *_SUMS)
        .groupBy("pair.feature", "pair.level")
        .agg(*(F.sum(name).alias(name) for name in _SUMS))
        .collect()
    )
    sums: dict[str, dict[str, Floats]] = {}
    for row in rows:
        values = np.array([row[name] for name in _SUMS], dtype=np.float64)
        sums.setdefault(row["feature"], {})[row["level"]] = values
    return sums


def collected_sums(features: pa.Table, paid: Floats) -> LevelSums:
    """
    Sum up what the trips of each level cost, of trips that are here.

    Parameters
    ----------
    features : pyarrow.Table
        The categories among the features.
    paid : ndarray of float64, shape (trips,)
        Dollars.
    """
    sums: dict[str, dict[str, Floats]] = {}
    for name in CATEGORICAL_FEATURES:
        column = features[name].combine_chunks().dictionary_encode()
        codes = column.indices.to_numpy()
        by_level = [
            np.bincount(codes, weights=each)
            for each in (np.ones_like(paid), paid, paid * paid)
        ]
        levels = column.dictionary.to_pylist()
        sums[name] = dict(zip(levels, np.stack(by_level, axis=1), strict=True))
    return sums


def added_up(parts: Iterable[LevelSums]) -> LevelSums:
    """Add the sums of some trips to those of others."""
    total: dict[str, dict[str, Floats]] = {}
    for part in parts:
        for feature, levels in part.items():
            mine = total.setdefault(feature, {})
            for level, values in levels.items():
                mine[level] = mine.get(level, 0.0) + values
    return total


def choose_levels(
    sums: LevelSums, *, min_share: float, min_variance: float = 0.0
) -> Levels:
    """
    Choose levels by how many trips have them, and by the price of these.

    What a level accounts for of the price's variance is its term of the
    correlation ratio η² (R. A. Fisher, 1925): its share of the trips, times
    the square of how far their mean price is from that of all trips, divided
    by the variance. A level whose trips cost what others cost tells a model
    little, however frequent it is.

    Parameters
    ----------
    min_share : float
        Share of the trips that a level needs, in [0, 1].
    min_variance : float, optional
        Share of the price's variance that it must account for, in [0, 1].
    """
    levels = Levels({}, {}, _variance(sums))
    for feature in CATEGORICAL_FEATURES:
        mine = sorted(sums.get(feature, {}).items(), key=itemgetter(0))
        names = np.array([level for level, _ in mine])
        usual, told_apart = _choose(
            np.array([values for _, values in mine]).T,
            min_share=min_share,
            min_variance=min_variance,
        )
        levels.usual[feature] = names[usual].tolist()
        levels.told_apart[feature] = names[told_apart].tolist()
    return levels


def _variance(sums: LevelSums) -> float:
    """Return it from the sums of any one feature's levels."""
    levels = next(iter(sums.values()))
    trips, dollars, squares = np.sum([*levels.values()], axis=0)
    return float(squares / trips - (dollars / trips) ** 2) if trips else 0.0


def _choose(
    sums: Floats, *, min_share: float, min_variance: float
) -> tuple[Flags, Flags]:
    """Tell of each level whether it is usual, and whether it is told apart."""
    trips, dollars, squares = sums
    usual = trips >= min_share * trips.sum()
    mean = dollars.sum() / trips.sum()
    variation = max(squares.sum() - mean * dollars.sum(), 0.0)
    accounted = trips * (dollars / trips - mean) ** 2
    told_apart = usual & (accounted >= min_variance * variation)
    if not told_apart.any():
        told_apart = trips == trips.max()
    return usual | told_apart, told_apart
