"""``taxi-fare compare``, and the recipes on the command line."""

import json
import re
from pathlib import Path

import pytest
from tests.e2e.conftest import Command

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

XGBOOST = {
    "TAXI_FARE_XGBOOST__MAX_ITER": "8",
    "TAXI_FARE_XGBOOST__MAX_DEPTH": "4",
    "TAXI_FARE_XGBOOST__LEARNING_RATE": "0.5",
}


@pytest.fixture(autouse=True)
def small_xgboost(monkeypatch: pytest.MonkeyPatch) -> None:
    """As small as the other recipe."""
    for name, value in XGBOOST.items():
        monkeypatch.setenv(name, value)


def test_recipes_are_ranked_and_nothing_is_promoted(
    command: Command, lake: Path, home: Path
) -> None:
    """Lowest RMSE first; the baselines are there; no registry appears."""
    answer = command(
        "compare",
        "--test-month=2023-04",
        "--recipes=gbt-index,xgboost-index,best",
        f"--data-base-path={lake}",
        "--json",
    )
    assert answer.code == 0
    written = json.loads((home / "reports/comparison.json").read_text())
    assert written == answer.document
    board = written["leaderboard"]
    assert {place["name"] for place in board} == {
        "gbt-index",
        "xgboost-index",
        "xgboost-tariff",
        "baseline: tariff",
        "baseline: mean",
        "baseline: zone-pair median",
    }
    (tariff,) = (x for x in board if x["name"] == "baseline: tariff")
    for place in board:
        for error in ("rmse", "mae"):
            lower = 1 - place[error] / tariff[error]
            assert place["gain"][error] == pytest.approx(lower)
    assert tariff["gain"] == {"rmse": 0, "mae": 0}
    errors = [place["rmse"] for place in board]
    assert errors == sorted(errors)
    assert board[-1]["name"] == "baseline: mean"
    assert {place["rows"] for place in board} == {written["data"]["test_rows"]}
    assert all(
        0 <= x["within_2_dollars"] <= x["within_5_dollars"] <= 1 for x in board
    )
    assert written["simulated"] is True
    assert not (home / "models").exists()


def test_the_leaderboard_is_printed(command: Command, lake: Path) -> None:
    """One line a contestant, and that nothing was promoted."""
    answer = command(
        "compare",
        "--test-month=2023-04",
        "--recipe=best",
        f"--data-base-path={lake}",
    )
    assert answer.code == 0
    assert "xgboost-tariff (best)" in answer.out
    assert "beside the tariff" in re.sub(r"\s+", " ", answer.out)
    assert "zone-pair median" in answer.out
    assert "Nothing was promoted" in answer.out


@pytest.mark.parametrize(
    ("recipes", "message"),
    [
        ("gbt-onehot,lightgbm", "There is no recipe 'lightgbm'"),
        ("gbt-onehot,gbt-onehot", "names one twice"),
        ("", "There is no recipe ''"),
    ],
)
def test_recipes_that_cannot_be_meant_are_refused(
    command: Command, lake: Path, recipes: str, message: str
) -> None:
    """Before anything is trained, with exit code 2."""
    answer = command(
        "compare",
        "--test-month=2023-04",
        f"--recipes={recipes}",
        f"--data-base-path={lake}",
    )
    assert answer.code == 2
    assert message in answer.err


@pytest.mark.parametrize(
    "asked",
    [
        ("--algorithm=xgboost", "xgboost-index"),
        ("--recipe=best", "xgboost-tariff"),
    ],
)
def test_xgboost_takes_over_from_gbt_and_predicts(
    asked: tuple[str, str],
    command: Command,
    lake: Path,
    in_production: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Same gates, same comparison, same registry; another recipe is another
    run; the current model is one that Spark and `quote` can use."""
    option, recipe = asked
    command(
        "train", "--test-month=2023-05", option,
        "--force", f"--data-base-path={lake}",
    )  # fmt: skip
    again = command(
        "train", "--test-month=2023-05", option,
        f"--data-base-path={lake}", "--json",
    )  # fmt: skip
    assert again.code == 0
    assert "Nothing to do" in again.err
    document = again.document
    assert document["recipe"]["name"] == recipe
    assert document["recipe"]["parameters"]["max_iter"] == 8
    assert document["promotion"]["current_metrics"] is not None
    version = in_production / "versions" / document["model_id"]
    manifest = json.loads((version / "manifest.json").read_text())
    assert manifest["portable"]["max_difference_dollars"] < 1e-6
    assert manifest["versions"]["xgboost"]
    told = []
    for engine in ("auto", "spark"):
        monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
        predicted = command(
            "predict", "--month=2023-06", f"--model-path={version}",
            f"--data-base-path={lake}", "--json",
        )  # fmt: skip
        assert predicted.code == 0
        assert predicted.document["predictions"]["non_finite"] == 0
        told.append(predicted.document["predictions"])
    assert told[0] == told[1]
    priced = command(
        "quote", "--pickup=132", "--dropoff=230", "--distance=17",
        "--minutes=45", f"--model-path={version}", "--json",
    )  # fmt: skip
    assert priced.code == 0
    why = priced.document
    added = sum(why["contributions"].values())
    assert why["base"] + added == pytest.approx(why["prediction"])
