"""How much each of the 12 features matters to a model."""

from collections.abc import Sequence

from taxi_fare.core.columns import FEATURES


def feature_importance(
    importances: Sequence[float], slots: Sequence[str]
) -> dict[str, float]:
    """
    Sum the importance of a vector's slots back to the features.

    Parameters
    ----------
    importances : sequence of float
        One for each slot, at least one of them positive: how much the splits
        on it reduced the error. MLlib gives the mean decrease in variance,
        XGBoost the total gain (Hastie, Tibshirani, Friedman, The Elements of
        Statistical Learning, 2009, section 10.13.1).
    slots : sequence of str
        The feature behind each slot.

    Returns
    -------
    dict of str to float
        By feature, all 12 of them, the most important first; summing to 1.
    """
    summed = dict.fromkeys(FEATURES, 0.0)
    for feature, importance in zip(slots, importances, strict=True):
        summed[feature] += float(importance)
    total = sum(summed.values()) or 1.0
    shares = {name: value / total for name, value in summed.items()}
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))
