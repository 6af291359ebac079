"""When two runs are the same run."""

from pathlib import Path
from typing import Any

import pytest

from taxi_fare.core import provenance
from taxi_fare.core.manifest import Months
from taxi_fare.core.months import Month, sliding_window
from taxi_fare.core.settings import Settings
from taxi_fare.lake.catalog import LakeMonth
from taxi_fare.lake.in_folder import FolderLake, FoundFile
from taxi_fare.run.run import Run
from taxi_fare.run.train_trips import TARIFF_TRIPS
from taxi_fare.run.window import RunData
from taxi_fare.training.recipes import DEFAULT_RECIPE, RECIPES, Recipe


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Files of five months; a fingerprint needs no parquet."""
    for month in range(1, 6):
        (tmp_path / f"2023-{month:02d}").write_bytes(bytes([month]))
    return tmp_path


def _run(
    lake: Path,
    test: str = "2023-04",
    *,
    recipe: Recipe = DEFAULT_RECIPE,
    rows: int = 1,
    **sections: Any,
) -> Run:
    window = sliding_window(Month(test), length=3)
    folder = FolderLake(lake)
    months = tuple(
        LakeMonth(month, (FoundFile.now(folder, str(month)),), rows, (), None)
        for month in window.months
    )
    settings = Settings(**sections)
    train = tuple(map(str, window.train))
    data = RunData(months, Months(train_months=train, test_month=test))
    return Run.start(data, recipe=recipe, settings=settings)


def test_two_calls_of_a_run_have_one_key(lake: Path) -> None:
    """Their ids differ, and so do the models they would make."""
    first, second = _run(lake), _run(lake)
    assert first.key == second.key
    assert first.model_id != second.model_id
    assert first.model_id.startswith("2023-04_")


def test_copied_months_are_the_same_months(lake: Path) -> None:
    """Bytes count; names of folders and times of files do not."""
    before = _run(lake).key
    copy = lake / "copy"
    copy.mkdir()
    for file in lake.glob("2023-*"):
        (copy / file.name).write_bytes(file.read_bytes())
    assert _run(copy).key == before


@pytest.mark.parametrize(
    "sections",
    [
        {"gbt": {"max_depth": 5}},
        {"training": {"seed": 43}},
        {"gbt": {"min_level_share": 0.05}},
        {"gbt": {"min_level_variance": 0.05}},
        {"training": {"partitions": 3}},
        {"validation": {"total_max_dollars": 500}},
    ],
)
def test_what_changes_the_model_changes_the_key(
    lake: Path, sections: dict[str, Any]
) -> None:
    """Hyper-parameters, layout, and which trips are valid."""
    assert _run(lake, **sections).key != _run(lake).key


@pytest.mark.parametrize(
    ("package", "version", "same"),
    [
        ("pyspark", "4.4.0", False),
        ("pyspark", "4.3.9", True),
        ("xgboost", "9.0.0", True),
    ],
)
def test_another_library_makes_another_run(
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    package: str,
    version: str,
    same: bool,
) -> None:
    """Of the library that fits, and no other, all but the last number."""
    versions = {"pyspark": "4.3.0", "xgboost": "3.4.1"}
    monkeypatch.setattr(provenance, "version", versions.__getitem__)
    before = _run(lake).key
    versions[package] = version
    assert (_run(lake).key == before) is same


def test_other_months_and_other_bytes_change_the_key(lake: Path) -> None:
    """One byte of one month is enough."""
    keys = {_run(lake).key, _run(lake, "2023-05").key}
    (lake / "2023-02").write_bytes(b"other trips")
    assert len(keys | {_run(lake).key}) == 3


@pytest.mark.parametrize(
    "sections",
    [
        {"spark": {"driver_memory": "3g"}},
        {"registry": {"keep_versions": 3}},
        {"error_analysis": {"worst_trips": 20}},
    ],
)
def test_what_does_not_change_the_model_does_not_change_the_key(
    lake: Path, sections: dict[str, Any]
) -> None:
    """A machine with more memory makes the same model."""
    assert _run(lake, **sections).key == _run(lake).key


@pytest.mark.parametrize("name", RECIPES)
@pytest.mark.parametrize("rows", [TARIFF_TRIPS // 3, TARIFF_TRIPS // 3 + 1])
def test_who_draws_the_trips_of_a_tariff_is_part_of_the_key(
    lake: Path, name: str, rows: int
) -> None:
    """Spark draws others than this process does, once not all are taken."""
    recipe, one = RECIPES[name], {"partitions": 1}
    keys = {
        _run(
            lake,
            recipe=recipe,
            rows=rows,
            training=one,
            prediction={"engine": engine},
        ).key
        for engine in ("auto", "spark")
    }
    others = recipe.tariff and 3 * rows > TARIFF_TRIPS
    assert len(keys) == (2 if others else 1)
