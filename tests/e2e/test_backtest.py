"""``taxi-fare backtest`` beside what the monthly run itself does."""

import json
import shutil
from pathlib import Path

import pytest
from tests.e2e.conftest import Command

pytestmark = [pytest.mark.spark, pytest.mark.e2e]


def test_policies_live_through_the_months(
    command: Command, lake: Path, home: Path, in_production: Path
) -> None:
    """
    A policy's production is what the monthly run would have had.

    It goes on where it was left, also where it was killed after a decision;
    nothing is promoted. Policies that train on the same months share a fit.
    """

    def lived(last: str) -> dict[str, object]:
        answer = command(
            "backtest", "--from=2023-04", f"--to={last}",
            "--policies=sliding,frozen,guarded,on_alarm",
            f"--data-base-path={lake}", "--json",
        )  # fmt: skip
        assert answer.code == 0
        fits.append(answer.err.count("fit started"))
        return answer.document

    fits: list[int] = []

    state = (in_production / "model_registry.json").read_bytes()
    lived("2023-05")
    (progress,) = (home / "reports/backtest/courses").glob("*/progress.json")
    shutil.copy(progress, home / "before.json")
    found = lived("2023-06")
    assert (in_production / "model_registry.json").read_bytes() == state
    assert (
        json.loads((home / "reports/backtest/backtest.json").read_text())
        == found
    )

    policies = {each["name"]: each for each in found["policies"]}
    assert found["reference"] == "frozen"
    # The first model is everybody's; then two policies train each month.
    assert fits == [1, 1]
    assert sum(each["trainings"] for each in policies.values()) > sum(fits)
    sliding, frozen = policies["sliding"], policies["frozen"]
    assert [x["month"] for x in sliding["months"]] == ["2023-05", "2023-06"]
    assert frozen["trainings"] == 1
    assert sliding["trainings"] == 2
    first = ["2023-01", "2023-02", "2023-03"]
    for each in policies.values():
        assert each["months"][0]["train_months"] == first
        assert each["months"][0]["figures"] == frozen["months"][0]["figures"]
    assert all(x["train_months"] == first for x in frozen["months"])
    promoted = sliding["months"][0]["decision"] == "promoted"
    second = ["2023-02", "2023-03", "2023-04"]
    assert sliding["months"][1]["train_months"] == (
        second if promoted else first
    )

    # The same months by the monthly run, whose model of 2023-04 is there.
    trained = command(
        "train", "--test-month=2023-05", f"--data-base-path={lake}", "--json"
    )
    assert trained.code == 0
    decided = trained.document["promotion"]
    assert decided["decision"] == sliding["months"][0]["decision"]
    assert (
        decided["guarded"]["decision"]
        == (policies["guarded"]["months"][0]["decision"])
    )
    for metric in ("rmse", "mae"):
        assert decided["current_metrics"][metric] == pytest.approx(
            sliding["months"][0]["figures"][metric]
        )

    # Killed after the decisions, before they were written down.
    shutil.copy(home / "before.json", progress)
    again = lived("2023-06")
    assert again["policies"] == found["policies"]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--to=2023-04",), 2, "is not after --from"),
        (("--to=2023-12",), 3, "2023/12"),
        (("--to=2023-05", "--policies=often"), 2, "no policy 'often'"),
        (("--to=2023-05", "--policies=frozen,frozen"), 2, "names one twice"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    command: Command,
    lake: Path,
    options: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    """Before anything is trained."""
    answer = command(
        "backtest", "--from=2023-04", *options, f"--data-base-path={lake}"
    )
    assert answer.code == code
    assert words in answer.err
