"""An Airflow with a database, and a project with raw months."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from airflow_calls import (
    HOME,
    PROJECT_BIN,
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
from taxi_fare.lake.simulate import simulate_month

for month in parse_months(sys.argv[2]):
    path = Path(sys.argv[1]) / f"yellow_tripdata_{month}.parquet"
    simulate_month(path, month, trips=2_000, seed=7)
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
