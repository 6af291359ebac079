"""What a trip must have to be trained on, and what a model gets to see."""

from pathlib import Path

import pytest

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    FEATURES,
    INPUTS,
    LABEL,
    NULLABLE_INPUTS,
    NUMERIC_FEATURES,
    REQUIRED_COLUMNS,
    TRIP_COLUMNS,
    TRIP_FEATURES,
)
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.features import derive
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.scoring import derive as scoring
from taxi_fare.validation.rules import check_columns, missing_columns

CONTRACT = Path(__file__).parents[2] / "docs" / "data-contract.md"
MONEY = {
    "fare_amount",
    "extra",
    "mta_tax",
    "tip_amount",
    "tolls_amount",
    "improvement_surcharge",
    "total_amount",
    "congestion_surcharge",
    "airport_fee",
}


def test_features_are_those_of_the_description() -> None:
    """Six numbers and six categories, by their names in its tables."""
    assert set(NUMERIC_FEATURES) == {
        "trip_distance",
        "passenger_count",
        "trip_duration_min",
        "pickup_hour",
        "pickup_dayofweek",
        "pickup_month",
    }
    assert set(CATEGORICAL_FEATURES) == {
        "VendorID",
        "RatecodeID",
        "payment_type",
        "store_and_fwd_flag",
        "PULocationID",
        "DOLocationID",
    }
    assert LABEL == "total_amount"


def test_every_feature_is_defined_with_spark_and_without() -> None:
    """By its name, of columns that are declared, and documented."""
    assert derive.DEFINITIONS.keys() == set(FEATURES)
    assert scoring.DEFINITIONS.keys() == set(FEATURES)
    declared = {column.name for column in TRIP_COLUMNS}
    contract = CONTRACT.read_text(encoding="utf-8")
    for feature in TRIP_FEATURES:
        assert set(feature.sources) <= declared - MONEY
        assert feature.title
        assert f"| `{feature.name}` | {feature.kind} |" in contract


def test_a_trip_is_priced_without_what_may_be_unknown() -> None:
    """Times and the distance are needed; counts and codes are not."""
    assert set(INPUTS) - NULLABLE_INPUTS == {
        "tpep_pickup_datetime",
        "tpep_dropoff_datetime",
        "trip_distance",
    }
    assert {"passenger_count", *CATEGORICAL_FEATURES} == NULLABLE_INPUTS


def test_no_feature_holds_money() -> None:
    """A part of the total would tell the model the total."""
    assert {column.name for column in TRIP_COLUMNS} >= MONEY
    assert MONEY.isdisjoint(FEATURES)
    assert MONEY & set(REQUIRED_COLUMNS) == {LABEL}


def test_the_lake_has_the_declared_columns_in_their_order() -> None:
    """Another program can rely on names and types."""
    types = {name: str(LAKE_SCHEMA.field(name).type) for name in MONEY}
    assert LAKE_SCHEMA.names == [column.name for column in TRIP_COLUMNS]
    assert set(types.values()) == {"double"}
    assert str(LAKE_SCHEMA.field("tpep_pickup_datetime").type) == (
        "timestamp[us]"
    )


@pytest.mark.parametrize("column", REQUIRED_COLUMNS)
def test_every_required_column_is_missed(column: str) -> None:
    """One is enough to refuse the month, and it is named."""
    there = [name for name in REQUIRED_COLUMNS if name != column]
    assert missing_columns(there) == [column]
    with pytest.raises(DataRefusedError, match=f"lacks .*{column}"):
        check_columns("2023-01", columns=there)


def test_case_and_optional_columns_do_not_matter() -> None:
    """Other programs write airport_fee as Airport_fee, or not at all."""
    check_columns(
        "2023-01", columns=[name.upper() for name in REQUIRED_COLUMNS]
    )


def test_a_month_without_totals_can_be_predicted() -> None:
    """Who predicts needs every required column but the label."""
    needed = [name for name in REQUIRED_COLUMNS if name != LABEL]
    check_columns("2023-01", columns=needed, required=needed)
    assert missing_columns(needed) == [LABEL]
