"""Months of a folder are checked, and their levels summed up, in Arrow."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from taxi_fare.core.columns import FEATURES
from taxi_fare.core.documents import new_run_id
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.manifest import Split
from taxi_fare.core.months import parse_months
from taxi_fare.core.settings import Settings
from taxi_fare.features.levels import choose_levels
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.run import local_month
from taxi_fare.run.local_trips import local_trips
from taxi_fare.run.run import Run
from taxi_fare.run.trip_counts import counting_of
from taxi_fare.run.window import WindowRequest, find_window
from taxi_fare.scoring.encode import encode
from taxi_fare.training.recipes import chosen_recipe
from taxi_fare.validation.rules import OTHER_MONTH, trip_rules
from taxi_fare.workflows.gates import data
from taxi_fare.workflows.gates.data import check_window

MONTHS = parse_months("2023-01..2023-04")
TEST = MONTHS[-1]


def _no_spark(*_: object, **__: object) -> SparkSession:
    raise AssertionError("Spark is asked for")


def test_a_window_is_checked_without_spark(
    small_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless the settings ask for it."""
    monkeypatch.setattr(data, "model_session", _no_spark)
    request = WindowRequest(small_lake, test_month=TEST)
    report = check_window(request, settings=Settings())
    assert report.passed
    shares = [x.value for x in report.checks if "share of valid" in x.metric]
    assert len(shares) == len(MONTHS)
    assert all(0.9 < share <= 1 for share in shares)
    settings = Settings(prediction={"engine": "spark"})
    with pytest.raises(AssertionError, match="asked for"):
        check_window(request, settings=settings)


def test_a_month_of_other_trips_is_told(
    small_lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the month that its trips are of."""
    monkeypatch.setattr(data, "model_session", _no_spark)
    for month, source in (*((x, x) for x in MONTHS), (MONTHS[0], MONTHS[1])):
        file = tmp_path / "lake" / month.path / "trips.parquet"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(
            (small_lake / source.path / "trips.parquet").read_bytes()
        )
    lake = tmp_path / "lake"
    request = WindowRequest(lake, test_month=TEST)
    report = check_window(request, settings=Settings())
    assert not report.passed
    told = " ".join(x.metric for x in report.checks if not x.passed)
    assert "trips by the month of their pickup: 2023-02" in told
    months = read_catalog(lake).select([MONTHS[0]])
    counts = counting_of(months, Settings(), _no_spark).violations(
        trip_rules(Settings().validation)
    )
    found = counts[str(MONTHS[0])]
    assert found.violations[OTHER_MONTH] == found.rows == months[0].rows


def test_a_damaged_month_is_refused(small_lake: Path, tmp_path: Path) -> None:
    """By its file, as Spark's reader does."""
    file = tmp_path / "lake" / MONTHS[0].path / "trips.parquet"
    file.parent.mkdir(parents=True)
    content = bytearray(
        (small_lake / MONTHS[0].path / "trips.parquet").read_bytes()
    )
    content[200:400] = bytes(200)
    file.write_bytes(content)
    months = read_catalog(tmp_path / "lake").select([MONTHS[0]])
    counting = counting_of(months, Settings(), _no_spark)
    with pytest.raises(DataRefusedError, match=r"trips\.parquet"):
        counting.violations(trip_rules(Settings().validation))


@pytest.fixture
def run_of(small_lake: Path) -> Callable[[Settings], Run]:
    """Begin a run on the window."""

    def call(settings: Settings) -> Run:
        request = WindowRequest(small_lake, test_month=TEST)
        found = find_window(request, settings)
        return Run(new_run_id(), found, {}, chosen_recipe(settings), settings)

    return call


def test_levels_are_those_of_the_valid_train_trips(
    run_of: Callable[[Settings], Run],
) -> None:
    """Each trip has one level of each feature; the test month has none."""
    run = run_of(Settings())
    trips = local_trips(run, run.data.parts.train_months)
    assert trips is not None
    rules = trip_rules(run.settings.validation)
    counting = counting_of(run.data.months, run.settings, _no_spark)
    counts = counting.violations(rules)
    train = sum(
        counts[month].valid_rows for month in run.data.parts.train_months
    )
    for levels in trips.summed_up().levels.values():
        assert sum(trips for trips, _, _ in levels.values()) == train
    assert train < sum(each.valid_rows for each in counts.values())


def test_spark_sums_up_where_it_is_asked_for(
    run_of: Callable[[Settings], Run],
) -> None:
    """By the setting, or on a cluster."""
    for settings in (
        Settings(prediction={"engine": "spark"}),
        Settings(SPARK_MASTER="spark://host:7077"),
    ):
        run = run_of(settings)
        assert local_trips(run, run.data.parts.train_months) is None


def test_parts_of_the_same_months_are_sparks(
    run_of: Callable[[Settings], Run],
) -> None:
    """Only it knows which trips the legacy mode trains on."""
    run = run_of(Settings())
    split = Split(train_share=0.8, seed=1)
    parts = run.data.parts.model_copy(update={"split": split})
    data_ = type(run.data)(run.data.months, parts)
    legacy = Run(run.run_id, data_, {}, run.recipe, run.settings)
    assert local_trips(legacy, run.data.parts.train_months) is None


def test_trips_are_encoded_in_their_order(
    run_of: Callable[[Settings], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a portable model encodes them, in 32 bits, however many batches."""
    run = run_of(Settings())
    trips = local_trips(run, run.data.parts.train_months)
    assert trips is not None
    levels = choose_levels(trips.summed_up().levels, min_share=0.01).told_apart
    monkeypatch.setattr(local_month, "_ROWS_AT_ONCE", 90)
    found = trips.encoded(levels)
    pairs = [*trips.map(lambda features, paid: (features, paid))]
    expected = encode(pa.concat_tables(x for x, _ in pairs), levels=levels)
    assert found.matrix.dtype == found.paid.dtype == np.float32
    assert np.array_equal(found.matrix, expected.astype(np.float32))
    prices = np.concatenate([paid for _, paid in pairs])
    assert np.array_equal(found.paid, prices.astype(np.float32))
    assert len(np.unique(found.matrix[:, -1])) > 10


def test_trips_that_are_read_once_are_the_same(
    run_of: Callable[[Settings], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sums and numbers, whichever thread brings a level first."""
    run = run_of(Settings())
    trips = local_trips(run, run.data.parts.train_months)
    assert trips is not None
    monkeypatch.setattr(local_month, "_ROWS_AT_ONCE", 90)
    learnt, coded = trips.summed_up_and_coded()
    expected = trips.summed_up()
    for name, sums in expected.levels.items():
        assert {x: [*y] for x, y in learnt.levels[name].items()} == {
            x: [*y] for x, y in sums.items()
        }
    assert learnt.payments() == expected.payments()
    np.testing.assert_array_equal(learnt.routes.ways, expected.routes.ways)
    levels = choose_levels(learnt.levels, min_share=0.01).told_apart
    ours, theirs = coded.encoded(levels), trips.encoded(levels)
    assert ours.matrix.dtype == ours.paid.dtype == np.float32
    assert np.array_equal(ours.matrix, theirs.matrix)
    assert np.array_equal(ours.paid, theirs.paid)
    shared = theirs.matrix[:, -1] == len(levels[FEATURES[-1]])
    assert shared.any(), "no level shares the last index"
