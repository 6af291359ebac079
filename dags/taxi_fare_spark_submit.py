"""
The same month by ``spark-submit``, on a cluster.

Watch, training and prediction: the months must be in the lake. The connection
``spark_default`` names the cluster, the driver runs on Airflow's worker, in
the project's environment. ``docs/airflow.md`` has the set-up.
"""

from datetime import timedelta

from airflow.providers.apache.spark.operators.spark_submit import (
    SparkSubmitOperator,
)
from airflow.sdk import DAG, Param

from taxi_fare_task.places import without_keys

HOME = "{{ var.value.taxi_fare_home }}"
LAKE = (
    "{{ var.value.get('taxi_fare_lake', var.value.taxi_fare_home"
    " ~ '/data/nyc-interim/yellow') | without_keys }}"
)
# A folder only if every machine of the cluster has it: see docs/airflow.md.
REGISTRY = (
    "{{ var.value.get('taxi_fare_registry', var.value.taxi_fare_home"
    " ~ '/models/registry') | without_keys }}"
)
PYTHON = f"{HOME}/.venv/bin/python"
# Absolute: spark-submit does not run in the project's folder.
PLACES = (
    *("--data-base-path", LAKE),
    *("--model-registry-path", REGISTRY),
    *("--reports-dir", f"{HOME}/reports"),
)


def submit(name: str, *options: str, program: str = "") -> SparkSubmitOperator:
    """
    Return the task that submits a program of the project.

    Parameters
    ----------
    name : str
        The task.
    *options : str
        Of the command behind the program.
    program : str, optional
        The file. Default: the one in ``src/`` with the name of the task.

    Returns
    -------
    SparkSubmitOperator
        In client mode, with the project's own Python and spark-submit.
    """
    return SparkSubmitOperator(
        task_id=name,
        name=f"taxi_fare_{name}",
        application=f"{HOME}/{program or f'src/{name}.py'}",
        application_args=[*options, *PLACES],
        conf={
            "spark.driver.extraJavaOptions": "-Dlog4j.configurationFile="
            f"{HOME}/conf/log4j2.properties"
        },
        env_vars={
            # Airflow's environment has no spark-submit; the project's has.
            "PATH": f"{HOME}/.venv/bin:/usr/local/bin:/usr/bin:/bin",
            "PYSPARK_DRIVER_PYTHON": PYTHON,
            "PYSPARK_PYTHON": PYTHON,
        },
    )


with DAG(
    dag_id="taxi_fare_spark_submit",
    schedule=None,
    user_defined_filters={"without_keys": without_keys},
    max_active_runs=1,
    # The operator does not tell one exit code from another.
    default_args={"retries": 0, "execution_timeout": timedelta(hours=6)},
    params={
        "month": Param(
            type="string",
            pattern="^[12][0-9]{3}-(0[1-9]|1[0-2])$",
            description="Test month, such as 2023-06.",
        )
    },
    doc_md=__doc__,
    tags=["taxi_fare"],
):
    watch = submit(
        *("watch", "watch", "--month", "{{ params.month }}"),
        program="main.py",
    )
    train = submit(
        "ml_pipeline",
        *("--test-month", "{{ params.month }}"),
        # Cleared and run again, it is no second change of the registry.
        *("--request-id", "{{ run_id }}"),
    )
    watch >> train >> submit("predict", "--month", "{{ params.month }}")
