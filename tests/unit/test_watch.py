"""A month is watched: with every model, month and report that there may be."""

import json
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from filelock import FileLock

from taxi_fare.cli.main import run
from taxi_fare.core.columns import FEATURES_VERSION
from taxi_fare.core.errors import (
    DataMissingError,
    DataRefusedError,
    RegistryConflictError,
    TemporaryError,
)
from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.lake.raw.schema import LAKE_SCHEMA
from taxi_fare.registry.in_folder.state import write_state
from taxi_fare.registry.opening import open_registry
from taxi_fare.registry.records import RegistryState
from taxi_fare.reports.documents.watch import SeriesEntry, Watch
from taxi_fare.run import local_month, references, series
from taxi_fare.run.models import FoundModel
from taxi_fare.run.series import read_series, remember, remember_training
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.validation.arrow_checks import Broken
from taxi_fare.validation.rules import trip_rules
from taxi_fare.workflows.watch import WatchRequest, watch

APRIL = Month("2023-04")
MAY = Month("2023-05")
ALL = {"train_months", "month_before"}


@dataclass(frozen=True)
class Scene:
    """A lake, a registry and reports of a test's own."""

    home: Path

    def month(self, month: Month) -> Path:
        """Return the file of a month."""
        return self.home / "lake" / month.path / "trips.parquet"

    def change(
        self, month: Month, change: Callable[[pa.Table], pa.Table]
    ) -> None:
        """Write a month again, with its record."""
        file = self.month(month)
        table = pq.read_table(file)
        metadata = table.schema.metadata
        changed = change(table)
        pq.write_table(changed.replace_schema_metadata(metadata), file)

    def request(self, month: Month = MAY) -> WatchRequest:
        """Return a request for a month."""
        registry = open_registry(self.home / "registry", Settings())
        return WatchRequest(
            self.home / "lake", registry, self.home / "reports", month
        )

    def watch(self, month: Month = MAY) -> Watch:
        """Watch a month; what is written is what is returned."""
        found = watch(self.request(month), Settings())
        written = self.home / f"reports/watch/{month}/watch.json"
        assert json.loads(written.read_text()) == found.to_document()
        return found


@pytest.fixture
def scene(
    tmp_path: Path, small_lake: Path, monkeypatch: pytest.MonkeyPatch
) -> Scene:
    """January to May 2023, of which May is April once more; small batches."""
    monkeypatch.setattr(local_month, "_ROWS_AT_ONCE", 100)
    shutil.copytree(small_lake, tmp_path / "lake")
    april = pq.read_table(tmp_path / "lake" / APRIL.path)
    later = pa.scalar(30 * 86_400, pa.duration("s"))
    times = ("tpep_pickup_datetime", "tpep_dropoff_datetime")
    for name in times:
        at = april.schema.get_field_index(name)
        moved = pa.compute.add(april[name], later).cast(april[name].type)
        april = april.set_column(at, april.field(at), moved)
    found = Scene(tmp_path)
    found.month(MAY).parent.mkdir(parents=True)
    pq.write_table(april.replace_schema_metadata(None), found.month(MAY))
    return found


@pytest.fixture
def in_production(
    scene: Scene, portable_version: Path, monkeypatch: pytest.MonkeyPatch
) -> FoundModel:
    """The literal trees, trained on January to March."""
    manifest = json.loads((portable_version / "manifest.json").read_text())
    # So that it may watch April as well.
    manifest["data"]["test_month"] = "2022-12"
    found = FoundModel(portable_version, manifest=manifest)
    monkeypatch.setattr(references, "current_model", lambda _: found)
    return found


def test_without_a_model_months_are_compared(scene: Scene) -> None:
    """And it is said; nothing is predicted."""
    found = scene.watch()
    assert found.verdict in {"ok", "look", "act"}
    assert found.model is found.accuracy is found.predictions is None
    assert found.data.keys() == {"month_before"}
    assert found.data["month_before"].months == ("2023-04",)
    assert found.notes[0] == (
        "There was no model in production when 2023-05 came: it is compared"
        " with other months alone."
    )
    assert found.data["month_before"].figures["trip_distance"].psi == 0


@pytest.mark.usefixtures("in_production")
def test_accuracy_is_that_of_the_model_on_the_month(
    scene: Scene, portable_version: Path
) -> None:
    """Trip by trip what a quote would say, over several batches."""
    found = scene.watch()
    batch = pq.read_table(scene.month(MAY)).combine_chunks().to_batches()[0]
    rules = trip_rules(Settings().validation)
    broken = Broken(batch, rules=rules, month=MAY)
    trips = pa.Table.from_batches([batch.filter(broken.valid)])
    predicted = FarePredictor.load(portable_version).predict(trips)
    paid = trips["total_amount"].to_numpy()
    expected = collected_metrics(paid, np.asarray(predicted)).to_document()
    assert found.accuracy is not None
    overall = found.accuracy.overall
    assert overall.rows == expected["rows"] == found.valid_rows
    for name in ("rmse", "mae", "r2", "bias"):
        assert overall.figures[name] == pytest.approx(expected[name])
        low, high = overall.interval(name) or (1, 0)
        assert low <= expected[name] <= high
    assert found.data.keys() == ALL
    assert found.data["train_months"].months == (
        "2023-01",
        "2023-02",
        "2023-03",
    )
    assert {*found.accuracy.baselines} == {"mean", "zone-pair median"}
    for levels in found.accuracy.slices.values():
        assert sum(each.rows for each in levels.values()) == overall.rows
    assert found.model is not None
    assert found.model.age_months == 2
    # Two literal trees know nothing: that is to be said first.
    assert found.verdict == "act"
    assert found.reasons[0].startswith("accuracy: ")


@pytest.mark.usefixtures("in_production")
def test_how_far_it_is_is_told(scene: Scene) -> None:
    """Of each month that is looked at, up to all of it."""
    told: list[tuple[int, int]] = []
    request = scene.request()
    watch(request, Settings(), on_trips=lambda *trips: told.append(trips))
    assert all(done <= total for done, total in told)
    ends = [done for done, total in told if done == total]
    # Three train months, the month itself, and the one before.
    assert len(ends) == 5


@pytest.mark.usefixtures("in_production")
def test_twice_is_once(scene: Scene) -> None:
    """The same figures, and one entry of the series for each month."""
    first, again = scene.watch(), scene.watch()
    scene.watch(APRIL)
    headers = {"run_id", "timestamp"}
    assert first.model_dump(exclude=headers) == again.model_dump(
        exclude=headers
    )
    months = read_series(scene.home / "reports")
    assert [each.month for each in months] == ["2023-04", "2023-05"]
    assert months[1].verdict == first.verdict
    assert months[1].accuracy == (first.accuracy and first.accuracy.overall)
    assert months[1].drift["trip_distance"] is not None


@pytest.mark.usefixtures("in_production")
def test_predictions_are_compared_with_those_of_the_month_before(
    scene: Scene,
) -> None:
    """Once that was watched, by the same model."""
    first = scene.watch()
    scene.watch(APRIL)
    then = scene.watch()
    assert first.predictions and then.predictions
    assert {*first.predictions.against} == {"train_months"}
    assert {*then.predictions.against} == ALL
    assert then.predictions.against["month_before"].psi == pytest.approx(
        0, abs=0.01
    )


@pytest.mark.usefixtures("in_production")
def test_train_months_are_looked_at_once(scene: Scene) -> None:
    """Again only where they changed."""
    scene.watch()
    kept = scene.home / "reports/watch/models/literal.json"
    before = kept.stat().st_ino
    scene.watch()
    assert kept.stat().st_ino == before
    scene.change(Month("2023-01"), lambda trips: trips.slice(50))
    rows = scene.watch().data["train_months"].rows
    assert kept.stat().st_ino != before
    shutil.rmtree(scene.home / "lake" / "2023" / "01")
    # What was kept of a month that is gone is still known.
    assert scene.watch().data["train_months"].rows == rows


@pytest.mark.usefixtures("in_production")
def test_train_months_that_are_gone_are_told(scene: Scene) -> None:
    """There are no baselines then, and the rest is there."""
    shutil.rmtree(scene.home / "lake" / "2023" / "01")
    found = scene.watch()
    assert found.data.keys() == {"month_before"}
    assert any("learnt from 2023-01, which" in each for each in found.notes)
    assert found.accuracy is not None
    assert not found.accuracy.baselines


@pytest.mark.parametrize("month", [APRIL, Month("2023-02")])
@pytest.mark.usefixtures("in_production")
def test_other_months_that_are_damaged_are_told(
    scene: Scene, month: Month
) -> None:
    """The month itself is whole: it is watched, and the rest is there."""
    file = scene.month(month)
    content = bytearray(file.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 40] = bytes(40)
    file.write_bytes(content)
    found = scene.watch()
    assert any("cannot be read to its end" in each for each in found.notes)
    assert found.accuracy is not None
    kept = {APRIL: {"train_months"}}.get(month, {"month_before"})
    assert found.data.keys() == kept


@pytest.mark.usefixtures("in_production")
def test_a_damaged_month_is_refused(scene: Scene) -> None:
    """Nothing is said of a part of it."""
    file = scene.month(MAY)
    content = bytearray(file.read_bytes())
    middle = len(content) // 3
    content[middle : middle + 40] = bytes(40)
    file.write_bytes(content)
    with pytest.raises(DataRefusedError, match="cannot be read to its end"):
        scene.watch()
    assert not (scene.home / "reports/watch/series.json").exists()


@pytest.mark.usefixtures("in_production")
def test_a_damaged_profile_is_made_again(scene: Scene) -> None:
    """It is nothing but what the trips say."""
    before = scene.watch().data
    for kept in (scene.home / "reports/watch").glob("*s/*.json"):
        kept.write_text('{"schema_version": 1')
    assert scene.watch().data == before


@pytest.mark.usefixtures("in_production")
def test_a_damaged_series_is_not_lost(scene: Scene) -> None:
    """It is refused: nobody could make it again."""
    scene.watch()
    file = scene.home / "reports/watch/series.json"
    file.write_text("{")
    with pytest.raises(DataRefusedError, match=r"series\.json is damaged"):
        watch(scene.request(), Settings())
    assert file.read_text() == "{"


@pytest.mark.usefixtures("in_production")
def test_two_at_once_lose_nothing(scene: Scene) -> None:
    """Each month has its entry."""
    months = [Month(f"2023-0{number}") for number in (2, 3, 4, 5)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda x: watch(scene.request(x), Settings()), months))
    found = [each.month for each in read_series(scene.home / "reports")]
    assert found == [str(each) for each in months]


@pytest.mark.usefixtures("in_production")
def test_a_month_that_was_learnt_from_is_told(scene: Scene) -> None:
    """Its accuracy is no reason for anything."""
    found = scene.watch(Month("2023-03"))
    assert found.accuracy is not None
    assert found.accuracy.trained_on_month
    assert any("learnt from 2023-03 itself" in each for each in found.notes)
    assert not any(each.startswith("accuracy") for each in found.reasons)


@pytest.mark.usefixtures("in_production")
def test_a_month_of_one_trip(scene: Scene) -> None:
    """Figures where there are some, and None where not."""
    scene.change(MAY, lambda trips: trips.slice(3, 1))
    found = scene.watch()
    assert found.valid_rows == 1
    assert found.accuracy is not None
    assert found.accuracy.overall.intervals is None
    assert found.accuracy.overall.figures["r2"] is None
    assert found.accuracy.overall.figures["mae"] is not None


@pytest.mark.parametrize(
    "name", ["passenger_count", "RatecodeID", "airport_fee"]
)
@pytest.mark.usefixtures("in_production")
def test_a_column_that_is_all_missing(scene: Scene, name: str) -> None:
    """It has no distance, and its share is told."""

    def emptied(trips: pa.Table) -> pa.Table:
        """Without a value in one column."""
        at = trips.schema.get_field_index(name)
        kind = trips.field(at).type
        return trips.set_column(
            at, trips.field(at), pa.nulls(len(trips), kind)
        )

    scene.change(MAY, emptied)
    found = scene.watch()
    drift = found.data["month_before"].figures[name]
    assert drift.psi is drift.jensen_shannon is None
    assert drift.missing_share == 1
    assert any("is missing in 100.0%" in each for each in found.reasons)


@pytest.mark.usefixtures("in_production")
def test_other_columns_are_told(scene: Scene) -> None:
    """Those of another program's month, which no model uses."""
    fee = pa.array([0.75] * pq.read_table(scene.month(APRIL)).num_rows)
    pq.write_table(
        pq.read_table(scene.month(APRIL))
        .replace_schema_metadata(None)
        .append_column("cbd_congestion_fee", fee),
        scene.month(APRIL),
    )
    found = scene.watch()
    changes = found.data["month_before"].columns
    assert changes is not None
    assert changes.vanished == ("cbd_congestion_fee",)
    assert any("cbd_congestion_fee is gone" in each for each in found.reasons)


def test_a_model_of_another_release_is_told(
    scene: Scene, in_production: FoundModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Months are compared, and why there is no accuracy is said."""
    file = in_production.folder / "manifest.json"
    document = json.loads(file.read_text())
    document["features"]["version"] = FEATURES_VERSION - 1
    file.write_text(json.dumps(document))
    found = scene.watch()
    assert found.accuracy is None
    assert any("accuracy is not known" in each for each in found.notes)
    assert found.data.keys() == {"month_before"}


def test_a_damaged_model_is_refused(
    scene: Scene, in_production: FoundModel
) -> None:
    """Nothing is written that would hide it."""
    (in_production.folder / "portable_model.json").write_text("{}")
    with pytest.raises(RegistryConflictError):
        scene.watch()
    assert not (scene.home / "reports/watch/2023-05").exists()


def test_a_month_of_which_too_little_is_valid(scene: Scene) -> None:
    """As every other command refuses it."""

    def spoilt(trips: pa.Table) -> pa.Table:
        """Whose trips cost less than nothing."""
        at = trips.schema.get_field_index("total_amount")
        return trips.set_column(
            at, trips.field(at), pa.array([-1.0] * len(trips))
        )

    scene.change(MAY, spoilt)
    with pytest.raises(DataRefusedError):
        scene.watch()
    assert not (scene.home / "reports/watch/series.json").exists()


def test_a_version_that_is_gone_does_not_end_a_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The decision may have removed it; the model is registered by then."""
    documents = Path(__file__).parents[1] / "data" / "documents"
    report = json.loads((documents / "train_metrics.json").read_text())
    report["promotion"] |= {
        "compared_with": "gone",
        "current_metrics": {"rmse": 4.0, "mae": 1.0, "r2": 0.9},
        "current_trained_on_test_month": False,
    }
    remember_training(
        TrainMetrics.model_validate(report),
        registry=open_registry(tmp_path / "registry", Settings()),
        reports=tmp_path,
    )
    assert "The series of months was left as it is" in caplog.text
    assert read_series(tmp_path) == ()


def test_two_who_write_wait_for_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that waits too long is told, worth another attempt."""
    monkeypatch.setattr(series, "_PATIENCE_SECONDS", 0.1)
    entry = SeriesEntry(
        month="2023-05",
        recorded_by="train",
        model_id=None,
        train_months=(),
        verdict=None,
        reasons=(),
        accuracy=None,
        drift={},
    )
    (tmp_path / "watch").mkdir()
    with (
        FileLock(tmp_path / "watch" / "series.lock"),
        pytest.raises(
            TemporaryError, match=r"series\.json for more than 0\.1"
        ),
    ):
        remember(tmp_path, entry, simulated=False)
    remember(tmp_path, entry, simulated=False)
    assert read_series(tmp_path) == (entry,)


def test_a_month_that_is_not_there(scene: Scene) -> None:
    """The description's own words, with the option that names another."""
    with pytest.raises(DataMissingError, match="DATA NOT FOUND") as error:
        scene.watch(Month("2023-09"))
    assert "Use --month" in str(error.value)


@pytest.mark.usefixtures("in_production")
def test_the_command_line(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One JSON document; 8 where --fail-on asks for it, else 0."""
    monkeypatch.chdir(scene.home)
    call = partial(
        _call, ["watch", "--month=2023-05", "--data-base-path=lake"]
    )
    assert call("--json") == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "act"
    assert isinstance(found["reasons"], list)
    assert {"accuracy", "data", "predictions"} <= found.keys()
    for word in ("look", "act"):
        assert call(f"--fail-on={word}") == 8
        answer = capsys.readouterr()
        assert "Month 2023-05: act" in answer.out
        assert "The verdict on 2023-05 is 'act'" in answer.err
    assert call("--fail-on=ok") == 2
    place = scene.home / "models" / "registry"
    write_state(place, RegistryState())
    assert call("--model-registry-path=models/registri") == 3
    assert "did you mean" in capsys.readouterr().err


def _call(always: list[str], *more: str) -> int:
    return run([*always, *more])


def test_every_declared_column_is_watched() -> None:
    """But for the times, which features are made of."""
    from taxi_fare.watching.profiled import WATCHED

    times = {x for x in LAKE_SCHEMA.names if x.endswith("datetime")}
    assert {*LAKE_SCHEMA.names} - times <= {*WATCHED}
