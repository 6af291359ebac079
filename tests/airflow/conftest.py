"""An Airflow with a database, and a project with raw months."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_calls import (
    HOME,
    MONTHLY,
    PROJECT_BIN,
    ROOT,
    DagsTest,
    Run,
    airflow,
    left,
    project_python,
)


@pytest.fixture(scope="session", autouse=True)
def _database() -> Iterator[None]:
    """Airflow's database, made anew and removed in the end."""
    done = airflow("db", "migrate")
    assert done.returncode == 0, done.stdout
    yield
    shutil.rmtree(HOME)


SIMULATE = """
import sys
from pathlib import Path
from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

for month in parse_months(sys.argv[2]):
    path = Path(sys.argv[1]) / f"yellow_tripdata_{month}.parquet"
    simulate_month(path, month=month, trips=2_000, seed=7)
"""


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw simulated months 2023-01 to 2023-05."""
    folder = tmp_path_factory.mktemp("raw")
    project_python(SIMULATE, folder, "2023-01..2023-05")
    return folder


@pytest.fixture(scope="session")
def dags_test(raw: Path) -> DagsTest:
    """Run one of the DAGs to its end, in a project's folder."""

    def call(
        dag: str, date: str, *options: str, home: Path, **more: object
    ) -> Run:
        """Call Airflow, then ask its database."""
        variables = {
            "AIRFLOW_VAR_TAXI_FARE_HOME": home,
            "AIRFLOW_VAR_TAXI_FARE_COMMAND": PROJECT_BIN / "taxi-fare",
            "TAXI_FARE_SOURCE__URL": raw,
        }
        done = airflow("dags", "test", dag, date, *options, **variables | more)
        return Run(done.returncode, done.stdout, *left(dag))

    return call


@pytest.fixture(scope="session")
def promoted(
    dags_test: DagsTest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Run]:
    """A project in which the month 2023-04 was run; tests may run it again."""
    home = tmp_path_factory.mktemp("home")
    # The usual recipe, whatever the settings say.
    asked = json.dumps({"promotion_rule": "guarded", "recipe": "gbt-onehot"})
    return home, dags_test(
        *(MONTHLY, "2023-06-28", "--conf", asked),
        home=home,
        TAXI_FARE_TRAINING__ALGORITHM="xgboost",
    )


@pytest.fixture(scope="session")
def promoted_home(promoted: tuple[Path, Run]) -> Path:
    """The folder of that project."""
    home, run = promoted
    assert run.code == 0, run.log
    return home


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout of the project with its environment, and nothing else."""
    place = tmp_path / "ex05_ml_prediction_service"
    for folder in ("src", "conf"):
        shutil.copytree(ROOT / folder, place / folder)
    shutil.copy(ROOT / "main.py", place)
    (place / ".venv").symlink_to(ROOT / ".venv")
    return place
