"""Profiles add up, and distances of profiles keep their properties."""

from collections.abc import Callable
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.columns import TRIP_FEATURES, UNKNOWN_LEVEL
from taxi_fare.watching.counting import Counted, level_profile, number_profile
from taxi_fare.watching.distances import (
    Shares,
    jensen_shannon,
    kolmogorov_smirnov,
    new_levels,
    psi,
    shares_of,
)
from taxi_fare.watching.drift import column_changes, compared, drift
from taxi_fare.watching.grid import Grid
from taxi_fare.watching.profile import (
    MOST_LEVELS,
    CategoryProfile,
    NumberProfile,
    Profile,
    category_profile,
)
from taxi_fare.watching.profiled import COMPARED, WATCHED

GRID = Grid(0.25, 5)
DOLLARS = st.lists(
    st.floats(-2_000, 2_000, allow_nan=False), min_size=1, max_size=60
)
LEVELS = st.lists(st.sampled_from([*"abcdefgh"]), min_size=1, max_size=60)
BINS = st.lists(st.integers(0, 50), min_size=2, max_size=12).filter(any)


def _numbers(values: list[float]) -> NumberProfile:
    return number_profile(pa.array(values, pa.float64()), grid=GRID)


def _levels(values: list[str]) -> CategoryProfile:
    return level_profile(pa.array(values, pa.string()))


def _shares(counts: list[int]) -> Shares:
    return np.array(counts) / sum(counts)


@given(DOLLARS, DOLLARS)
def test_profiles_of_numbers_add_up(
    ours: list[float], theirs: list[float]
) -> None:
    """The profile of two months is that of all their trips."""
    added, whole = _numbers(ours) + _numbers(theirs), _numbers(ours + theirs)
    assert added.cells == whole.cells
    assert added.count == whole.count
    assert added.mean == pytest.approx(whole.mean, abs=1e-6)
    assert added.std == pytest.approx(whole.std, abs=1e-6)


@given(LEVELS, LEVELS)
def test_profiles_of_categories_add_up(
    ours: list[str], theirs: list[str]
) -> None:
    """Level by level."""
    assert _levels(ours) + _levels(theirs) == _levels(ours + theirs)


def test_rare_levels_are_counted_together() -> None:
    """A column that is no category makes no endless profile."""
    many = {f"{number:05}": 1 + number for number in range(MOST_LEVELS + 50)}
    found = category_profile(many, missing=3)
    assert len(found.levels) == MOST_LEVELS
    assert found.others == sum(range(1, 51))
    assert found.count == sum(many.values())


def test_what_is_missing_has_no_value() -> None:
    """Null, what is not finite, and the unknown level."""
    found = _numbers([1.0, float("nan"), float("inf")])
    assert (found.count, found.missing, found.mean) == (1, 2, 1.0)
    unknown = level_profile(pa.array(["a", None, UNKNOWN_LEVEL]))
    assert (unknown.count, unknown.missing) == (1, 2)
    nothing = _numbers([])
    assert (nothing + found) == found
    assert nothing.mean is None


@given(st.floats(-1e6, 1e6))
def test_a_value_is_in_its_cell(value: float) -> None:
    """From its least value on, up to that of the next cell."""
    (cell,) = (int(each) for each in GRID.cells_of(np.array([value])))
    least = GRID.start_of(cell)
    if value >= 0:
        assert least is not None
        assert least <= value
        is_last = cell == len(GRID.edges) - 1
        assert is_last or value < GRID.edges[cell + 1]
    else:
        end = GRID.start_of(cell + 1)
        assert end is not None
        assert value <= end
        assert least is None or least <= value


@given(BINS, st.randoms())
def test_psi_and_jensen_shannon_are_symmetric(
    counts: list[int], random: Random
) -> None:
    """On the same bins; and nothing is apart from itself."""
    ours = _shares(counts)
    mixed = list(counts)
    random.shuffle(mixed)
    theirs = _shares(mixed)
    for distance in (psi, jensen_shannon):
        assert distance(ours, ours) == pytest.approx(0, abs=1e-9)
        assert distance(ours, theirs) == pytest.approx(distance(theirs, ours))
        assert distance(ours, theirs) >= 0
    assert jensen_shannon(ours, theirs) <= 1


@pytest.mark.parametrize("distance", [psi, jensen_shannon])
@given(BINS, BINS, st.floats(0, 1))
def test_mixing_towards_the_reference_raises_nothing(
    distance: Callable[[Shares, Shares], float],
    counts: list[int],
    others: list[int],
    part: float,
) -> None:
    """The more trips of the reference a month has, the nearer it is."""
    size = min(len(counts), len(others))
    if not (any(counts[:size]) and any(others[:size])):
        return
    reference, other = _shares(counts[:size]), _shares(others[:size])
    mixed = part * reference + (1 - part) * other
    assert distance(reference, mixed) <= distance(reference, other) + 1e-7


@given(DOLLARS, DOLLARS)
def test_a_profile_is_no_distance_from_itself(
    ours: list[float], theirs: list[float]
) -> None:
    """By any statistic; and Kolmogorov's is that of the values, by cell."""
    one, other = _numbers(ours), _numbers(theirs)
    same = drift(one, one)
    assert same.psi == pytest.approx(0, abs=1e-9)
    assert same.jensen_shannon == pytest.approx(0, abs=1e-6)
    assert same.kolmogorov_smirnov == 0
    cells = [np.sort(GRID.cells_of(np.array(x))) for x in (ours, theirs)]
    every = np.union1d(*cells)
    below = [x.searchsorted(every, side="right") / len(x) for x in cells]
    expected = np.abs(below[0] - below[1]).max()
    assert kolmogorov_smirnov(one, other) == pytest.approx(expected)


def test_deciles_are_those_of_the_reference() -> None:
    """A tenth of its trips in each, and the month where it lies."""
    reference = _numbers([float(x) for x in range(100)])
    month = _numbers([5.0] * 50 + [95.0] * 50)
    shares = shares_of(reference, month)
    assert shares is not None
    assert shares[0] == pytest.approx(np.full(10, 0.1))
    assert shares[1].tolist() == [0.5, *[0.0] * 8, 0.5]


def test_what_the_reference_lacks_is_in_a_bin_of_it() -> None:
    """Beyond its last trip: in the last; where most of a cell lies counts."""
    reference = _numbers([1.0] * 50 + [2.0] * 30 + [3.0] * 20)
    month = _numbers([1.0] * 20 + [900.0] * 80)
    shares = shares_of(reference, month)
    assert shares is not None
    bins = dict(zip((2, 6, 9), (0.5, 0.3, 0.2), strict=True))
    assert shares[0] == pytest.approx([bins.get(x, 0) for x in range(10)])
    assert shares[1] == pytest.approx(
        [{2: 0.2, 9: 0.8}.get(x, 0) for x in range(10)]
    )


def test_rare_levels_are_one_bin() -> None:
    """Those of less than a hundredth of the reference, and new ones."""
    reference = category_profile(
        {"a": 970, "b": 10, "c": 9, "d": 11}, missing=5
    )
    month = category_profile({"a": 5, "c": 2, "z": 3}, missing=0)
    shares = shares_of(reference, month)
    assert shares is not None
    assert shares[0] == pytest.approx([0.97, 0.01, 0.011, 0.009])
    assert shares[1] == pytest.approx([0.5, 0.0, 0.0, 0.5])


def test_what_is_of_two_kinds_is_not_compared() -> None:
    """Neither way round."""
    number, category = _numbers([1.0]), _levels(["a"])
    for pair in ((number, category), (category, number)):
        with pytest.raises(TypeError, match="is compared with"):
            shares_of(*pair)


def test_known_distances() -> None:
    """Worked out by hand: by entropies, and with the floor of a bin."""
    ours, theirs = np.array([0.5, 0.5]), np.array([0.9, 0.1])

    def entropy(shares: Shares) -> float:
        """Of a distribution without a 0, in bits."""
        return float(-(shares * np.log2(shares)).sum())

    middle = (ours + theirs) / 2
    divergence = entropy(middle) - (entropy(ours) + entropy(theirs)) / 2
    assert jensen_shannon(ours, theirs) == pytest.approx(divergence**0.5)
    apart = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert jensen_shannon(*apart) == 1
    high, low = 1.0001 / 1.0002, 0.0001 / 1.0002
    by_hand = 2 * (high - low) * np.log(high / low)
    assert psi(*apart) == pytest.approx(by_hand, rel=1e-12)


def test_new_levels_are_told_with_their_share() -> None:
    """Most frequent first; not where the reference does not name all."""
    reference, month = _levels([*"aabb"]), _levels([*"abcccd"])
    found = drift(reference, month)
    assert found.new_levels == {"c": 3, "d": 1}
    assert found.new_levels_share == pytest.approx(4 / 6)
    many = {str(number): 1 for number in range(MOST_LEVELS + 1)}
    assert new_levels(category_profile(many, missing=0), month) == {}
    assert new_levels(_levels([]), month) == {}


def test_a_column_without_a_value_has_no_distance() -> None:
    """None, not NaN."""
    nothing = number_profile(pa.nulls(4, pa.float64()), grid=GRID)
    found = drift(nothing, _numbers([1.0, 2.0]))
    assert found.psi is found.jensen_shannon is found.mean_before is None
    assert (found.missing_share, found.missing_share_before) == (0, 1)
    assert drift(_numbers([1.0]), nothing).kolmogorov_smirnov is None


def test_columns_that_come_and_go_are_told() -> None:
    """Nothing of the type that pandas gives whole numbers with a null."""
    before = {
        "a": ("integer",),
        "b": ("text",),
        "c": ("null",),
        "d": ("text",),
    }
    now = {
        "a": ("number",),
        "b": ("number",),
        "c": ("text",),
        "e": ("number",),
    }
    found = column_changes(before, now)
    assert found is not None
    assert found.appeared == ("e",)
    assert found.vanished == ("d",)
    assert found.changed == {"b": (("text",), ("number",))}
    assert column_changes(None, now) is None


def test_every_feature_is_compared_but_the_month() -> None:
    """Another month is another month."""
    names = {each.name for each in TRIP_FEATURES} - {"pickup_month"}
    assert names < {*COMPARED}
    assert "congestion_surcharge" in COMPARED
    assert not {"prediction", "error"} & {*COMPARED}


def test_a_profile_is_small_whatever_the_trips_are() -> None:
    """At most 64 KB a month, as it is written without spaces."""
    draw = np.random.default_rng(1)
    wild = pa.array(draw.lognormal(3, 1.5, 200_000))
    codes = pa.array(draw.integers(0, 265, 200_000)).cast(pa.string())
    columns = {
        name: wild if each.grid else codes for name, each in WATCHED.items()
    }
    counted = Counted.of_batch(columns)
    profile = Profile(
        months=("2023-01",),
        rows=1,
        valid_rows=1,
        columns=None,
        numbers=counted.numbers,
        categories=counted.categories,
    )
    assert len(profile.model_dump_json()) < 64 * 1024
    assert compared(profile, profile, names=COMPARED).figures
    three = profile.model_copy(
        update={"months": ("2023-01", "2023-02", "2023-03"), "rows": 12}
    )
    assert compared(three, profile, names=()).trips_change == -0.75
