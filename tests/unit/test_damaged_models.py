"""A model that is damaged, or of another version: one exit code, one way."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.cli.main import run
from taxi_fare.core import documents
from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.run.current_model import check_current, is_outdated
from taxi_fare.scoring import compatibility
from taxi_fare.scoring.portable_model import PORTABLE_FILE, PortableModel

MODEL = "2023-04_one"
PLACE = Path("models/registry")
VERSION = PLACE / "versions" / MODEL
METRICS = {"rmse": 5.0, "mae": 2.0, "r2": 0.9, "rows": 10, "bias": 0.0}
OLDER = json.loads(
    (Path(__file__).parents[1] / "data/documents/manifest.json").read_text()
)
DOCUMENT = OLDER | {
    "schema_version": 1,
    "run_id": "run-1",
    "run_key": "key-1",
    "timestamp": "2026-01-01T00:00:00+00:00",
    "simulated": True,
    "mode": "sliding_window",
    "model_id": MODEL,
    "metrics": METRICS,
    "features": OLDER["features"]
    | {"version": compatibility.FEATURES_VERSION},
    "data": OLDER["data"]
    | {"train_months": ["2023-01"], "test_month": "2023-04"},
}
# Spark leaves a checksum beside each file, and a mark; they are named too.
PART = "stages/0_StringIndexer_1/data/part-00000.snappy.parquet"
SAVED = (
    "metadata/part-00000",
    "metadata/_SUCCESS",
    PART,
    "stages/0_StringIndexer_1/data/.part-00000.snappy.parquet.crc",
)
RIDE = ("--pickup=1", "--dropoff=2", "--distance=3", "--minutes=9")
PREDICTING = (("quote", *RIDE), ("predict",), ("pipeline", "--predict-only"))
FINDING = (
    *PREDICTING,
    ("check", "model", f"--model-path={VERSION}"),
    ("check", "model", f"--model-registry-path={PLACE}"),
    ("registry", "show", "--verify"),
    ("registry", "rollback", "--reason=x", f"--to={MODEL}"),
)


@pytest.fixture
def registry(
    literal_trees: PortableModel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> FolderRegistry:
    """A registry with one model in production, in the folder of the test."""
    monkeypatch.chdir(tmp_path)
    registry = FolderRegistry(PLACE, RegistrySettings())
    registry.recover()
    with registry.staging(MODEL) as folder:
        literal_trees.write(folder)
        for name in SAVED:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"as Spark saves {name}")
        entry = HistoryEntry.model_validate(
            {
                **{
                    key: DOCUMENT[key]
                    for key in ("run_id", "run_key", "timestamp", "simulated")
                },
                "train_months": ["2023-01"],
                "test_month": "2023-04",
                "model_id": MODEL,
                "event": "promoted",
                "reason": "for a test",
                "metrics": {
                    key: METRICS[key] for key in ("rmse", "mae", "r2")
                },
            }
        )
        registry.commit(
            folder, manifest=DOCUMENT, entry=entry, expected_current=None
        )
    return registry


@pytest.fixture
def no_spark(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let ``predict`` find a month, and start no Spark."""

    class Month:
        """As much of a month as is asked for."""

        month = "2023-05"

    workflow = "taxi_fare.workflows.predict"
    monkeypatch.setattr(f"{workflow}._find", lambda *_: Month())
    engine = "taxi_fare.run.prediction_engine"
    monkeypatch.setattr(f"{engine}._session", lambda *_, **__: None)


def _no_manifest() -> None:
    (VERSION / "manifest.json").unlink()


def _broken_manifest() -> None:
    (VERSION / "manifest.json").write_text('{"model_id": ')


def _no_object() -> None:
    (VERSION / "manifest.json").write_text("[]")


def _changed() -> None:
    (VERSION / PORTABLE_FILE).write_text("{}")


def _lost() -> None:
    (VERSION / PORTABLE_FILE).unlink()


def _one_part_more() -> None:
    (VERSION / PART).with_name("part-00001.snappy.parquet").write_text("x")


def _a_pipe() -> None:
    os.mkfifo(VERSION / "metadata/_pipe")


DAMAGES = (
    *(_no_manifest, _broken_manifest, _no_object, _changed, _lost),
    *(_one_part_more, _a_pipe),
)


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("command", FINDING, ids=" ".join)
def test_a_damaged_model_is_exit_6_everywhere(
    registry: FolderRegistry,
    no_spark: None,
    command: tuple[str, ...],
    damage: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever finds it, and however it is damaged."""
    damage()
    before = (PLACE / "model_registry.json").read_bytes()
    assert run([*command]) == 6, capsys.readouterr()
    told = capsys.readouterr().err
    assert "What to do:" in told and "Traceback" not in told
    assert (PLACE / "model_registry.json").read_bytes() == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_doctor_says_what_is_damaged(
    registry: FolderRegistry,
    damage: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With the model and the way out."""
    damage()
    assert run(["doctor", "--json"]) == 7
    findings = json.loads(capsys.readouterr().out)
    found = next(each for each in findings if each["name"] == "Registry")
    assert found["status"] == "lacking"
    assert MODEL in found["found"]
    assert "rollback" in found["remedy"]


@pytest.mark.parametrize("damage", DAMAGES[:3])
def test_slots_are_shown_when_a_manifest_is_broken(
    registry: FolderRegistry,
    damage: Callable[[], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """For people and for programs, with the manifest that is broken."""
    damage()
    assert run(["registry", "show"]) == 6
    out, err = capsys.readouterr()
    assert MODEL in out and "manifest.json cannot be read" in out
    assert f"{MODEL} cannot be explained: " in err
    assert run(["registry", "show", "--json"]) == 6
    document = json.loads(capsys.readouterr().out)
    assert document["slots"] == {"current": MODEL, "candidate": None}
    assert document["manifests"] == {}
    assert document["damaged"] == {MODEL: ["manifest.json"]}


def _of_another(**changes: Any) -> None:
    file = VERSION / "manifest.json"
    document = json.loads(file.read_text())
    for key, value in changes.items():
        inner = isinstance(value, dict)
        document[key] = document[key] | value if inner else value
    file.write_text(json.dumps(document))


OTHERS = (
    {"schema_version": 99},
    {"features": {"version": 1}},
    {"features": {"version": 99}},
    {"portable": {"format": "taxi_fare.trees/99"}},
)


@pytest.mark.parametrize("change", OTHERS, ids=str)
@pytest.mark.parametrize("command", PREDICTING, ids=" ".join)
def test_a_model_of_another_version_does_not_predict(
    registry: FolderRegistry,
    command: tuple[str, ...],
    change: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    no_spark: None,
) -> None:
    """Exit 6 with the remedy: training makes one that does."""
    _of_another(**change)
    assert run([*command]) == 6
    told = capsys.readouterr().err
    assert "run `taxi-fare train`" in told and MODEL in told


@pytest.mark.parametrize("change", OTHERS, ids=str)
def test_a_model_of_another_version_is_not_compared(
    registry: FolderRegistry, change: dict[str, Any]
) -> None:
    """It says why; a run that was done does not count with it."""
    assert not is_outdated(registry)
    _of_another(**change)
    assert is_outdated(registry)
    current = check_current(registry)
    assert current is not None and current.usable is None
    assert current.model_id == MODEL
    assert str(MODEL) in str(current.why_not)
    with pytest.raises(IncompatibleModelError, match="taxi-fare train"):
        compatibility.require_understood(registry.versions.manifest(MODEL))


def test_an_older_layout_is_compared(
    registry: FolderRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it lacks has a stated meaning."""
    monkeypatch.setattr(documents, "READABLE_LAYOUTS", range(1, 3))
    current = check_current(registry)
    assert current is not None and current.usable is not None
    assert current.why_not is None
    assert check_current(registry, current) is current


def test_a_newer_registry_is_refused_and_nothing_changes(
    registry: FolderRegistry, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not called damaged: this code is too old for it."""
    file = PLACE / "model_registry.json"
    newer = json.loads(file.read_text()) | {"schema_version": 2}
    file.write_text(json.dumps(newer))
    before = {path: path.stat().st_mtime_ns for path in PLACE.rglob("*")}
    for command in (
        *PREDICTING,
        ("registry", "show"),
        ("registry", "rollback", "--reason=x"),
    ):
        assert run([*command]) == 6
        told = capsys.readouterr().err
        assert "is of schema_version 2" in told
        assert "damaged" not in told
        assert "taxi_fare" in told
    assert {
        path: path.stat().st_mtime_ns for path in PLACE.rglob("*")
    } == before
