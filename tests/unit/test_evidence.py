"""Sums by day give the metrics, and intervals that hold what they say."""

from statistics import median_low

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.metrics import METRICS
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.evaluation.day_sums import (
    DAYS,
    SUMS,
    DaySums,
    day_sums,
    figures_of,
    plain,
    rows_of,
)
from taxi_fare.evaluation.evidence import FEWEST_DAYS, intervals
from taxi_fare.evaluation.local_baselines import (
    MEAN,
    PAIR_MEDIAN,
    fit_trivial,
    packed,
)
from taxi_fare.evaluation.metrics import Numbers, collected_metrics
from taxi_fare.evaluation.slices import slices

SETTINGS = ErrorAnalysisSettings()


def _sums(error: Numbers, paid: Numbers, days: Numbers) -> DaySums:
    one = np.zeros(len(paid), dtype=np.intp)
    return day_sums(
        error, paid, days=days.astype(np.intp), codes={"all": (one, 1)}
    )


def test_figures_are_those_of_the_trips_themselves() -> None:
    """However they are parted into batches and days."""
    draw = np.random.default_rng(3)
    paid, error = draw.gamma(2, 8, 5_000), draw.normal(0.3, 3, 5_000)
    days = draw.integers(0, DAYS, 5_000)
    halves = [slice(0, 1_200), slice(1_200, None)]
    first, second = (_sums(error[x], paid[x], days[x]) for x in halves)
    total = (first + second).groups["all"].sum(axis=0)
    found = {name: float(x[0]) for name, x in figures_of(total).items()}
    metrics = collected_metrics(paid, paid - error).to_document()
    for name in METRICS:
        assert found[name] == pytest.approx(metrics[name], rel=1e-9)
    within = (np.abs(error) <= 2).mean()
    assert found["within_2_dollars"] == pytest.approx(within)
    assert rows_of(total).tolist() == [5_000]


def test_each_trip_is_summed_up_in_its_day_and_level() -> None:
    """Three trips by hand, one of them on the 31st."""
    error, paid = np.array([2.0, -3.0, 0.5]), np.array([10.0, 20.0, 30.0])
    sums = day_sums(
        error,
        paid,
        days=np.array([0, 0, 30]),
        codes={"two": (np.array([0, 1, 1]), 2)},
    ).groups["two"]
    assert sums.shape == (31, 2, len(SUMS))
    assert rows_of(sums)[[0, 0, 30, 30], [0, 1, 0, 1]].tolist() == [1, 1, 0, 1]
    assert rows_of(sums).sum() == 3
    figures = {name: x[0] for name, x in figures_of(sums).items()}
    assert figures["mae"].tolist() == [2.0, 3.0]
    assert figures["bias"].tolist() == [2.0, -3.0]
    assert figures["paid"].tolist() == [10.0, 20.0]
    # Two dollars are within two dollars.
    assert figures["within_2_dollars"].tolist() == [1.0, 0.0]
    assert figures["within_5_dollars"].tolist() == [1.0, 1.0]


def test_documents_hold_numbers_or_nothing() -> None:
    """NaN is no JSON."""
    assert plain(np.float64(1.5)) == 1.5
    assert plain(np.float64("nan")) is None
    assert plain(np.float64("inf")) is None


def test_what_is_not_defined_is_no_number() -> None:
    """No trip has no figure; equal prices have no R²."""
    nothing = figures_of(np.zeros((1, len(SUMS))))
    assert all(np.isnan(each).all() for each in nothing.values())
    same = _sums(np.ones(4), np.full(4, 20.0), np.arange(4))
    figures = figures_of(same.groups["all"].sum(axis=0))
    assert np.isnan(figures["r2"]).all()
    assert figures["rmse"].tolist() == [1.0]


def test_a_few_days_have_no_interval() -> None:
    """They say nothing about how days differ."""
    days = np.repeat(np.arange(FEWEST_DAYS - 1), 10)
    few = _sums(np.ones(len(days)), np.arange(len(days)) + 1.0, days)
    assert intervals(few.groups["all"], seed=1) is None


def test_a_group_of_a_single_day_has_no_interval() -> None:
    """Where the others have one."""
    draw = np.random.default_rng(1)
    days = np.repeat(np.arange(20), 30)
    paid, error = draw.gamma(2, 8, 600), draw.normal(0, 3, 600)
    codes = (days == 4).astype(np.intp)
    sums = day_sums(error, paid, days=days, codes={"two": (codes, 2)})
    found = intervals(sums.groups["two"], seed=1)
    assert found is not None
    lower, upper = found["bias"]
    assert np.isnan([lower[1], upper[1]]).all()
    assert lower[0] < upper[0]


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """In at least 90 % of 300 months whose days differ in level."""
    draw, held, truth, months = np.random.default_rng(7), 0, 0.5, 100
    days = np.repeat(np.arange(30), 40)
    paid = draw.gamma(2, 8, len(days))
    for _ in range(3):
        # Each month is a group: they are told together.
        every = []
        for _ in range(months):
            weather = draw.normal(truth, 1.0, 30)[days]
            error = weather + draw.normal(0, 2, len(days))
            every.append(_sums(error, paid, days).groups["all"])
        found = intervals(np.concatenate(every, axis=1), seed=1)
        assert found is not None
        lower, upper = found["bias"]
        assert lower.shape == (months,)
        held += int(((lower <= truth) & (truth <= upper)).sum())
    assert held / (3 * months) >= 0.90
    # Trips as units would be far too sure of themselves.
    narrow = 2 * 1.96 * error.std() / np.sqrt(len(error))
    assert upper[-1] - lower[-1] > 2 * narrow


def test_the_same_seed_gives_the_same_interval() -> None:
    """A report is written again with the same figures."""
    draw = np.random.default_rng(2)
    days = np.repeat(np.arange(30), 10)
    paid, error = draw.gamma(2, 8, 300), draw.normal(0, 3, 300)
    sums = _sums(error, paid, days).groups["all"]
    assert str(intervals(sums, seed=5)) == str(intervals(sums, seed=5))
    assert str(intervals(sums, seed=5)) != str(intervals(sums, seed=6))


TRIPS = pa.table(
    {
        "pickup_hour": [0.0, 6.0, 15.0, 16.0, 23.0],
        "pickup_dayofweek": [0.0, 6.0, 2.0, 3.0, 4.0],
        "PULocationID": ["132", "230", "unknown", "265", "1"],
        "DOLocationID": ["230", "138", "230", "230", "230"],
        "payment_type": ["1", "2", "unknown", "77", "0"],
        "VendorID": ["1", "2", "6", "99", "unknown"],
    }
)
PAID = np.array([10.0, 10.01, 30.0, 60.0, 60.01])


def test_slices_are_what_they_are_called() -> None:
    """Each level by a literal trip; limits belong to the lower bucket."""
    found = {
        each.name: [each.levels[x] for x in each.by.numpy(TRIPS, PAID)]
        for each in slices(SETTINGS)
    }
    assert found == {
        "price_bucket": ["low", "medium", "medium", "high", "very_high"],
        "airport": ["yes", "yes", "no", "no", "yes"],
        "borough": ["Queens", "Manhattan", "other", "N/A", "EWR"],
        "hour_band": ["night", "morning", "midday", "evening", "late"],
        "weekday": ["Mon", "Sun", "Wed", "Thu", "Fri"],
        "payment_type": ["card", "cash", "other", "other", "flex fare"],
        "vendor": ["Creative Mobile", "Curb", "Myle", "other", "other"],
    }


def test_trivial_predictions_are_mean_and_median_of_the_pair() -> None:
    """The lower of two in the middle; the median of all for a new pair."""
    ends = {
        "PULocationID": ["1", "1", "1", "1", "2"],
        "DOLocationID": ["4", "4", "4", "4", "4"],
    }
    paid = np.array([10.0, 40.0, 20.0, 30.0, 100.0])
    halves = slice(0, 2), slice(2, None)
    trips = pa.table(ends)
    model = fit_trivial(
        packed(trips.slice(x.start, (x.stop or 5) - x.start), paid[x])
        for x in halves
    )
    asked = pa.table(
        {
            "PULocationID": ["1", "2", "9", "unknown"],
            "DOLocationID": ["4", "4", "4", "4"],
        }
    )
    found = model.predict(asked)
    assert found[MEAN].tolist() == [40.0] * 4
    assert found[PAIR_MEDIAN].tolist() == [20.0, 100.0, 30.0, 30.0]


ENDS = st.sampled_from([1, 2, 132, 263, 264, 265])
RIDES = st.lists(
    st.tuples(ENDS, ENDS, st.integers(0, 100_000)), min_size=1, max_size=40
)


@given(RIDES, st.integers(0, 40))
def test_trivial_predictions_are_those_of_the_definition(
    rides: list[tuple[int, int, int]], cut: int
) -> None:
    """Cent by cent, whatever the pairs and the batches are."""
    pickups, dropoffs, cents = zip(*rides, strict=True)
    trips = pa.table(
        {
            "PULocationID": [str(each) for each in pickups],
            "DOLocationID": [str(each) for each in dropoffs],
        }
    )
    paid = np.array(cents) / 100
    cut = min(cut, len(rides))
    batches = [
        packed(trips.slice(0, cut), paid[:cut]),
        packed(trips.slice(cut), paid[cut:]),
    ]
    found = fit_trivial(batches).predict(trips)
    assert found["mean"] == pytest.approx(paid.mean())
    pairs: dict[tuple[int, int], list[int]] = {}
    for pickup, dropoff, price in rides:
        pairs.setdefault((pickup, dropoff), []).append(price)
    expected = [median_low(pairs[x, y]) / 100 for x, y, _ in rides]
    assert found["zone-pair median"].tolist() == expected
    unknown = trips.slice(0, 1).set_column(
        0, "PULocationID", pa.array(["unknown"])
    )
    (other,) = fit_trivial(batches).predict(unknown)["zone-pair median"]
    assert other == median_low(cents) / 100
