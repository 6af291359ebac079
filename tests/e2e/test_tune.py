"""``taxi-fare tune``, and a run with what it found."""

import json
import os
import signal
from pathlib import Path

import pytest
from tests.e2e.conftest import Command, Start

pytestmark = [pytest.mark.spark, pytest.mark.e2e]


@pytest.fixture(autouse=True)
def small_xgboost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few trees; what is searched is not smaller."""
    monkeypatch.setenv("TAXI_FARE_XGBOOST__MAX_ITER", "8")


def test_the_month_that_is_prepared_for_is_not_read(
    command: Command, lake: Path, home: Path
) -> None:
    """It is not there yet. The same search again has nothing left to do."""
    asked = (
        "tune", "--test-month=2023-07", "--recipe=gbt-index", "--trials=1",
        "--trips=2000", f"--data-base-path={lake}", "--json",
    )  # fmt: skip
    first = command(*asked)
    assert first.code == 0
    tuning = first.document["tuning"]
    assert tuning["chosen_on"] == "2023-06"
    assert tuning["train_months"] == ["2023-04", "2023-05"]
    assert tuning["trials"] == 1
    assert tuning["train_rows"] <= 2_000
    again = command(*asked)
    same = ("recipe", "parameters", "tuning")
    assert [again.document[x] for x in same] == [
        first.document[x] for x in same
    ]
    file = home / "reports/tuned/2023-07_gbt-index.json"
    assert json.loads(file.read_text()) == again.document
    refused = command(
        "train", "--test-month=2023-06", f"--tuned={file}",
        f"--data-base-path={lake}",
    )  # fmt: skip
    assert refused.code == 2
    assert "The parameters were chosen on 2023-06" in refused.err


def test_ctrl_c_keeps_the_best(start: Start, lake: Path, home: Path) -> None:
    """With the exit code of Ctrl-C; the same command would go on."""
    search = start(
        "tune", "--test-month=2023-07", "--recipe=xgboost-index",
        f"--data-base-path={lake}",
    )  # fmt: skip
    file = home / "reports/tuned/2023-07_xgboost-index.json"
    said = []
    assert search.stderr is not None
    for line in search.stderr:
        said.append(line)
        if "best RMSE" in line:
            break
    os.killpg(search.pid, signal.SIGINT)
    _, err = search.communicate(timeout=60)
    assert search.returncode == 128 + signal.SIGINT, "".join([*said, err])
    assert "the same command goes on" in "".join([*said, err])
    assert "Traceback" not in err
    assert json.loads(file.read_text())["tuning"]["trials"] >= 1


def test_a_run_is_trained_with_what_was_tuned(
    command: Command, lake: Path, home: Path
) -> None:
    """Its parameters are the model's, its report tells where they are from."""
    searched = command(
        "tune", "--test-month=2023-06", "--recipe=best", "--trials=3",
        "--output=found.json", f"--data-base-path={lake}",
    )  # fmt: skip
    assert searched.code == 0
    assert "Written: found.json" in searched.out
    found = json.loads((home / "found.json").read_text())
    assert found["tuning"]["trials"] == 3
    found["parameters"]["xgboost"]["max_depth"] = 3
    (home / "found.json").write_text(json.dumps(found))
    asked = (
        "train", "--test-month=2023-06", "--tuned=found.json",
        f"--data-base-path={lake}", "--json",
    )  # fmt: skip
    trained = command(*asked)
    assert trained.code == 0
    recipe = trained.document["recipe"]
    assert recipe["name"] == "xgboost-tariff"
    assert recipe["parameters"]["max_depth"] == 3
    assert recipe["tuned"] == found["tuning"] | {"file": "found.json"}
    page = (home / "reports" / trained.document["report"]).read_text()
    assert "--tuned found.json" in page
    assert "RMSE on 2023-05" in page
    assert "RMSE on 2023-06" in page
    again = command(*asked)
    assert "Nothing to do" in again.err
    assert again.document["model_id"] == trained.document["model_id"]
