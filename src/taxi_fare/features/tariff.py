"""Fit the tariff: a robust line by what a meter counts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import BY_TARIFF, FEATURES, LABEL
from taxi_fare.core.tariff import ADD_UP, TERMS, Numbers, Tariff, Term

# Within 1.35 deviations errors count as squares, beyond them as they are: 95 %
# as efficient as least squares where errors are normal.
_EPSILON = 1.35
# From the median of absolute errors to the deviation of a normal distribution.
_DEVIATIONS = 1.4826
_CENT = 0.01
# A few trips have their own line: one of 900 dollars for no mile would price
# the next at a million. Trees know what is rare.
_FEWEST = 50
# The line is found when no price moves by more than this, dollars; later steps
# would move less.
_STILL, _MOST_STEPS = 1e-4, 100


@dataclass(frozen=True)
class FittedTariff:
    """
    A tariff, and what it explains of the prices.

    Parameters
    ----------
    explained : float
        Share of the prices' variance, 0 to 1.
    importance : dict of str to float
        Of that, the share of each feature that it looks at; they sum up
        to 1.
    """

    tariff: Tariff
    explained: float
    importance: dict[str, float]

    @property
    def stage(self) -> SQLTransformer:
        """What adds ``by_tariff``, dollars, to trips."""
        return SQLTransformer(statement=self.tariff.statement)

    def importance_with(self, trees: Mapping[str, float]) -> dict[str, float]:
        """
        Return each feature's share in what tariff and trees explain.

        Trees that split by nothing leave all of it to the tariff.
        """
        explained = self.explained if any(trees.values()) else 1.0
        rest = 1.0 - explained
        shares = {
            name: explained * self.importance.get(name, 0.0) + rest * share
            for name, share in trees.items()
        }
        return dict(sorted(shares.items(), key=lambda pair: -pair[1]))


def adding_up() -> SQLTransformer:
    """Return the stage that adds what the trees predict to the tariff."""
    return SQLTransformer(statement=ADD_UP)


def fit_tariff(sample: pa.Table) -> FittedTariff:
    """
    Fit a robust linear regression of prices on the terms.

    A wrong total would bend a line that is fitted by least squares.

    Parameters
    ----------
    sample : pyarrow.Table
        The 12 features and the label, in any order.
    """
    # Sums depend on the order of what is added up: this one is the same
    # whoever read the trips.
    keys = [(name, "ascending") for name in (LABEL, *FEATURES)]
    sample = sample.sort_by(keys)
    paid = sample[LABEL].to_numpy()
    terms = {
        name: term.values(sample) * _told_by_enough(term, sample)
        for name, term in TERMS.items()
    }
    columns = np.column_stack([np.ones(len(paid)), *terms.values()])
    base, *dollars = _robust_line(columns, paid).tolist()
    tariff = Tariff(base, dict(zip(TERMS, dollars, strict=True)))
    rest = float((paid - tariff.prices(sample)).var())
    explained = 1.0 - rest / (float(paid.var()) or 1.0)
    return FittedTariff(
        tariff, min(max(explained, 0.0), 1.0), _importance(tariff, terms)
    )


def beyond_tariff(
    features: DataFrame, tariff: FittedTariff, *, most: float
) -> DataFrame:
    """
    Take the tariff from the label: trees learn what is left.

    Parameters
    ----------
    most : float
        Dollars that a trip may lie beside the tariff, at most: what lies
        farther teaches no more than that.
    """
    rest = F.col(LABEL) - F.col(BY_TARIFF)
    kept = F.greatest(F.lit(-most), F.least(F.lit(most), rest))
    return (
        tariff.stage.transform(features)
        .withColumn(LABEL, kept)
        .select(*features.columns)
    )


def _told_by_enough(term: Term, sample: pa.Table) -> bool:
    """Tell whether enough trips have a term's levels, and enough have not."""
    having = Term("", term.levels).values(sample).sum()
    most = sample.num_rows - _FEWEST
    return not term.levels or bool(_FEWEST <= having <= most)


def _robust_line(columns: Numbers, paid: Numbers) -> Numbers:
    """
    Minimize Huber's loss by weighted least squares, step by step.

    Source: P. J. Huber, Robust Estimation of a Location Parameter, 1964; P. W.
    Holland, R. E. Welsch, Robust Regression Using Iteratively Reweighted
    Least-Squares, 1977.
    """
    scales = np.sqrt((columns**2).sum(axis=0))
    # A term that no trip has gets no dollars.
    scaled = columns / np.where(scales > 0, scales, 1.0)
    weights, prices = np.ones(len(paid)), np.zeros(len(paid))
    line = np.zeros(columns.shape[1], dtype=np.float64)
    for _ in range(_MOST_STEPS):
        weighted = scaled * weights[:, None]
        moments = weighted.T @ scaled, weighted.T @ paid
        line = np.asarray(np.linalg.lstsq(*moments)[0], dtype=np.float64)
        before, prices = prices, scaled @ line
        if np.abs(prices - before).max() < _STILL:
            break
        errors = np.abs(paid - prices)
        limit = _EPSILON * max(_DEVIATIONS * float(np.median(errors)), _CENT)
        weights = limit / np.maximum(errors, limit)
    return np.where(scales > 0, line / np.where(scales > 0, scales, 1.0), 0.0)


def _importance(
    tariff: Tariff, terms: Mapping[str, npt.NDArray[np.float64]]
) -> dict[str, float]:
    """Return each feature's share in the variance of the terms."""
    shares: dict[str, float] = {}
    for name, dollars in tariff.dollars.items():
        features = TERMS[name].features
        variance = dollars**2 * float(terms[name].var())
        for feature in features:
            share = variance / len(features)
            shares[feature] = shares.get(feature, 0.0) + share
    total = sum(shares.values()) or 1.0
    return {name: share / total for name, share in shares.items()}
