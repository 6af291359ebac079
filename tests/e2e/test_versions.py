"""A registry outlives version numbers: training goes on when one is raised."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel

from taxi_fare.core.columns import FEATURES_VERSION

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]
Patch = pytest.MonkeyPatch
RIDE = ("--pickup=1", "--dropoff=2", "--distance=3", "--minutes=9")


def _everywhere(patch: Patch, name: str, value: object) -> None:
    """Give a constant another value in each module that has imported it."""
    for module in [*sys.modules]:
        is_ours = module.startswith("taxi_fare.")
        if is_ours and hasattr(sys.modules[module], name):
            patch.setattr(f"{module}.{name}", value)


def _edit(registry: Path, **changes: Any) -> None:
    """Change what the current model says of itself."""
    file = registry / "current" / "manifest.json"
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | changes))


def _features_raised(patch: Patch, registry: Path) -> None:
    _everywhere(patch, "FEATURES_VERSION", 99)


def _format_raised(patch: Patch, registry: Path) -> None:
    _everywhere(patch, "FORMAT", "taxi_fare.trees/99")
    _everywhere(patch, "READABLE", ("taxi_fare.trees/99",))


def _newer_manifest(patch: Patch, registry: Path) -> None:
    _edit(registry, schema_version=99)


RAISED = (
    (_features_raised, f"features version {FEATURES_VERSION}"),
    (_format_raised, "portable format taxi_fare.trees/3"),
    (_newer_manifest, "schema_version 99"),
)


@pytest.mark.parametrize("case", RAISED, ids=lambda case: case[1])
def test_a_model_of_another_version_gives_way(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: Patch,
    case: tuple[Callable[[Patch, Path], None], str],
) -> None:
    """It predicts nothing; the same month trains one that is promoted
    without a comparison, which says so; then all is as ever."""
    raised, said = case
    old = (in_production / "current").readlink().name
    raised(monkeypatch, in_production)
    predict = "predict", "--month=2023-05", f"--data-base-path={lake}"
    for refused in (predict, ("quote", *RIDE)):
        answer = command(*refused)
        assert answer.code == 6
        assert said in answer.err and "run `taxi-fare train`" in answer.err
    train = "train", "--test-month=2023-04", f"--data-base-path={lake}"
    answer = command(*train, "--json")
    assert answer.code == 0, answer.err
    assert "The current model cannot be compared" in answer.err
    promotion = answer.document["promotion"]
    assert promotion["decision"] == "promoted"
    assert promotion["reason"].startswith("the first comparable model")
    assert promotion["compared_with"] == old
    assert promotion["current_metrics"] is None
    assert said in promotion["not_compared"]
    assert said in promotion["reason"]
    new = (in_production / "current").readlink().name
    assert new == answer.document["model_id"] != old
    page = Path("reports/monthly/2023-04/report.html").read_text()
    assert "The first comparable model" in page and said in page
    assert command(*predict).code == 0
    assert command("quote", *RIDE).code == 0
    assert "was done before" in command(*train).out


def test_an_older_layout_is_compared(
    in_production: Path, command: Command, lake: Path, monkeypatch: Patch
) -> None:
    """What it lacks has a meaning: no comparison is given up for it."""
    _everywhere(monkeypatch, "SCHEMA_VERSION", 2)
    _everywhere(monkeypatch, "READABLE_LAYOUTS", range(1, 3))
    answer = command(
        "train",
        "--test-month=2023-04",
        f"--data-base-path={lake}",
        "--force",
        "--json",
    )
    assert answer.code == 0, answer.err
    promotion = answer.document["promotion"]
    assert promotion["decision"] == "kept"
    assert promotion["not_compared"] is None
    assert promotion["current_metrics"]["rmse"] > 0


@pytest.mark.parametrize(
    "case",
    [("3.5.0", "spark"), (None, "spark"), ("3.5.0", "auto")],
)
def test_a_model_that_another_pyspark_saved(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: Patch,
    case: tuple[str | None, str],
) -> None:
    """Whole files that cannot be loaded are of another version; saved by
    this very one, it is a fault that nobody expects: nothing is recorded.
    The copy that needs no Spark is compared with all the same."""
    saved_by, engine = case
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
    state = in_production / "model_registry.json"
    before = state.read_bytes()
    if saved_by is not None:
        _edit(in_production, versions={"pyspark": saved_by})

    def load(path: str) -> PipelineModel:
        """Fail as a class that is gone does."""
        raise RuntimeError(f"{path}: no such class")

    monkeypatch.setattr(PipelineModel, "load", load)
    answer = command(
        "train",
        "--test-month=2023-04",
        f"--data-base-path={lake}",
        "--force",
        "--json",
    )
    if saved_by is None:
        assert answer.code == 1
        assert state.read_bytes() == before
        return
    assert answer.code == 0, answer.err
    promotion = answer.document["promotion"]
    if engine == "auto":
        assert promotion["decision"] == "kept"
        assert promotion["current_metrics"] is not None
        return
    assert promotion["decision"] == "promoted"
    assert "saved by pyspark 3.5.0" in promotion["not_compared"]


def test_a_legacy_model_of_another_version_gives_way(
    command: Command, lake: Path, monkeypatch: Patch
) -> None:
    """It is not done what this code cannot use; the remedy is its own."""
    train = "train-legacy", f"--data-base-path={lake}"
    predict = "predict", "--legacy", f"--data-base-path={lake}"
    assert command(*train).code == 0
    _format_raised(monkeypatch, Path())
    answer = command(*predict)
    assert answer.code == 6
    assert "run `taxi-fare train-legacy`" in answer.err
    assert command(*train).code == 0
    assert command(*predict).code == 0
