"""The examples in docstrings and in docs/python.md are true."""

import doctest
import importlib
import json
import pkgutil
import shutil
from datetime import datetime
from math import isclose
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import taxi_fare
from taxi_fare import (
    HistoryEntry,
    IngestOptions,
    Settings,
    ingest,
    open_registry,
    parse_months,
    simulate_month,
)
from taxi_fare.scoring.portable_model import PortableModel

MODULES = [
    module.name
    for module in pkgutil.walk_packages(taxi_fare.__path__, "taxi_fare.")
    if not module.name.endswith("__main__")
]
# What an example need not import.
NAMES = {
    **{name: getattr(taxi_fare, name) for name in taxi_fare.__all__},
    **{"Path": Path, "datetime": datetime, "isclose": isclose, "pq": pq},
}
# A message has more lines than an example needs.
FLAGS = doctest.IGNORE_EXCEPTION_DETAIL
DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


@pytest.fixture(scope="module")
def project(
    tmp_path_factory: pytest.TempPathFactory, literal_trees: PortableModel
) -> Path:
    """A folder with raw months, a lake, a registry and reports."""
    folder = tmp_path_factory.mktemp("project")
    months = parse_months("2023-01..2023-05")
    for month in months:
        path = folder / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(path, month=month, trips=500, seed=7)
    reports = folder / "reports"
    ingest(
        months,
        lake=folder / "data" / "nyc-interim" / "yellow",
        source=str(folder / "raw"),
        options=IngestOptions(reports_dir=reports),
        settings=Settings(),
    )
    for name in ("train_metrics.json", "predict_report.json"):
        shutil.copy(DOCUMENTS / name, reports)
    _commit(folder / "models" / "registry", "first", model=literal_trees)
    _commit(folder / "models" / "registry", "second", model=literal_trees)
    return folder


def _commit(place: Path, model_id: str, *, model: PortableModel) -> None:
    manifest = json.loads((DOCUMENTS / "manifest.json").read_bytes())
    manifest["model_id"] = model_id
    entry = HistoryEntry.model_validate(
        {
            "run_id": f"run-{model_id}",
            "run_key": f"key-{model_id}",
            "model_id": model_id,
            "timestamp": "2023-05-01T00:00:00+00:00",
            "event": "promoted",
            "reason": "for an example",
            "train_months": ["2023-01", "2023-02", "2023-03"],
            "test_month": "2023-04",
            "metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9},
            "simulated": True,
        }
    )
    registry = open_registry(place, Settings())
    registry.recover()
    with registry.staging(model_id) as folder:
        model.write(folder)
        registry.commit(
            folder,
            manifest=manifest,
            entry=entry,
            expected_current=registry.read().current,
        )


@pytest.fixture
def in_project(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work in a copy of it, which examples may change."""
    copy = tmp_path / "project"
    shutil.copytree(project, copy, symlinks=True)
    monkeypatch.chdir(copy)
    for name in ("DATA_BASE_PATH", "MINIO_ACCESS_KEY", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def in_demo(in_project: None) -> None:
    """Where the lake is in the folder of the demo."""
    Path("data", "nyc-interim", "yellow").rename("lake")


@pytest.mark.usefixtures("in_project")
@pytest.mark.parametrize("name", MODULES)
def test_examples_of_a_module(name: str) -> None:
    """What is shown is what happens."""
    module = importlib.import_module(name)
    names = NAMES | vars(module)
    found = doctest.testmod(module, extraglobs=names, optionflags=FLAGS)
    assert found.failed == 0


@pytest.mark.usefixtures("in_demo")
def test_examples_of_the_page(python_page: list[tuple[bool, str]]) -> None:
    """Those that start nothing; tests/e2e/test_demo.py runs all of them."""
    examples = "".join(text for spark, text in python_page if not spark)
    page = doctest.DocTestParser().get_doctest(
        examples, {}, "docs/python.md", None, 0
    )
    assert len(page.examples) > 20
    assert doctest.DocTestRunner().run(page).failed == 0


def test_there_are_examples() -> None:
    """The search above does find some."""
    months = importlib.import_module("taxi_fare.core.months")
    assert doctest.testmod(months, extraglobs=NAMES).attempted >= 2
