"""Feature importance, summed back to the 12 features."""

import pytest

from taxi_fare.core.columns import FEATURES
from taxi_fare.training.importance import feature_importance


def test_slots_of_a_feature_are_summed() -> None:
    """The most important feature comes first; all 12 are there."""
    slots = ["trip_distance", "PULocationID", "PULocationID", "VendorID"]
    importance = feature_importance([0.3, 0.25, 0.25, 0.2], slots)
    assert list(importance.items())[:3] == [
        ("PULocationID", 0.5),
        ("trip_distance", 0.3),
        ("VendorID", 0.2),
    ]
    assert set(importance) == set(FEATURES)
    assert sum(importance.values()) == pytest.approx(1.0)


def test_every_slot_needs_a_feature() -> None:
    """A vector that does not fit its names is an error, not a shift."""
    with pytest.raises(ValueError, match="longer"):
        feature_importance([0.5, 0.5], ["trip_distance"])
