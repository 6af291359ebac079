"""Trips are put side by side, and none is lost or priced otherwise."""

import numpy as np
import pytest
from xgboost import XGBRegressor

from taxi_fare.training import row_order
from taxi_fare.training.algorithms import EncodedTrips

PARAMETERS = {
    "feature_types": ["q", "q", "c"],
    "tree_method": "hist",
    "max_depth": 5,
    "n_estimators": 9,
    "colsample_bytree": 0.7,
    "random_state": 42,
}


@pytest.fixture
def trips() -> EncodedTrips:
    """Miles, hours and zones, in no order."""
    random = np.random.default_rng(7)
    miles = random.gamma(2.0, 1.5, 5_000)
    hours, zones = random.integers(0, 24, 5_000), random.integers(0, 9, 5_000)
    noise = random.normal(0, 1, 5_000)
    paid = 3 + 2.5 * miles + 4 * (zones % 3) + (hours > 16) + noise
    matrix = np.column_stack([miles, hours, zones])
    return EncodedTrips(matrix.astype(np.float32), paid.astype(np.float32))


@pytest.mark.parametrize("at_once", [700, 10_000])
def test_trips_are_the_same_side_by_side(
    trips: EncodedTrips, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its own price, in the stretches that are moved at once."""
    monkeypatch.setattr(row_order, "_AT_ONCE", at_once)
    before = np.column_stack([trips.matrix, trips.paid])
    row_order.bring_together(trips, PARAMETERS)
    after = np.column_stack([trips.matrix, trips.paid])
    assert not np.array_equal(before, after)
    for start in range(0, 5_000, at_once):
        part = slice(start, start + at_once)
        ours, theirs = (
            sorted(map(tuple, each[part])) for each in (before, after)
        )
        assert ours == theirs
    # Neighbours are alike now: that is what it is for.
    jumps = [np.abs(np.diff(x[:700, 0])).mean() for x in (before, after)]
    assert jumps[1] < 0.5 * jumps[0]


def test_the_trees_are_the_same(trips: EncodedTrips) -> None:
    """To the last digit that they are told with."""
    fit = XGBRegressor(**PARAMETERS).fit
    before = fit(trips.matrix, trips.paid).get_booster()
    dump = before.get_dump(with_stats=True)
    row_order.bring_together(trips, PARAMETERS)
    after = XGBRegressor(**PARAMETERS).fit(trips.matrix, trips.paid)
    assert after.get_booster().get_dump(with_stats=True) == dump
