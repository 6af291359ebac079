"""The DAGs are imported, and are what docs/airflow.md says."""

import re
from datetime import timedelta
from itertools import pairwise

import pytest
from airflow.dag_processing.dagbag import DagBag

from airflow_calls import MONTHLY, ROOT, airflow

STEPS = [
    "ingest",
    "check_data",
    "watch",
    "train",
    "check_model",
    "predict",
    "check_predictions",
]


@pytest.fixture(scope="module")
def dags() -> DagBag:
    """What Airflow finds in ``dags/``."""
    return DagBag(dag_folder=str(ROOT / "dags"))


def test_there_are_two_dags_and_no_import_errors(dags: DagBag) -> None:
    """The modules beside them are not taken for DAGs."""
    assert dags.import_errors == {}
    assert set(dags.dags) == {MONTHLY, "taxi_fare_spark_submit"}
    done = airflow("dags", "list-import-errors")
    assert done.returncode == 0, done.stdout
    assert "No data found" in done.stdout


def test_the_tasks_are_those_of_the_documentation(dags: DagBag) -> None:
    """Their names, in order, and how long each may take."""
    text = (ROOT / "docs" / "airflow.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \|.*\| (\d+) (h|min) \|$", text, re.M)
    units = {"h": "hours", "min": "minutes"}
    assert [
        (task.task_id, task.execution_timeout)
        for task in dags.dags[MONTHLY].topological_sort()
    ] == [
        (name, timedelta(**{units[unit]: int(count)}))
        for name, count, unit in rows
    ]


def test_the_month_goes_through_seven_steps(dags: DagBag) -> None:
    """One after another, one month at a time."""
    dag = dags.dags[MONTHLY]
    assert [task.task_id for task in dag.topological_sort()] == STEPS
    for before, after in pairwise(STEPS):
        assert dag.task_dict[before].downstream_task_ids >= {after}
    assert dag.max_active_runs == 1
    assert dag.catchup is False
    for task in dag.tasks:
        assert task.retries == 2, task.task_id
    assert dag.task_dict["ingest"].mode == "reschedule"
    assert set(dag.params) == {
        "month",
        "wait_days",
        "retrain",
        "max_age_months",
        "recipe",
        "promotion_rule",
    }
    assert dag.timetable.expression == "0 6 28 * *"


@pytest.mark.parametrize("month", ["2023-13", "June", "2023-6", ""])
def test_a_month_that_is_none_is_refused(dags: DagBag, month: str) -> None:
    """Before anything runs."""
    for dag in dags.dags.values():
        with pytest.raises(ValueError, match="does not match"):
            dag.params.get_param("month").resolve(month)


def test_a_cluster_trains_and_predicts(dags: DagBag) -> None:
    """The entry files, with absolute places; nothing secret is rendered."""
    dag = dags.dags["taxi_fare_spark_submit"]
    watch, train, predict = dag.topological_sort()
    assert watch.application.endswith("/main.py")
    assert watch.application_args[:2] == ["watch", "--month"]
    assert watch.downstream_task_ids == {train.task_id}
    assert train.downstream_task_ids == {predict.task_id}
    for task, month in ((train, "--test-month"), (predict, "--month")):
        assert type(task).__name__ == "SparkSubmitOperator"
        assert task.application.endswith(f"/src/{task.task_id}.py")
        assert task.application_args[:2] == [month, "{{ params.month }}"]
        assert "--model-registry-path" in task.application_args
        assert task.retries == 0
        assert task.execution_timeout is not None
    assert dag.schedule is None
