"""Batch inference, as its users call it."""

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]
APRIL = "--month=2023-04"
FILE = Path("reports/predictions/2023-04.parquet")


def _report() -> dict[str, Any]:
    report: dict[str, Any] = json.loads(
        Path("reports/predict_report.json").read_text()
    )
    return report


def _lake_of(table: pa.Table) -> Path:
    file = Path("other/2023/04/trips.parquet")
    file.parent.mkdir(parents=True)
    pq.write_table(table, file)
    return Path("other")


def test_every_trip_gets_the_prediction_that_the_model_was_tested_with(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Same features, same trips: the metrics are those of the test month."""
    trained = json.loads(Path("reports/train_metrics.json").read_text())
    answer = command("predict", APRIL, f"--data-base-path={lake}", "--json")
    assert answer.code == 0, answer.err
    report = answer.document
    assert report == _report()
    assert report["model_id"] == trained["model_id"]
    for name in ("rows", "rmse", "mae", "r2"):
        expected = trained["metrics"][name]
        assert report["metrics"][name] == pytest.approx(expected, rel=1e-9)
    months = trained["data"]["months"]["2023-04"]
    assert report["rows"] == months["rows"]
    assert report["rejected_rows"] == sum(report["rejected"].values()) > 0
    assert report["schema_version"] == 1
    assert report["simulated"] is True
    assert report["sample"]["rows"] == report["rows"]


def test_the_file_holds_the_trips_as_they_are_in_the_lake(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Every column with its type and values, then four more."""
    assert command("predict", APRIL, f"--data-base-path={lake}").code == 0
    before = pq.read_table(lake / "2023/04/trips.parquet")
    table = pq.read_table(FILE)
    assert table.column_names == [
        *before.column_names,
        "prediction",
        "lower_90",
        "upper_90",
        "model_id",
    ]
    same = table.select(before.column_names)
    assert same.schema.types == before.schema.types
    assert table.num_rows == _report()["predicted_rows"]
    known = {tuple(row.values()) for row in before.to_pylist()}
    assert {tuple(row.values()) for row in same.to_pylist()} <= known
    assert pc.all(pc.is_finite(table["prediction"])).as_py()
    assert set(table["model_id"].to_pylist()) == {_report()["model_id"]}
    assert [each.name for each in FILE.parent.iterdir()] == [FILE.name]


def test_twice_gives_the_same_file(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Replaced by an equal one."""
    arguments = "predict", APRIL, f"--data-base-path={lake}"
    assert command(*arguments).code == 0
    before = FILE.read_bytes()
    assert command(*arguments).code == 0
    assert FILE.read_bytes() == before


def test_a_month_without_totals_is_predicted(
    in_production: Path, command: Command, lake: Path
) -> None:
    """No metrics, but every prediction; the column is not made up."""
    table = pq.read_table(lake / "2023/04/trips.parquet")
    other = _lake_of(table.drop_columns(["total_amount"]))
    answer = command("predict", f"--data-base-path={other}", "--json")
    assert answer.code == 0, answer.err
    assert answer.document["metrics"] is None
    predicted = pq.read_table(FILE)
    assert "total_amount" not in predicted.column_names
    assert predicted.num_rows == answer.document["predicted_rows"] > 2_000
    human = command("predict", f"--data-base-path={other}").out
    assert "What was paid is not known" in human


def test_a_month_that_lacks_another_column_is_refused(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Exit 4, and it says which."""
    table = pq.read_table(lake / "2023/04/trips.parquet")
    other = _lake_of(table.drop_columns(["trip_distance"]))
    answer = command("predict", f"--data-base-path={other}")
    assert answer.code == 4
    assert "lacks the column(s) trip_distance" in answer.err
    assert not Path("reports/predict_report.json").exists()


def test_a_dirty_month_is_refused_by_its_sample(
    in_production: Path, command: Command, lake: Path
) -> None:
    """A quarter of the trips has no distance: nothing is predicted."""
    table = pq.read_table(lake / "2023/04/trips.parquet")
    distance = table["trip_distance"].to_pylist()
    distance[::4] = [-1.0] * len(distance[::4])
    place = table.column_names.index("trip_distance")
    dirty = table.set_column(place, "trip_distance", pa.array(distance))
    other = _lake_of(dirty)
    answer = command("predict", f"--data-base-path={other}")
    assert answer.code == 4
    assert "Retention sample -> sample valid: 7" in answer.err
    assert not Path("reports/predictions").exists()


def test_a_missing_month_is_told(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Exit 3, with the months that are there and the option."""
    answer = command("predict", "--month=2024-01", f"--data-base-path={lake}")
    assert answer.code == 3
    assert "Missing months: ['2024/01']" in answer.err
    assert "2. Use --month to specify" in answer.err


def test_without_a_model_there_is_nothing_to_predict_with(
    command: Command, lake: Path
) -> None:
    """Exit 3 before Spark starts, and the commands that make one."""
    answer = command("predict", APRIL, f"--data-base-path={lake}")
    assert answer.code == 3
    assert "run `taxi-fare train`" in answer.err
    assert list(Path().iterdir()) == []


def test_a_registry_that_is_named_is_not_passed_over(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Mistyped: no other model predicts in its place."""
    shutil.copytree(in_production / "current", "models/ex05_spark_model")
    arguments = "predict", APRIL, f"--data-base-path={lake}"
    answer = command(*arguments, "--model-registry-path=models/regsitry")
    assert answer.code == 3
    assert "no model registry in" in answer.err
    assert "did you mean" in answer.err and "models/registry?" in answer.err
    assert not FILE.exists()


def test_other_models_can_be_named(
    in_production: Path, command: Command, lake: Path
) -> None:
    """A registry, a folder of it, a model without a manifest; one of them."""
    shutil.copytree(in_production / "current", "bare")
    Path("bare/manifest.json").unlink()
    # With it, the folder would be one of ours that has lost its manifest.
    shutil.rmtree("bare/portable")
    Path("models").rename("elsewhere")
    base = "predict", APRIL, f"--data-base-path={lake}", "--json"
    model_id = Path("elsewhere/registry/current").readlink().name
    for option, name in (
        ("--model-registry-path=elsewhere/registry", model_id),
        ("--model-path=elsewhere/registry/current", model_id),
        ("--model-path=bare", "bare"),
    ):
        answer = command(*base, option, "--output=mine.parquet")
        assert answer.code == 0, answer.err
        assert answer.document["model_id"] == name
        assert answer.document["output"] == "mine.parquet"
        assert pq.read_metadata("mine.parquet").num_rows > 2_000
    both = command(*base, "--model-path=bare", "--legacy")
    assert both.code == 2
    assert "--model-path and --legacy are given" in both.err
    assert command(*base, "--model-path=nowhere").code == 3
    folder = command(*base, "--model-path=bare", "--output=elsewhere")
    assert folder.code == 2
    assert "elsewhere is a folder" in folder.err


def test_a_damaged_model_predicts_nothing(
    in_production: Path, command: Command, lake: Path
) -> None:
    """Exit 6 with the file."""
    file = next((in_production / "current/stages").rglob("*.parquet"))
    file.write_bytes(b"not what Spark wrote")
    answer = command("predict", APRIL, f"--data-base-path={lake}")
    assert answer.code == 6
    assert file.name in answer.err


def test_predictions_are_floored_only_if_a_setting_says_so(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The report counts what the model says all the same."""
    arguments = "predict", APRIL, f"--data-base-path={lake}", "--json"
    monkeypatch.setenv("TAXI_FARE_PREDICTION__MINIMUM_FARE_DOLLARS", "30")
    plain = command(*arguments).document["predictions"]
    assert plain["below_minimum_fare"] > 0
    assert plain["floored"] is False
    assert pc.min(pq.read_table(FILE)["prediction"]).as_py() == plain["min"]
    assert plain["min"] < 30
    monkeypatch.setenv("TAXI_FARE_PREDICTION__FLOOR_AT_MINIMUM_FARE", "true")
    floored = command(*arguments).document["predictions"]
    assert floored == plain | {"floored": True}
    assert pc.min(pq.read_table(FILE)["prediction"]).as_py() == 30.0


def _odd_month(lake: Path) -> Path:
    """A month of two parts by another program: other types, dirt of all
    kinds, a column that one part lacks."""
    trips = pq.read_table(lake / "2023/04/trips.parquet")
    first, second = trips.slice(0, 1_300), trips.slice(1_300)
    count = second.column_names.index("passenger_count")
    half = pc.add(second["passenger_count"].cast(pa.float64()), 0.5)
    is_odd = pa.array([row % 7 == 0 for row in range(second.num_rows)])
    counts = pc.if_else(is_odd, half, second["passenger_count"])
    second = second.set_column(count, "PASSENGER_count", counts)
    second = second.drop_columns(["airport_fee"])
    rows = first.to_pylist()
    for row, changes in zip(
        rows,
        (
            {"total_amount": -1.0},
            {"total_amount": None},
            {"trip_distance": float("nan")},
            {"store_and_fwd_flag": "x"},
            {"PULocationID": None},
            {"tpep_dropoff_datetime": rows[4]["tpep_pickup_datetime"]},
            {"tpep_pickup_datetime": datetime(2023, 3, 31, 23, 59)},
        ),
        strict=False,
    ):
        row.update(changes)
    folder = Path("odd/2023/04")
    folder.mkdir(parents=True)
    pq.write_table(
        pa.Table.from_pylist(rows, schema=first.schema),
        folder / "a.parquet",
    )
    pq.write_table(second, folder / "b.parquet")
    return Path("odd")


def _sorted(file: Path) -> pa.Table:
    table = pq.read_table(file)
    return table.sort_by([(name, "ascending") for name in table.column_names])


def test_with_spark_and_without_it_is_the_same(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To the last digit of every price, count and figure."""
    arguments = "predict", APRIL, f"--data-base-path={_odd_month(lake)}"
    answers = {}
    for engine, told in (("auto", True), ("spark", False)):
        monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
        answer = command(*arguments, "--json")
        assert answer.code == 0, answer.err
        assert ("Predicting without Spark" in answer.err) == told
        answers[engine] = answer.document, _sorted(FILE)
    (ours, table), (theirs, expected) = answers["auto"], answers["spark"]
    assert table.schema.equals(expected.schema)
    assert table.equals(expected)
    for name in ("run_id", "timestamp", "seconds"):
        del ours[name], theirs[name]
    # A sum of floats depends on its order.
    for name in ("metrics", "predictions"):
        figures = ours.pop(name)
        assert figures == pytest.approx(theirs.pop(name), rel=1e-12)
    assert ours == theirs
    assert ours["rejected"]["pickup_outside_month"] == 1
