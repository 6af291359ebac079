"""How much each of the 12 features matters to a model."""

from collections.abc import Sequence

from taxi_fare.core.columns import FEATURES


def feature_importance(
    importances: Sequence[float], slots: Sequence[str]
) -> dict[str, float]:
    """Sum the importance of a vector's slots back to the features."""
    summed = dict.fromkeys(FEATURES, 0.0)
    for feature, importance in zip(slots, importances, strict=True):
        summed[feature] += float(importance)
    total = sum(summed.values()) or 1.0
    shares = {name: value / total for name, value in summed.items()}
    return dict(sorted(shares.items(), key=lambda pair: -pair[1]))
