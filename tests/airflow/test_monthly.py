"""``airflow dags test`` on simulated months, with real commands."""

import hashlib
import json
import shutil
from pathlib import Path

from airflow_calls import BIN, MONTHLY, DagsTest, Run
from test_structure import STEPS

# What would call for an act.
LIMITS = [
    f"TAXI_FARE_WATCH__{name}_ACT" for name in ("ERROR_RISE", "BIAS", "PSI")
]


def _tree(folder: Path) -> dict[str, str]:
    """Return each file and link of a folder, with what is in it."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def test_a_month_is_promoted_and_the_second_run_changes_nothing(
    promoted: tuple[Path, Run], dags_test: DagsTest
) -> None:
    """The month is two before the date; verdicts are in the log and kept."""
    home, first = promoted
    assert first.code == 0, first.log
    assert first.state == "success"
    assert first.tasks == dict.fromkeys(STEPS, ("success", 1))
    trained = first.verdicts["train"]
    assert trained["month"] == "2023-04"
    assert trained["decision"] == "promoted"
    assert trained["metrics"].keys() == {"rmse", "mae", "r2"}
    report = json.loads((home / "reports/train_metrics.json").read_text())
    assert report["promotion"]["rule"] == "guarded"
    assert report["recipe"]["name"] == "gbt-onehot"
    assert "Verdict: month 2023-04, decision promoted, reason" in first.log
    months = first.verdicts["ingest"]["months"]
    window = ["2023-01", "2023-02", "2023-03", "2023-04"]
    assert months == dict.fromkeys(window, "written")
    for gate in ("check_data", "check_model", "check_predictions"):
        assert first.verdicts[gate]["decision"] == "passed"
    assert first.verdicts["predict"]["model_id"] == trained["model_id"]
    # The first month has no model to be watched with.
    assert first.verdicts["watch"]["model_id"] is None
    registry, lake = home / "models" / "registry", home / "data"
    before = _tree(registry), _tree(lake)
    assert json.loads((registry / "model_registry.json").read_text())

    # Who asks for another rule does not ask for another model.
    second = dags_test(MONTHLY, "2023-06-28", home=home)
    assert second.code == 0, second.log
    assert second.tasks == first.tasks
    months = second.verdicts["ingest"]["months"]
    assert months == dict.fromkeys(window, "unchanged")
    assert second.verdicts["train"] == trained
    assert (_tree(registry), _tree(lake)) == before


def test_without_an_alarm_nothing_is_trained(
    promoted_home: Path, dags_test: DagsTest
) -> None:
    """The month is predicted by the model there is; why is in the log."""
    registry = promoted_home / "models" / "registry"
    before = _tree(registry)
    conf = {"month": "2023-05", "retrain": "on_alarm", "max_age_months": 3}
    run = dags_test(
        *(MONTHLY, "2023-06-28", "--conf", json.dumps(conf)),
        home=promoted_home,
        # Of simulated trips that a tree of one level prices.
        **dict.fromkeys(LIMITS, "1e6"),
    )
    assert run.code == 0, run.log
    skipped = {"train", "check_model"}
    states = {name: state for name, (state, _) in run.tasks.items()}
    assert states == {
        name: "skipped" if name in skipped else "success" for name in STEPS
    }
    assert run.verdicts["watch"]["age_months"] == 2
    assert "2 months old, less than 3: nothing is trained" in run.log
    assert _tree(registry) == before


def test_a_month_that_is_not_published_is_skipped(
    promoted_home: Path, dags_test: DagsTest
) -> None:
    """At once, as this run is not a scheduled one; nothing fails."""
    run = dags_test(MONTHLY, "2023-08-28", home=promoted_home)
    assert run.code == 0, run.log
    assert run.state == "success"
    # Airflow counts no tries of tasks that it skips itself.
    assert {state for state, _ in run.tasks.values()} == {"skipped"}
    assert "The raw month 2023-06 is not in" in run.log


EXAMPLE = """
from datetime import datetime

from airflow.sdk import DAG

with DAG("example", schedule=None, start_date=datetime(2023, 1, 1)):
    from airflow.operators.bash import BashOperator

    train_task = BashOperator(
        task_id='train_model',
        bash_command='cd /opt/workdir/ex05_ml_prediction_service && python src/ml_pipeline.py --test-month {{ ds[:7] }}'
    )
"""  # noqa: E501 - the description's own line


def test_the_example_of_the_description_works(
    checkout: Path, promoted_home: Path, tmp_path: Path, dags_test: DagsTest
) -> None:
    """As it is written, but for the folder: Airflow's own ``python`` goes on
    in the project's environment."""
    for folder in ("data", "models"):
        shutil.copytree(
            promoted_home / folder, checkout / folder, symlinks=True
        )
    before = _tree(checkout / "models")
    assert before
    dags = tmp_path / "dags"
    dags.mkdir()
    (dags / "example.py").write_text(
        EXAMPLE.replace(
            "/opt/workdir/ex05_ml_prediction_service", str(checkout)
        )
    )
    run = dags_test(
        *("example", "2023-04-15"),
        home=checkout,
        AIRFLOW__CORE__DAGS_FOLDER=dags,
        PATH=f"{BIN}:/usr/bin:/bin",  # an activated environment
    )
    assert run.code == 0, run.log
    assert run.tasks == {"train_model": ("success", 1)}
    assert "This run was done before" in run.log
    assert (
        "promoted" in (checkout / "reports" / "train_metrics.json").read_text()
    )
    assert _tree(checkout / "models") == before
