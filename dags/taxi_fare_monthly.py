"""
One month of yellow-taxi trips: ingest, gates, watch, training, prediction.

Each task is one ``taxi-fare`` command on the month of the run: the parameter
``month``, or the month two before the logical date. The commands run in the
project's own environment, not in Airflow's. ``docs/airflow.md`` says what
each failure looks like, and what to do.
"""

import logging
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from airflow.sdk import (
    CronTriggerTimetable,
    Param,
    PokeReturnValue,
    Variable,
    chain,
    dag,
    get_current_context,
    task,
)
from airflow.sdk.exceptions import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
)

from taxi_fare_task.command import Ending, run_command
from taxi_fare_task.months import (
    PUBLICATION_LAG,
    first_train_month,
    is_overdue,
    month_at,
)
from taxi_fare_task.verdict import no_need_to_train, sentence, verdict_of

try:  # Not every Airflow keeps lineage.
    from airflow.providers.openlineage.plugins.macros import lineage_parent_id
except ImportError:
    lineage_parent_id = None

REGISTRY = "models/registry"
_NOT_PUBLISHED = "NotPublishedError"
_logger = logging.getLogger(__name__)


@dag(
    dag_id="taxi_fare_monthly",
    # June is published at the end of August.
    schedule=CronTriggerTimetable("0 6 28 * *", timezone="UTC"),
    start_date=datetime(2019, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "execution_timeout": timedelta(minutes=30)},
    params={
        "month": Param(
            None,
            type=["null", "string"],
            pattern="^[12][0-9]{3}-(0[1-9]|1[0-2])$",
            description="Test month, such as 2023-06. Default: the month two"
            " before the logical date.",
        ),
        "wait_days": Param(
            14,
            type="integer",
            minimum=0,
            maximum=25,
            description="How long a scheduled run waits for a month that is"
            " late, before it is skipped. Other runs do not wait.",
        ),
        "retrain": Param(
            "monthly",
            type="string",
            enum=["monthly", "on_alarm"],
            description="Train every month, or only where the watch says"
            " `act` or the model is too old.",
        ),
        "max_age_months": Param(
            6,
            type="integer",
            minimum=1,
            maximum=120,
            description="With `on_alarm`: train where the last month that the"
            " model learnt from is so long ago.",
        ),
        "recipe": Param(
            None,
            type=["null", "string"],
            description="What is trained, such as `best`. Default: what the"
            " settings say.",
        ),
        "promotion_rule": Param(
            None,
            type=["null", "string"],
            enum=[None, "two_of_three", "guarded"],
            description="When a new model is promoted. Default: what the"
            " settings say.",
        ),
    },
    doc_md=__doc__,
    tags=["taxi_fare"],
)
def taxi_fare_monthly() -> None:
    """Chain the seven commands."""

    @task.sensor(
        mode="reschedule",
        poke_interval=timedelta(days=1).total_seconds(),
        timeout=timedelta(days=27).total_seconds(),
        execution_timeout=timedelta(hours=2),
    )
    def ingest() -> PokeReturnValue:
        """Bring the window into the lake; what is there stays as it is."""
        month = _month()
        first = first_train_month(month)
        ending = _run("ingest", "--months", f"{first}..{month}")
        if ending.last.get("error") == _NOT_PUBLISHED:
            return _not_published(ending)
        return PokeReturnValue(is_done=True, xcom_value=_settled(ending))

    @task
    def check_data() -> dict[str, Any]:
        """Ask whether the months may be trained on."""
        return _settled(_run("check", "data", "--test-month", _month()))

    @task
    def watch() -> dict[str, Any]:
        """Compare the month with what the model in production knows."""
        options = ("--month", _month(), "--model-registry-path", REGISTRY)
        return _settled(_run("watch", *options))

    @task(execution_timeout=timedelta(hours=6))
    def train(watched: dict[str, Any]) -> dict[str, Any]:
        """Train, compare with the current model, promote if better."""
        params = get_current_context()["params"]
        if params["retrain"] == "on_alarm":
            reason = no_need_to_train(watched, params["max_age_months"])
            if reason:
                raise AirflowSkipException(reason)
        # Another attempt of this run is no second change of the registry.
        request = get_current_context()["dag_run"].run_id
        options = ["--test-month", _month(), "--request-id", request]
        for name in ("recipe", "promotion_rule"):
            if params[name]:
                options += [f"--{name.replace('_', '-')}", params[name]]
        return _settled(
            _run("train", *options, "--model-registry-path", REGISTRY)
        )

    @task
    def check_model(trained: dict[str, Any]) -> dict[str, Any]:
        """Ask whether the model that was trained may exist."""
        model = f"{REGISTRY}/versions/{trained['model_id']}"
        return _settled(_run("check", "model", "--model-path", model))

    # Also where training was skipped, but not where everything was.
    @task(
        execution_timeout=timedelta(hours=2),
        trigger_rule="none_failed_min_one_success",
    )
    def predict() -> dict[str, Any]:
        """Predict the month with the model that is current now."""
        options = ("--month", _month(), "--model-registry-path", REGISTRY)
        return _settled(_run("predict", *options))

    @task
    def check_predictions(predicted: dict[str, Any]) -> dict[str, Any]:
        """Ask whether a person would accept the predictions."""
        file = predicted["output"]
        return _settled(_run("check", "predictions", "--predictions", file))

    watched, predicted = watch(), predict()
    trained = train(watched)
    chain(ingest(), check_data(), watched)
    chain(trained, check_model(trained), predicted)
    chain(watched, predicted)
    check_predictions(predicted)


def _month() -> str:
    """Return the month of this run."""
    context = get_current_context()
    chosen: str | None = context["params"]["month"]
    # A run that is triggered by hand may have no logical date.
    moment = context.get("logical_date") or context["dag_run"].run_after
    return chosen or month_at(moment, PUBLICATION_LAG)


def _run(*arguments: str) -> Ending:
    """Run a command in the project's environment; log what it logs."""
    here = Path(__file__).resolve().parents[1]
    home = Path(Variable.get("taxi_fare_home", default=str(here)))
    program = Variable.get(
        "taxi_fare_command", default=str(home / ".venv" / "bin" / "taxi-fare")
    )
    command = [*shlex.split(program), *arguments]
    _logger.info("%s: %s", home, shlex.join(command))
    command += ["--json", "--log-format", "json"]
    return run_command(command, home=home, on_line=_log, variables=_parent())


def _parent() -> dict[str, str]:
    """Say which task starts a command, to whom keeps lineage."""
    if lineage_parent_id is None:
        return {}
    task_instance = get_current_context()["ti"]
    return {"OPENLINEAGE_PARENT_ID": lineage_parent_id(task_instance)}


def _log(level: str, text: str) -> None:
    levels = logging.getLevelNamesMapping()
    _logger.log(levels.get(level, logging.INFO), "%s", text)


def _settled(ending: Ending) -> dict[str, Any]:
    """Return a command's verdict, or raise what its failure means."""
    context = get_current_context()
    verdict = {"month": _month()} | verdict_of(ending.document)
    if ending.code == 0:
        _logger.info("Verdict: %s", sentence(verdict))
        return verdict
    verdict |= {
        "exit_code": ending.code,
        "retryable": ending.retryable,
        "error": ending.last.get("error"),
        "message": ending.words,
    }
    _logger.error("Verdict: %s", sentence(verdict))
    context["ti"].xcom_push(key="return_value", value=verdict)
    kind = AirflowException if ending.retryable else AirflowFailException
    raise kind(f"exit code {ending.code}: {ending.words}")


def _not_published(ending: Ending) -> PokeReturnValue:
    """Wait, skip, or say that the source must be wrong."""
    run = get_current_context()["dag_run"]
    params = get_current_context()["params"]
    now, missing = datetime.now(UTC), str(ending.last.get("month"))
    if missing == first_train_month(_month()) and is_overdue(missing, now):
        raise AirflowFailException(
            f"{missing}, the first month of the window, should have been"
            f" published long ago: is the source right? {ending.words}"
        )
    scheduled = run.run_type == "scheduled"
    if scheduled and now < run.run_after + timedelta(params["wait_days"]):
        _logger.warning("%s is late; asking again tomorrow.", missing)
        return PokeReturnValue(is_done=False)
    raise AirflowSkipException(ending.words)


taxi_fare_monthly()
