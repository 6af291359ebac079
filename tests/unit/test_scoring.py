"""Prices without a JVM: features, levels, trees, explanations, loading."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.columns import CATEGORICAL_FEATURES, FEATURES
from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    ModelRefusedError,
    RegistryConflictError,
)
from taxi_fare.core.files import sha256_of
from taxi_fare.scoring import derive
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.encode import encode
from taxi_fare.scoring.exported.parity import check_parity
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    PortableModel,
    parse_portable_model,
)
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.trees import Node, Split

Trip = dict[str, Any]
MONDAY = datetime(2023, 6, 5, 23, 59)
TRIP: Trip = {
    "VendorID": 2,
    "tpep_pickup_datetime": MONDAY,
    "tpep_dropoff_datetime": MONDAY + timedelta(minutes=15.5),
    "passenger_count": 2,
    "trip_distance": 3.5,
    "RatecodeID": 1,
    "store_and_fwd_flag": "N",
    "PULocationID": 132,
    "DOLocationID": 230,
    "payment_type": 1,
}


@pytest.fixture
def predictor(portable_version: Path) -> FarePredictor:
    """The two literal trees, loaded."""
    return FarePredictor.load(portable_version)


def test_features_are_those_of_the_description() -> None:
    """Monday is 0, Sunday is 6; null is 0 passengers and a level."""
    sunday = datetime(2023, 6, 11)
    other = TRIP | {
        "tpep_pickup_datetime": sunday,
        "tpep_dropoff_datetime": sunday + timedelta(seconds=1),
        "passenger_count": None,
        "RatecodeID": None,
        "store_and_fwd_flag": None,
    }
    assert derive_features([TRIP, other]).to_pylist() == [
        dict(zip(FEATURES, values, strict=True))
        for values in (
            (3.5, 2.0, 15.5, 23.0, 0.0, 6.0, "2", "1", "1", "N", "132", "230"),
            (3.5, 0.0, 1 / 60, 0.0, 6.0, 6.0, "2", "unknown", "1", "unknown",
             "132", "230"),
        )
    ]  # fmt: skip


@pytest.mark.parametrize("blank", ["", " ", "   ", None])
def test_blank_is_unknown(blank: str | None) -> None:
    """However many blanks: they are no level of their own."""
    features = derive_features([TRIP | {"store_and_fwd_flag": blank}])
    assert features["store_and_fwd_flag"].to_pylist() == ["unknown"]


def test_a_count_beyond_what_doubles_hold_is_rounded() -> None:
    """As Spark does: nobody drives so many, and no batch ends for it."""
    features = derive_features([TRIP | {"passenger_count": 2**53 + 1}])
    assert features["passenger_count"].to_pylist() == [2.0**53]


def test_a_column_of_times_with_a_zone_is_refused() -> None:
    """A cast would make UTC of them without a word."""
    table = pa.Table.from_pylist([TRIP])
    place = table.column_names.index("tpep_pickup_datetime")
    zoned = pc.assume_timezone(table.column(place), "America/New_York")
    table = table.set_column(place, "tpep_pickup_datetime", zoned)
    with pytest.raises(DataRefusedError, match="zone America/New_York"):
        derive_features(table)


def test_rare_levels_share_the_index_after_the_last() -> None:
    """Null has the level ``unknown`` where there is one, else shares too."""
    trips = [TRIP | {"RatecodeID": code} for code in (1, 99, None)]
    features = derive_features(trips)
    column = FEATURES.index("RatecodeID")
    others = dict.fromkeys(CATEGORICAL_FEATURES, ())  # every level is rare
    for levels, expected in (
        (("1", "2", "unknown"), [0.0, 3.0, 2.0]),
        (("1", "2"), [0.0, 2.0, 2.0]),
    ):
        matrix = encode(features, levels=others | {"RatecodeID": levels})
        assert matrix[:, column].tolist() == expected
        assert matrix[:, column + 1].tolist() == [0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("changes", "dollars"),
    [
        ({}, 20.0 + 2.0),
        ({"trip_distance": 10.5}, 20.0 + 2.0),
        ({"trip_distance": 10.51}, 50.0 + 2.0),
        ({"RatecodeID": 2}, 20.0 + 8.0),
        ({"RatecodeID": None}, 20.0 + 8.0),
        ({"RatecodeID": 99}, 20.0 + 2.0),
        ({"PULocationID": 230}, 20.0 - 0.5),
        ({"PULocationID": 1}, 20.0 - 0.5),
        ({"passenger_count": None, "store_and_fwd_flag": None}, 22.0),
    ],
)
def test_prices_of_literal_trees(
    predictor: FarePredictor, changes: Trip, dollars: float
) -> None:
    """A threshold is inclusive; unseen levels go where the others go."""
    assert predictor.predict([TRIP | changes]).tolist() == [dollars]
    assert predictor.explain(TRIP | changes).prediction == dollars


def test_an_explanation_names_features(predictor: FarePredictor) -> None:
    """What a split adds belongs to the feature that it asks for."""
    why = predictor.explain(TRIP | {"DOLocationID": 7, "VendorID": None})
    assert why.base == 31.0
    moved = {name: x for name, x in why.contributions.items() if x}
    assert moved == {
        "trip_distance": -10.0,
        "PULocationID": 3.0,
        "RatecodeID": -2.0,
    }
    assert tuple(why.contributions) == FEATURES
    assert why.rare_levels == {"DOLocationID": "7", "VendorID": "unknown"}


def test_a_usual_level_is_not_rare_because_others_share_its_index(
    predictor: FarePredictor,
) -> None:
    """The manifest tells which levels were usual in training."""
    usual = {name: ["7"] for name in predictor.model.levels}
    manifest = {"features": {"usual_levels": usual}}
    told = FarePredictor(predictor.model, manifest)
    rare = told.explain(TRIP | {"DOLocationID": 7, "PULocationID": 8})
    assert "DOLocationID" not in rare.rare_levels
    assert rare.rare_levels["PULocationID"] == "8"


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "trip_distance": st.floats(0, 30),
                "PULocationID": st.sampled_from([132, 230, 1, None]),
                "RatecodeID": st.sampled_from([1, 2, 99, None]),
            }
        ),
        min_size=1,
        max_size=20,
    )
)
def test_one_by_one_is_the_same_as_all_at_once(
    literal_trees: Any, changes: list[Trip]
) -> None:
    """Two ways through the trees, one price; it is what is explained."""
    predictor = FarePredictor(literal_trees, {})
    trips = [TRIP | each for each in changes]
    singly = [predictor.explain(trip) for trip in trips]
    assert predictor.predict(trips).tolist() == [
        pytest.approx(each.prediction, abs=1e-9) for each in singly
    ]
    for each in singly:
        total = each.base + sum(each.contributions.values())
        assert total == pytest.approx(each.prediction, abs=1e-9)


def test_tables_and_rows_are_the_same(predictor: FarePredictor) -> None:
    """Other columns, chunks and smaller types do not matter."""
    trips = [TRIP | {"PULocationID": zone} for zone in (132, 7, 230)]
    table = pa.Table.from_pylist(trips)
    narrow = table.set_column(
        table.column_names.index("PULocationID"),
        "PULocationID",
        table["PULocationID"].cast(pa.int32()),
    ).append_column("tip_amount", pa.array([1.0, 2.0, 3.0]))
    chunked = pa.concat_tables([narrow.slice(0, 1), narrow.slice(1)])
    expected = predictor.predict(trips).tolist()
    assert expected == [22.0, 19.5, 19.5]
    for each in (table, narrow, chunked, table.to_batches()[0]):
        assert predictor.predict(each).tolist() == expected


def test_no_trips_have_no_prices(predictor: FarePredictor) -> None:
    """An empty list and an empty table."""
    for nothing in ([], pa.Table.from_pylist([TRIP]).slice(1)):
        assert predictor.predict(nothing).shape == (0,)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"trip_distance": None}, "trip_distance cannot be priced: null"),
        ({"trip_distance": float("nan")}, "not finite"),
        ({"tpep_dropoff_datetime": None}, "tpep_dropoff_datetime"),
        ({"tpep_pickup_datetime": MONDAY.replace(tzinfo=UTC)}, "zone UTC"),
        ({"passenger_count": 1.5}, "passenger_count cannot be priced"),
        ({"PULocationID": "JFK"}, "PULocationID cannot be priced"),
        ({"PULocationID": object()}, "PULocationID cannot be priced"),
    ],
)
def test_what_cannot_be_priced_is_refused(
    predictor: FarePredictor, changes: Trip, message: str
) -> None:
    """The column and the reason are named; no price is made up."""
    with pytest.raises(DataRefusedError, match=message):
        predictor.predict([TRIP, TRIP | changes])


def test_a_missing_column_is_named(predictor: FarePredictor) -> None:
    """In one row of several, and in a table: null would be another price."""
    short = {name: x for name, x in TRIP.items() if name != "RatecodeID"}
    for trips in ([TRIP, short], pa.Table.from_pylist([short])):
        with pytest.raises(DataRefusedError, match="lack RatecodeID"):
            predictor.predict(trips)


def test_a_registry_stands_for_its_current_model(
    portable_version: Path, tmp_path: Path
) -> None:
    """So does a link to a version."""
    registry = tmp_path / "registry"
    registry.mkdir()
    (registry / "current").symlink_to(portable_version)
    for path in (registry, registry / "current", str(registry)):
        loaded = FarePredictor.load(path)
        assert (loaded.model_id, loaded.simulated) == ("literal", True)


def test_a_model_survives_its_file(
    portable_version: Path, literal_trees: Any
) -> None:
    """Read back, it is equal, and it is plain JSON."""
    content = (portable_version / PORTABLE_FILE).read_bytes()
    assert parse_portable_model(content) == literal_trees
    document = json.loads(content)
    assert document["format"] == "taxi_fare.trees/3"
    assert document["features"]["names"] == list(FEATURES)
    assert document["trees"][1][0] == {
        "value": 1.0,
        "feature": "PULocationID",
        "levels": [0],
        "left": 1,
        "right": 4,
    }


def test_missing_models_are_told(
    portable_version: Path, tmp_path: Path
) -> None:
    """No folder, no model in it, or one that needs Spark: exit 3."""
    for path in (tmp_path / "nowhere", tmp_path):
        with pytest.raises(DataMissingError, match="There is no model in"):
            FarePredictor.load(path)
    (portable_version / PORTABLE_FILE).unlink()
    # Its manifest lists the file: it is not missing, it was lost.
    with pytest.raises(RegistryConflictError, match="is damaged: portable"):
        FarePredictor.load(portable_version)
    manifest = portable_version / "manifest.json"
    document = json.loads(manifest.read_text())
    del document["files"][PORTABLE_FILE]
    manifest.write_text(json.dumps(document))
    (portable_version / PORTABLE_FILE).parent.rmdir()
    with pytest.raises(DataMissingError, match="has no portable model"):
        FarePredictor.load(portable_version)


def test_a_changed_file_is_not_used(portable_version: Path) -> None:
    """One digit is enough; so is a manifest that lists no such file."""
    file = portable_version / PORTABLE_FILE
    content = file.read_bytes()
    file.write_bytes(content.replace(b"50.0", b"51.0"))
    with pytest.raises(RegistryConflictError, match="version is damaged"):
        FarePredictor.load(portable_version)
    file.write_bytes(content)
    manifest = portable_version / "manifest.json"
    document = json.loads(manifest.read_text()) | {"files": {}}
    manifest.write_text(json.dumps(document))
    with pytest.raises(RegistryConflictError, match="is damaged"):
        FarePredictor.load(portable_version)
    manifest.write_text("{")
    with pytest.raises(RegistryConflictError, match="cannot be explained"):
        FarePredictor.load(portable_version)


def _looping(document: Any) -> None:
    document["trees"][0][0]["left"] = 0


def _too_far(document: Any) -> None:
    document["trees"][0][0]["right"] = 3


def _other_version(document: Any) -> None:
    document["features"]["version"] += 1


def _other_order(document: Any) -> None:
    document["features"]["names"].reverse()


def _no_levels(document: Any) -> None:
    del document["features"]["levels"]["VendorID"]


def _wrong_kind(document: Any) -> None:
    document["trees"][1][0]["threshold"] = 3.0


def _no_root(document: Any) -> None:
    document["trees"][0] = []


@pytest.mark.parametrize(
    "change",
    [
        _looping,
        _too_far,
        _other_version,
        _other_order,
        _no_levels,
        _wrong_kind,
        _no_root,
    ],
)
def test_a_file_that_says_something_else_is_refused(
    portable_version: Path, change: Callable[[Any], None]
) -> None:
    """Even where its hash is right: no endless walk, no other features."""
    file = portable_version / PORTABLE_FILE
    document = json.loads(file.read_bytes())
    change(document)
    file.write_text(json.dumps(document))
    manifest = portable_version / "manifest.json"
    files = {"files": {PORTABLE_FILE: sha256_of(file)}}
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | files))
    with pytest.raises(RegistryConflictError, match="portable model is"):
        FarePredictor.load(portable_version)


def test_parity_is_the_greatest_difference(literal_trees: Any) -> None:
    """Too much is refused, and so is what is no number."""
    trips = pa.Table.from_pylist([TRIP, TRIP | {"trip_distance": 20.0}])

    def compared(*theirs: float) -> dict[str, Any]:
        tested = trips.append_column("prediction", pa.array(theirs))
        found = check_parity(literal_trees, tested=tested, limit_dollars=1e-6)
        return found.to_document()

    assert compared(22.0, 52.0 + 1e-9) == {
        "format": "taxi_fare.trees/3",
        "trips": 2,
        "max_difference_dollars": pytest.approx(1e-9, rel=1e-3),
    }
    limit = 2.0**-20
    within = trips.append_column("prediction", pa.array([22.0, 52.0 - limit]))
    assert check_parity(literal_trees, tested=within, limit_dollars=limit)
    for wrong in (52.0 + 2e-6, np.nan):
        with pytest.raises(ModelRefusedError, match="of 2 test trips"):
            compared(22.0, wrong)


@pytest.mark.parametrize("feature", FEATURES)
def test_a_feature_derived_otherwise_than_by_spark_is_refused(
    feature: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Parity is of dollars from raw trips: whichever feature is wrong."""
    place = FEATURES.index(feature)
    levels = dict.fromkeys(CATEGORICAL_FEATURES, ("1", "unknown"))
    value = derive_features([TRIP])[feature][0].as_py()
    split = Split(place, value, frozenset(), 1, 2)
    if feature in levels:
        levels[feature] = (value, "unknown")
        split = Split(place, None, frozenset({0}), 1, 2)
    model = PortableModel(levels, ((Node(9.0, split), Node(8.0), Node(9.5)),))
    tested = pa.Table.from_pylist([TRIP | {"prediction": 8.0}])
    assert check_parity(model, tested=tested, limit_dollars=1e-6).trips == 1

    right = derive.DEFINITIONS[feature]

    def wrong(raw: Any) -> Any:
        if feature in levels:
            return pa.array(["other"])
        return pc.add(right(raw), 1)

    monkeypatch.setitem(derive.DEFINITIONS, feature, wrong)
    with pytest.raises(ModelRefusedError, match=r"by 1\.5 dollars"):
        check_parity(model, tested=tested, limit_dollars=1e-6)
