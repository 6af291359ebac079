"""The tariff: terms, what it costs, how it is fitted, how it is stated."""

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    FEATURES,
    LABEL,
    NUMERIC_FEATURES,
)
from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.core.tariff import TERMS, TERMS_ID, Tariff
from taxi_fare.features.tariff import FittedTariff, fit_tariff
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)

TARIFF = Tariff(
    4.0,
    dict.fromkeys(TERMS, 0.0)
    | {
        "miles": 2.5,
        "minutes": 0.5,
        "card": 1.0,
        "card_miles": 0.25,
        "code_2": 40.0,
        "code_2_miles": -2.0,
        "code_2_minutes": -0.5,
        "code_2_card": 8.0,
        "code_5_miles": 2.0,
    },
)


def _features(*trips: dict[str, Any]) -> pa.Table:
    """Trips of 2 miles and 10 minutes, paid in cash, but for what is told."""
    usual = {
        **dict.fromkeys(NUMERIC_FEATURES, 0.0),
        **dict.fromkeys(CATEGORICAL_FEATURES, "1"),
        "trip_distance": 2.0,
        "trip_duration_min": 10.0,
        "payment_type": "2",
    }
    return pa.Table.from_pylist([usual | trip for trip in trips])


def _many(count: int, *, seed: int) -> pa.Table:
    draw = np.random.default_rng(seed)
    return pa.table(
        {
            **{name: draw.uniform(0, 6, count) for name in NUMERIC_FEATURES},
            **{
                name: draw.choice(["1", "2", "3", "4", "5", "unknown"], count)
                for name in CATEGORICAL_FEATURES
            },
            "trip_distance": draw.gamma(2.0, 2.0, count),
            "trip_duration_min": draw.gamma(3.0, 5.0, count),
        }
    ).select(FEATURES)


@pytest.mark.parametrize(
    ("trip", "dollars"),
    [
        ({}, 4 + 5 + 5),
        ({"payment_type": "1"}, 4 + 5 + 5 + 1 + 0.5),
        ({"RatecodeID": "2"}, 4 + 5 + 5 + 40 - 4 - 5),
        (
            {"RatecodeID": "2", "payment_type": "1"},
            14 + 40 - 4 - 5 + 1 + 0.5 + 8,
        ),
        ({"RatecodeID": "5", "trip_distance": 20.0}, 4 + 50 + 5 + 40),
        ({"RatecodeID": "99"}, 14),
        ({"RatecodeID": "unknown", "payment_type": "unknown"}, 14),
        ({"trip_duration_min": 180.0}, 4 + 5 + 90),
        # The meter was left on: what 2 miles usually take.
        ({"trip_duration_min": 180.01}, 4 + 5 + 0.5 * (4 + 3.2 * 2)),
        # It broke: what 10 minutes usually come with, or 3 hours.
        ({"trip_distance": 200.01}, 4 + 2.5 * 2.5 + 5),
        (
            {"trip_distance": 301_815.0, "trip_duration_min": 1_439.0},
            4 + 2.5 * 45 + 0.5 * (4 + 3.2 * 45),
        ),
    ],
)
def test_prices_of_a_literal_tariff(
    trip: dict[str, Any], dollars: float
) -> None:
    """Worked out by hand; and what each feature adds sums up to it."""
    features = _features(trip)
    assert TARIFF.prices(features).tolist() == pytest.approx([dollars])
    added = TARIFF.added(features)
    assert TARIFF.base + sum(added.values()) == pytest.approx(dollars)
    assert added.keys() == {
        "trip_distance",
        "trip_duration_min",
        "payment_type",
        "RatecodeID",
    }


@given(
    st.lists(
        st.floats(-1e9, 1e9),
        min_size=len(TERMS) + 1,
        max_size=len(TERMS) + 1,
    )
)
def test_what_spark_is_told_can_be_read(dollars: list[float]) -> None:
    """To the last digit, whatever the dollars."""
    base, *others = dollars
    tariff = Tariff(base, dict(zip(TERMS, others, strict=True)))
    assert Tariff.of_statement(tariff.statement) == tariff


@pytest.mark.parametrize(
    "change",
    [
        ("trip_distance", "trip_duration_min"),
        (" FROM __THIS__", ", 1 AS one FROM __THIS__"),
        ("180.0D", "240.0D"),
        ("200.0D", "2.0D"),
        ("4.0D", "4.0"),
        ("SELECT *, 4.0D", "SELECT *, many"),
        ("SELECT *, 4.0D", "SELECT *, nanD"),
        ("SELECT *, 4.0D", "SELECT *, infD"),
    ],
)
def test_another_statement_is_no_tariff(change: tuple[str, str]) -> None:
    """One that this code would compute otherwise."""
    stated = TARIFF.statement
    assert change[0] in stated
    with pytest.raises(ValueError, match=r"tariff|many|finite"):
        Tariff.of_statement(stated.replace(*change))


def _fitted(features: pa.Table, paid: np.ndarray) -> FittedTariff:
    return fit_tariff(features.append_column(LABEL, pa.array(paid)))


def test_a_tariff_is_found_among_wrong_totals() -> None:
    """A tenth of the trips cost something absurd: prices stay."""
    features = _many(8_000, seed=1)
    draw = np.random.default_rng(2)
    paid = TARIFF.prices(features) + draw.normal(0, 0.3, 8_000)
    wrong = draw.random(8_000) < 0.1
    paid[wrong] = draw.uniform(0, 900, int(wrong.sum()))
    found = _fitted(features, paid).tariff
    miss = np.abs(found.prices(features) - TARIFF.prices(features))
    assert miss.max() < 0.5
    assert miss.mean() < 0.1
    # What least squares would make of them is far from it.
    terms = np.column_stack([x.values(features) for x in TERMS.values()])
    columns = np.column_stack([np.ones(8_000), terms])
    squares = columns @ np.linalg.lstsq(columns, paid)[0]
    assert np.abs(squares - TARIFF.prices(features)).mean() > 10


def test_a_broken_meter_bends_nothing() -> None:
    """A trip of 300,000 miles, or of a day, for 20 dollars."""
    broken = _features(
        *[{"trip_distance": 301_815.0}] * 5,
        *[{"trip_duration_min": 1_430.0}] * 5,
    ).select(FEATURES)
    features = pa.concat_tables([_many(2_000, seed=7), broken])
    paid = TARIFF.prices(features)
    paid[-10:] = 20.0
    found = _fitted(features, paid)
    assert found.tariff.prices(features) == pytest.approx(
        TARIFF.prices(features), abs=0.5
    )
    assert found.explained > 0.9


@pytest.mark.parametrize("count", [1, 2, 49])
def test_a_few_trips_of_a_code_have_no_line_of_their_own(count: int) -> None:
    """900 dollars for no mile would price the next at a million."""
    rare = [
        {"RatecodeID": "5", "trip_distance": 0.01 * (x + 1)}
        for x in range(count)
    ]
    usual = _many(3_000, seed=8)
    usual = usual.filter(pc.not_equal(usual["RatecodeID"], "5"))
    odd = _features(*rare).select(FEATURES)
    features = pa.concat_tables([usual, odd])
    paid = TARIFF.prices(features)
    paid[-count:] = 900.0
    far = _features({"RatecodeID": "5", "trip_distance": 20.0})
    (price,) = _fitted(features, paid).tariff.prices(far)
    assert 0 < price < 200


def test_one_kind_of_payment_says_nothing_of_another() -> None:
    """Where all pay by card, the same ride in cash is not half the price."""
    card, cash = ({"payment_type": kind} for kind in "12")
    drawn = [card | {"trip_distance": x / 100} for x in range(1_000)]
    features = _features(*drawn)
    paid = 8 + 3 * features["trip_distance"].to_numpy()
    found = _fitted(features, paid).tariff
    assert found.prices(_features(cash)) == pytest.approx(
        found.prices(_features(card))
    )


@given(st.floats(-1e7, 1e7), st.floats(-1e7, 1_440))
def test_no_trip_is_priced_at_a_million(miles: float, minutes: float) -> None:
    """Whatever a meter says, a price is one that a ride can have."""
    trip = {"trip_distance": miles, "trip_duration_min": minutes}
    (price,) = TARIFF.prices(_features(trip))
    assert 4 <= price <= 4 + 2.5 * 200 + 0.5 * 644


def test_an_exact_tariff_is_found_exactly() -> None:
    """It explains everything, in the order of what its terms move."""
    features = _many(2_000, seed=3)
    found = _fitted(features, TARIFF.prices(features))
    assert found.tariff.base == pytest.approx(TARIFF.base, abs=1e-6)
    for name, dollars in TARIFF.dollars.items():
        assert found.tariff.dollars[name] == pytest.approx(dollars, abs=1e-6)
    assert found.explained == pytest.approx(1)
    assert sum(found.importance.values()) == pytest.approx(1)


def test_the_order_of_the_trips_does_not_matter() -> None:
    """To the last digit: they may be read by whom they may."""
    features = _many(500, seed=4)
    paid = TARIFF.prices(features) + np.random.default_rng(5).normal(0, 2, 500)
    order = np.random.default_rng(6).permutation(500)
    assert _fitted(features.take(order), paid[order]) == _fitted(
        features, paid
    )


def test_what_no_trip_has_costs_nothing() -> None:
    """One kind of trips, all at one price: no term is made up."""
    features = _features(*[{"trip_distance": float(x)} for x in range(20)])
    found = _fitted(features, np.full(20, 12.0))
    assert found.tariff.dollars["code_4"] == 0
    assert found.tariff.dollars["card"] == 0
    assert found.tariff.prices(features) == pytest.approx(np.full(20, 12.0))
    assert 0 <= found.explained <= 1


def test_importance_is_that_of_tariff_and_trees() -> None:
    """What the tariff explains is its own, the rest is the trees'."""
    fitted = FittedTariff(TARIFF, 0.8, {"trip_distance": 1.0})
    shares = fitted.importance_with({"VendorID": 0.75, "trip_distance": 0.25})
    assert shares == pytest.approx({"trip_distance": 0.85, "VendorID": 0.15})
    assert [*shares] == ["trip_distance", "VendorID"]
    stumps = fitted.importance_with({"VendorID": 0.0, "trip_distance": 0.0})
    assert stumps == {"trip_distance": 1.0, "VendorID": 0.0}


def test_a_model_with_a_tariff_survives_its_file(
    literal_trees: PortableModel, tmp_path: Any
) -> None:
    """And predicts the sum, explained by the same features."""
    model = replace(literal_trees, tariff=TARIFF)
    model.write(tmp_path)
    content = (tmp_path / PORTABLE_FILE).read_bytes()
    read = parse_portable_model(content)
    assert read == model
    features = _features({"RatecodeID": "2", "payment_type": "1"})
    (trees,) = literal_trees.predict(features)
    (tariff,) = TARIFF.prices(features)
    assert read.predict(features).tolist() == [trees + tariff]
    base, added = read.explain(features)
    assert base + sum(added) == pytest.approx(trees + tariff)
    without, _ = literal_trees.explain(features)
    assert base == pytest.approx(without + TARIFF.base)
    # Its dollars would mean something else.
    other = content.replace(TERMS_ID.encode(), b"0123456789ab")
    with pytest.raises(IncompatibleModelError, match="terms '0123456789ab'"):
        parse_portable_model(other)
