"""An Airflow of its own, called as a person calls it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

Done = subprocess.CompletedProcess[str]

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PROJECT_BIN = ROOT / ".venv" / "bin"
HOME = Path(mkdtemp(prefix="airflow-"))
PATIENCE_SECONDS = 1200
MONTHLY = "taxi_fare_monthly"
# Airflow reads these when it is imported.
os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(ROOT / "dags"),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY="0",
    AIRFLOW__LOGGING__COLORED_CONSOLE_LOG="False",
)


@dataclass(frozen=True)
class Run:
    """
    What ``airflow dags test`` left.

    Parameters
    ----------
    code : int
        Exit code of the command.
    log : str
        What it printed.
    state : str
        Of the run.
    tasks : dict
        State and number of tries of each task.
    verdicts : dict
        What each task returned.
    """

    code: int
    log: str
    state: str
    tasks: dict[str, tuple[str, int]]
    verdicts: dict[str, Any]


DagsTest = Callable[..., Run]


def project_python(program: str, *arguments: object) -> str:
    """Run some lines in the project's environment; return what they print."""
    return subprocess.run(
        [PROJECT_BIN / "python", "-c", program, *map(str, arguments)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


ARCHIVE = """
from taxi_fare.core.spark.class_archive import archive_options
from taxi_fare.core.spark.java import find_java

print(*archive_options(find_java(), "use"))
"""
# Small models: these tests are about the calls, not about the figures.
SMALL = {
    "TAXI_FARE_GBT__MAX_ITER": "1",
    "TAXI_FARE_GBT__MAX_DEPTH": "2",
    "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
    # A JVM that lives for seconds spends most of them on optimising itself and
    # on reading Spark's classes.
    "JAVA_TOOL_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    + project_python(ARCHIVE).strip(),
}


def airflow(*arguments: str, **more: object) -> Done:
    """Run a command of Airflow; stderr is joined to stdout."""
    variables = {name: str(value) for name, value in more.items()}
    with subprocess.Popen(
        [BIN / "airflow", *arguments],
        env={**os.environ, **SMALL, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            out, _ = process.communicate(timeout=PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            # As a person would: the task then ends what it has started.
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate()
    return Done(process.args, process.returncode, out)


def left(dag: str) -> tuple[str, dict[str, tuple[str, int]], dict[str, Any]]:
    """Return what the latest run of a DAG left in Airflow's database."""
    with sqlite3.connect(HOME / "airflow.db") as database:
        ((run, state),) = database.execute(
            "select run_id, state from dag_run where dag_id = ?"
            " order by id desc limit 1",
            [dag],
        )
        tasks = database.execute(
            "select task_id, state, try_number from task_instance"
            " where dag_id = ? and run_id = ?",
            [dag, run],
        )
        values = database.execute(
            "select task_id, value from xcom where dag_id = ? and run_id = ?"
            " and key = 'return_value'",
            [dag, run],
        )
        return (
            state,
            {task: (state, tries) for task, state, tries in tasks},
            {task: json.loads(value) for task, value in values},
        )
