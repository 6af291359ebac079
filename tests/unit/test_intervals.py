"""Intervals hold as many prices as they say, and never lose their price."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxi_fare.cli.show_steps import show_prediction
from taxi_fare.cli.show_watch import show_watch
from taxi_fare.core.choices import COVERAGES
from taxi_fare.core.columns import CATEGORICAL_FEATURES
from taxi_fare.core.errors import RegistryConflictError, WrongUsageError
from taxi_fare.core.intervals import (
    PAYMENTS,
    PRICE_LIMITS,
    RATE_CODES,
    Intervals,
    parse_intervals,
)
from taxi_fare.evaluation.conformal import (
    ERROR_LIMITS,
    calibrated,
    count_errors,
)
from taxi_fare.evaluation.coverage import Covered
from taxi_fare.evaluation.metrics import Numbers
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.trees import Node

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
LIMITS = (10.0, 30.0, 60.0)


def _rides(codes: Any, payments: Any = None) -> pa.Table:
    paid = ["1"] * len(codes) if payments is None else payments
    return pa.table(
        {
            "RatecodeID": pa.array(codes, pa.string()),
            "payment_type": pa.array(paid, pa.string()),
        }
    )


def _intervals(features: pa.Table, paid: Numbers, found: Numbers) -> Intervals:
    bounds = calibrated(count_errors(features, paid, found))
    assert bounds is not None
    return Intervals.model_validate(
        {
            "schema_version": 1,
            "run_id": "a-run",
            "timestamp": "2026-01-01T00:00:00+00:00",
            "simulated": True,
            "month": "2023-04",
            "trips": len(paid),
            "price_limits": PRICE_LIMITS,
            "rate_codes": RATE_CODES,
            "payments": PAYMENTS,
            "by_coverage": bounds,
        }
    )


def _month(seed: int, trips: int) -> tuple[pa.Table, Numbers, Numbers]:
    """Return rides whose errors grow with the price, and lean to one side."""
    draw = np.random.default_rng(seed)
    codes = draw.choice(["1", "2", "3", "5"], trips, p=[0.9, 0.06, 0.02, 0.02])
    found = draw.gamma(2, 8, trips) + 4
    found = np.where(codes == "2", draw.normal(60, 3, trips), found)
    error = found / 10 * (draw.gamma(2, 0.5, trips) - 0.8)
    return _rides(codes), np.maximum(found + error, 0.01), found


def test_a_new_month_is_covered_as_it_was_stated() -> None:
    """All of it, and each price bucket."""
    intervals = _intervals(*_month(1, 20_000))
    covered = Covered.of_batch(
        *_month(2, 20_000), intervals=intervals, limits=LIMITS
    )
    told = covered.to_document(intervals)
    assert told is not None
    for stated in COVERAGES:
        # Where a cell has few trips, it is a little cautious.
        assert -0.01 < told.coverage[stated] - stated / 100 < 0.04
    assert [*told.by_price_bucket] == ["low", "medium", "high", "very_high"]
    for bucket in told.by_price_bucket.values():
        assert bucket.coverage[90] > 0.85
    widths = [x.mean_width[90] for x in told.by_price_bucket.values()]
    assert widths == sorted(widths), "wide where it must be"


@pytest.mark.parametrize("shown", ["watch", "predict"])
def test_what_intervals_held_is_printed_by_price(
    shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Wherever a document that holds it is: one table, with the width."""
    watch = json.loads((DOCUMENTS / "watch.json").read_text())
    coverage = watch["accuracy"]["coverage"]
    if shown == "watch":
        show_watch(Watch.model_validate(watch), reports=Path("reports"))
    else:
        report = json.loads((DOCUMENTS / "predict_report.json").read_text())
        coverage["by_price_bucket"]["low"] |= {"coverage": {}}
        coverage["by_price_bucket"]["low"] |= {"mean_width": {}}
        document = PredictReport.model_validate(
            report | {"intervals": coverage}
        )
        show_prediction(document, reports=Path("reports"))
    lines = [x.split() for x in capsys.readouterr().out.splitlines()]
    (first,) = (x for x, line in enumerate(lines) if "intervals" in line)
    low = "1,994 80.1% 88.2% 94.0% $3.10"
    if shown == "predict":
        low = "1,994 - - - -"
    told = (
        "Prices in intervals Trips Of 80 % Of 90 % Of 95 % Mean width of 90 %",
        "all trips 9,970 81.2% 91.3% 95.7% $5.90",
        f"low {low}",
        "very high 7,976 75.0% 86.1% 93.0% $21.50",
    )
    assert lines[first : first + 4] == [each.split() for each in told]


def test_predictions_without_intervals_print_no_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The model has none, or what was paid is not known."""
    report = json.loads((DOCUMENTS / "predict_report.json").read_text())
    document = PredictReport.model_validate(report)
    show_prediction(document, reports=Path("reports"))
    assert "intervals" not in capsys.readouterr().out


@settings(max_examples=30)
@given(
    st.integers(0, 2**32 - 1), st.integers(100, 3_000), st.floats(-50, 2_000)
)
def test_ends_hold_the_prediction_and_each_other(
    seed: int, trips: int, price: float
) -> None:
    """Whatever the month and the price: a greater coverage is wider."""
    intervals = _intervals(*_month(seed, trips))
    for code in ("1", "2", "3", "99", "unknown"):
        for payment in ("1", "2", "4", "unknown"):
            features, before = _rides([code], [payment]), (price, price)
            for stated in COVERAGES:
                low, high = intervals.around(
                    np.array([price]), features, coverage=stated
                )
                assert low[0] <= before[0] <= price <= before[1] <= high[0]
                assert low[0] >= min(price, 0.0)
                before = low[0], high[0]


def test_a_rank_worked_out_by_hand() -> None:
    """Of 999 errors from -4.99 to 4.99: so many are left out on each side."""
    errors = np.linspace(-4.99, 4.99, 999)
    found = np.full(999, 45.0)
    intervals = _intervals(_rides(["1"] * 999), found + errors, found)
    at = int(np.searchsorted(PRICE_LIMITS, 45.0))
    bounds = intervals.by_coverage[90]
    # 50 of 1,000 ranks, and the 6.9 that they are sure to: the 43rd.
    assert bounds.lower[0][at] == pytest.approx(-4.6)
    assert bounds.upper[0][at] == pytest.approx(4.6)
    # No other cell has a trip: all of them ask this one.
    assert {value for row in bounds.lower for value in row} == {
        bounds.lower[0][at]
    }


def test_cash_is_sure_where_a_card_may_tip() -> None:
    """Each way to pay has its own width, and holds what it says."""
    draw = np.random.default_rng(5)

    def month(trips: int) -> tuple[pa.Table, Numbers, Numbers]:
        found, paid_by = draw.uniform(8, 20, trips), draw.choice(2, trips)
        spread = np.where(paid_by == 0, 3.0, 0.5)
        error = draw.normal(0, spread)
        features = _rides(["1"] * trips, np.array(PAYMENTS)[paid_by])
        return features, found + error, found

    intervals = _intervals(*month(20_000))
    features, paid, found = month(20_000)
    low, high = intervals.around(found, features, coverage=90)
    for payment, spread in zip(PAYMENTS, (3.0, 0.5), strict=True):
        some = np.asarray(features["payment_type"]) == payment
        held = (low[some] <= paid[some]) & (paid[some] <= high[some])
        assert held.mean() == pytest.approx(0.9, abs=0.02)
        width = (high - low)[some].mean()
        # 1.645 standard deviations on each side.
        assert width == pytest.approx(2 * 1.645 * spread, rel=0.1)


def test_a_few_rides_ask_those_paid_for_alike_first() -> None:
    """A rare rate code, in cash: others in cash say more of it than cards."""
    draw = np.random.default_rng(6)
    codes = ["1"] * 2_000 + ["3"] * 50
    payments = [*["1"] * 1_000, *["2"] * 1_000, *["2"] * 50]
    found = np.full(2_050, 45.0)
    error = draw.normal(0, [*[5.0] * 1_000, *[0.5] * 1_050])
    intervals = _intervals(_rides(codes, payments), found + error, found)
    low, high = intervals.around(
        np.array([45.0]), _rides(["3"], ["2"]), coverage=90
    )
    assert high[0] - low[0] == pytest.approx(2 * 1.645 * 0.5, rel=0.2)


def test_intervals_of_before_payments_are_read_as_they_were() -> None:
    """Versions that are registered have a row for each rate code alone."""
    document = _intervals(*_month(1, 5_000)).to_document()
    for bounds in document["by_coverage"].values():
        for end in ("lower", "upper"):
            bounds[end] = bounds[end][:: len(PAYMENTS) + 1]
    del document["payments"]
    old = parse_intervals(json.dumps(document).encode(), place="a file")
    found = np.array([45.0, 45.0])
    for code in ("1", "2", "99"):
        ends = old.around(found, _rides([code] * 2, ["1", "2"]), coverage=90)
        at = old.rate_codes.index(code) if code in old.rate_codes else 3
        column = int(np.searchsorted(PRICE_LIMITS, 45.0))
        upper = document["by_coverage"]["90"]["upper"][at][column]
        assert ends[1].tolist() == [45.0 + upper] * 2


def test_batches_add_up() -> None:
    """Counts of the whole are those of its parts."""
    features, paid, found = _month(3, 1_000)
    whole = count_errors(features, paid, found)
    parts = [
        count_errors(
            features.slice(*x),
            paid[slice(x[0], x[0] + x[1])],
            found[slice(x[0], x[0] + x[1])],
        )
        for x in ((0, 300), (300, 700))
    ]
    assert np.array_equal(whole, parts[0] + parts[1])
    assert whole.sum() == 1_000


@given(st.floats(-1_200, 1_200))
def test_an_error_lies_on_its_step(error: float) -> None:
    """Above the limit below it; at most at its own, or one step on."""
    counts = count_errors(
        _rides(["1"]), np.array([error + 50.0]), np.array([50.0])
    )
    place = int(counts.sum(axis=(0, 1, 2)).argmax())
    exact = int(np.searchsorted(ERROR_LIMITS, (error + 50.0) - 50.0))
    assert abs(place - exact) <= 1


def test_too_few_trips_have_no_intervals() -> None:
    """99 errors do not tell what lies beyond 95 %."""
    features, paid, found = _month(4, 99)
    assert calibrated(count_errors(features, paid, found)) is None


def _predictor(intervals: Intervals | None) -> FarePredictor:
    levels: dict[str, tuple[str, ...]] = dict.fromkeys(
        CATEGORICAL_FEATURES, ()
    )
    model = PortableModel(levels, ((Node(12.0),),))
    return FarePredictor(model, {}, intervals)


TRIP = {
    "VendorID": 1,
    "tpep_pickup_datetime": "2023-06-01T12:00:00",
    "tpep_dropoff_datetime": "2023-06-01T12:10:00",
    "passenger_count": 1,
    "trip_distance": 2.0,
    "RatecodeID": 1,
    "store_and_fwd_flag": "N",
    "PULocationID": 230,
    "DOLocationID": 161,
    "payment_type": 1,
}


def test_a_predictor_tells_its_interval() -> None:
    """Or that it has none, or none of that coverage."""
    trip = TRIP | {
        name: datetime.fromisoformat(str(TRIP[name]))
        for name in ("tpep_pickup_datetime", "tpep_dropoff_datetime")
    }
    assert _predictor(None).interval([trip]) is None
    predictor = _predictor(_intervals(*_month(1, 5_000)))
    found = predictor.interval([trip], coverage=95)
    assert found is not None
    low, high = found
    assert low[0] < 12.0 < high[0]
    with pytest.raises(WrongUsageError, match="no intervals of 99 %"):
        predictor.interval([trip], coverage=99)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("price_limits", [10.0, 10.0]),
        ("price_limits", [10.0]),
        ("rate_codes", ["1"]),
        ("payments", []),
        ("by_coverage", {"90": {"lower": [[-1.0]], "upper": [[1.0]]}}),
    ],
)
def test_a_table_of_another_shape_is_refused(
    key: str, value: Any, tmp_path: Path
) -> None:
    """It would give wrong numbers in silence."""
    document = _intervals(*_month(1, 1_000)).to_document() | {key: value}
    with pytest.raises(RegistryConflictError, match="is damaged"):
        parse_intervals(json.dumps(document).encode(), place="intervals.json")


def test_an_interval_without_its_price_is_refused() -> None:
    """A lower end above the prediction is no end."""
    document = json.loads(_intervals(*_month(1, 1_000)).model_dump_json())
    document["by_coverage"]["90"]["lower"][0][0] = 0.5
    with pytest.raises(RegistryConflictError, match="without its prediction"):
        parse_intervals(json.dumps(document).encode(), place="intervals.json")
