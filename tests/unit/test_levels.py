"""Which levels of a category a model tells apart, from sums of each."""

import numpy as np
import pyarrow as pa
import pytest

from taxi_fare.core.columns import CATEGORICAL_FEATURES
from taxi_fare.features.levels import (
    _choose,
    added_up,
    choose_levels,
    collected_sums,
)


def _chosen(
    *levels: list[float], min_share: float = 0.0, min_variance: float = 0.0
) -> tuple[list[int], list[int]]:
    """Return the numbers of the usual levels and of those told apart."""
    prices = [np.array(each) for each in levels]
    sums = np.array(
        [
            [len(each) for each in prices],
            [each.sum() for each in prices],
            [np.square(each).sum() for each in prices],
        ],
        dtype=float,
    )
    usual, told_apart = _choose(
        sums, min_share=min_share, min_variance=min_variance
    )
    return np.flatnonzero(usual).tolist(), np.flatnonzero(told_apart).tolist()


@pytest.mark.parametrize(
    ("min_share", "expected"), [(0.25, [0, 1]), (0.2501, [0])]
)
def test_a_level_needs_a_share_of_the_trips(
    min_share: float, expected: list[int]
) -> None:
    """A level that has just that share has enough."""
    usual, told_apart = _chosen([10] * 3, [30], min_share=min_share)
    assert usual == told_apart == expected


@pytest.mark.parametrize(
    ("min_variance", "expected"),
    [(0.0, [0, 1]), (0.25, [0, 1]), (0.26, [1]), (0.75, [1])],
)
def test_a_level_needs_a_share_of_the_variance(
    min_variance: float, expected: list[int]
) -> None:
    """Three trips of 10 and one of 30: mean 15, 75 and 225 of 300."""
    usual, told_apart = _chosen([10] * 3, [30], min_variance=min_variance)
    assert (usual, told_apart) == ([0, 1], expected)


@pytest.mark.parametrize(
    ("min_variance", "expected"),
    [(0.35, [0, 1]), (0.36, [0]), (0.52, [0]), (0.53, [1])],
)
def test_prices_within_a_level_vary_too(
    min_variance: float, expected: list[int]
) -> None:
    """The levels account for 450 and 300 of 850; the last is the usual one."""
    found = _chosen([5, 15], [30, 35, 40], min_variance=min_variance)
    assert found == ([0, 1], expected)


def test_a_frequent_level_needs_both() -> None:
    """What is rare is not told apart, however dear it is."""
    found = _chosen([10] * 3, [30], min_share=0.5, min_variance=0.25)
    assert found == ([0], [0])


@pytest.mark.parametrize(
    "limits", [{"min_share": 0.9}, {"min_variance": 0.76}]
)
def test_the_most_frequent_level_is_left_where_none_would_be(
    limits: dict[str, float],
) -> None:
    """An encoder needs one; it is usual then, too."""
    usual, told_apart = _chosen([10] * 3, [30], **limits)
    assert told_apart == [0]
    assert 0 in usual


def test_equal_prices_leave_nothing_to_account_for() -> None:
    """Nobody has less than nothing; rounding below zero is no variance."""
    assert _chosen([8] * 3, [8], min_variance=1.0)[1] == [0, 1]
    assert _chosen([0.1] * 3, [0.1] * 7, min_variance=0.0)[1] == [0, 1]


def test_sums_of_batches_are_those_of_all_trips() -> None:
    """Trips, dollars and squared dollars of every level, in any batch."""
    zones = ["4", "7", "7", "4", "9"]
    paid = np.array([10.0, 20.0, 30.0, 5.0, 1.0])
    others = dict.fromkeys(CATEGORICAL_FEATURES, ["1"] * 5)
    features = pa.table(others | {"PULocationID": zones})
    batches = [
        collected_sums(features.slice(start, 2), paid[start : start + 2])
        for start in (0, 2, 4)
    ]
    sums = added_up(batches)
    found = {level: x.tolist() for level, x in sums["PULocationID"].items()}
    assert found == {
        "4": [2, 15, 125],
        "7": [2, 50, 1300],
        "9": [1, 1, 1],
    }
    assert sums["VendorID"]["1"].tolist() == [5, 66, 1426]
    levels = choose_levels(sums, min_share=0.4)
    assert levels.usual["PULocationID"] == ["4", "7"]
    assert levels.variance == pytest.approx(paid.var())


def test_a_level_may_cost_what_all_cost() -> None:
    """Unless a share of the variance is asked for, it is told apart."""
    values = {"a": np.array([2.0, 20.0, 250.0]), "b": np.array([1.0, 10, 100])}
    sums = dict.fromkeys(CATEGORICAL_FEATURES, values)
    found = choose_levels(sums, min_share=0.0)
    assert set(map(tuple, found.told_apart.values())) == {("a", "b")}
