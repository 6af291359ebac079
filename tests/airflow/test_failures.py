"""A month that fails: at once, or after other attempts."""

import json
import shutil
from pathlib import Path

import pytest

from airflow_calls import MONTHLY, PROJECT_BIN, ROOT, DagsTest
from test_structure import STEPS


def test_a_source_without_any_month_fails(
    tmp_path: Path, dags_test: DagsTest
) -> None:
    """Months of 2022 are not late: skipping would hide a wrong source."""
    conf = json.dumps({"month": "2022-12"})
    run = dags_test(
        *(MONTHLY, "2023-06-28", "--conf", conf),
        home=tmp_path,
        TAXI_FARE_SOURCE__URL=tmp_path,
    )
    assert run.code != 0
    assert run.tasks["ingest"] == ("failed", 1)
    assert "is the source right?" in run.log


def test_refused_data_fails_at_once(
    tmp_path: Path, raw: Path, dags_test: DagsTest
) -> None:
    """Exit code 4: another attempt would end in the same way."""
    source = tmp_path / "raw"
    shutil.copytree(raw, source)
    (source / "yellow_tripdata_2023-03.parquet").write_bytes(b"no parquet")
    run = dags_test(
        *(MONTHLY, "2023-06-28"), home=tmp_path, TAXI_FARE_SOURCE__URL=source
    )
    assert run.code != 0
    assert run.state == "failed"
    assert run.tasks["ingest"] == ("failed", 1)
    assert {run.tasks[task][0] for task in STEPS[1:]} == {"upstream_failed"}
    verdict = run.verdicts["ingest"]
    assert (verdict["exit_code"], verdict["month"]) == (4, "2023-04")
    assert "is not readable parquet" in verdict["message"]


@pytest.mark.parametrize(
    ("command", "code"),
    [
        # Without its packages the project ends with 7.
        (f"{PROJECT_BIN / 'python'} -S {ROOT / 'main.py'}", 7),
        ("/nonexistent/taxi-fare", 127),
    ],
)
def test_what_is_not_installed_is_retried(
    command: str, code: int, tmp_path: Path, dags_test: DagsTest
) -> None:
    """Somebody may be installing it: twice more."""
    run = dags_test(
        *(MONTHLY, "2023-06-28"),
        home=tmp_path,
        AIRFLOW_VAR_TAXI_FARE_COMMAND=command,
    )
    assert run.code != 0
    assert run.tasks["ingest"] == ("failed", 3)
    assert run.verdicts["ingest"]["exit_code"] == code
    assert run.log.count(f"exit_code {code}") == 3


def test_a_network_that_fails_is_retried(
    tmp_path: Path, dags_test: DagsTest
) -> None:
    """Exit code 75: it may be back in five minutes."""
    run = dags_test(
        *(MONTHLY, "2023-06-28"),
        home=tmp_path,
        TAXI_FARE_SOURCE__URL="http://127.0.0.1:9",
        TAXI_FARE_SOURCE__ATTEMPTS=1,
    )
    assert run.code != 0
    assert run.tasks["ingest"] == ("failed", 3)
    verdict = run.verdicts["ingest"]
    assert (verdict["exit_code"], verdict["retryable"]) == (75, True)
    assert verdict["error"] == "TemporaryError"
