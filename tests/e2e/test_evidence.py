"""How sure a decision and a price are, with models that Spark fitted."""

import json
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from pyspark.sql import SparkSession
from tests.e2e.conftest import Command

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

REGISTRY = Path("models/registry")
JUNE = Path("reports/predictions/2023-06.parquet")


def _train(command: Command, lake: Path, *more: str) -> dict[str, Any]:
    answer = command("train", f"--data-base-path={lake}", "--json", *more)
    assert answer.code == 0, answer.err
    return answer.document


def test_a_decision_says_how_sure_it_is(
    in_production: Path, command: Command, lake: Path, spark: SparkSession
) -> None:
    """Both engines, `registry compare` and the page say the same."""
    place = f"--data-base-path={lake}"
    run = _train(command, lake, "--test-month=2023-05")
    promotion = run["promotion"]
    evidence = promotion["evidence"]
    assert (promotion["rule"], evidence["days"]) == ("two_of_three", 31)
    theirs = promotion["current_metrics"]
    for name, gain in evidence["gains"].items():
        expected = 1 - run["metrics"][name] / theirs[name]
        assert gain["gain"] == pytest.approx(expected), name
        low, high = gain["interval"]
        assert low <= gain["gain"] <= high
    assert [*evidence["slices"]] == [
        *("price_bucket", "airport", "borough", "hour_band", "payment_type")
    ]
    for levels in evidence["slices"].values():
        rows = sum(each["rows"] for each in levels.values())
        assert rows == run["metrics"]["rows"]
    assert {*promotion["baselines"]} == {"mean", "zone-pair median"}
    assert promotion["baselines"]["mean"]["rmse"] > run["metrics"]["rmse"]
    assert promotion["guarded"]["reasons"]
    compared = command(
        "registry",
        "compare",
        promotion["compared_with"],
        run["model_id"],
        "--month=2023-05",
        place,
        "--json",
    )
    assert compared.code == 0, compared.err
    found = compared.document["evidence"]
    assert found["gains"] == evidence["gains"]
    for way, levels in evidence["slices"].items():
        assert found["slices"][way] == levels
    page = (Path("reports") / run["report"]).read_text()
    assert "How sure that is" in page
    assert "The guarded rule would have" in page
    history = json.loads((REGISTRY / "model_registry.json").read_text())
    assert history["history"][-1]["gains"] == evidence["gains"]


def test_the_guarded_rule_decides_where_it_is_asked_for(
    in_production: Path, command: Command, lake: Path, spark: SparkSession
) -> None:
    """The same model once more is no better than itself."""
    run = _train(
        command,
        lake,
        "--test-month=2023-04",
        "--force",
        "--promotion-rule=guarded",
    )
    promotion = run["promotion"]
    assert (promotion["rule"], promotion["decision"]) == ("guarded", "kept")
    for gain in promotion["evidence"]["gains"].values():
        assert (gain["gain"], gain["interval"]) == (0.0, [0.0, 0.0])
    answer = command("registry", "history")
    assert "0 of 3 are on the better side" in answer.out


def test_predictions_carry_their_intervals(
    in_production: Path,
    command: Command,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As wide as was asked for; the report says what they held."""
    month, place = "--month=2023-06", f"--data-base-path={lake}"
    widths = {}
    for stated in (80, 95):
        monkeypatch.setenv("TAXI_FARE_PREDICTION__INTERVAL", str(stated))
        answer = command("predict", month, place, "--json")
        assert answer.code == 0, answer.err
        table = pq.read_table(JUNE)
        names = f"lower_{stated}", f"upper_{stated}"
        low, high = (table[name] for name in names)
        price = table["prediction"]
        assert pc.all(pc.less_equal(low, price)).as_py()
        assert pc.all(pc.less_equal(price, high)).as_py()
        paid = table["total_amount"]
        inside = pc.and_(pc.less_equal(low, paid), pc.less_equal(paid, high))
        told = answer.document["intervals"]
        assert {*told["coverage"]} == {"80", "90", "95"}
        assert told["calibrated_on"] == "2023-04"
        share = pc.mean(inside).as_py()
        # A few trips are predicted, whose total is none to be measured by.
        assert told["coverage"][str(stated)] == pytest.approx(share, abs=2e-3)
        assert share == pytest.approx(stated / 100, abs=0.06)
        rows = sum(x["rows"] for x in told["by_price_bucket"].values())
        assert 2_900 < rows == told["rows"] <= table.num_rows
        widths[stated] = told["mean_width"]
    assert widths[80] == widths[95]
    assert widths[80]["80"] < widths[80]["90"] < widths[80]["95"]
    watched = command("watch", month, place, "--json").document
    assert watched["accuracy"]["coverage"] == told


def test_damaged_intervals_are_refused(
    in_production: Path, command: Command, lake: Path
) -> None:
    """By whoever uses the model: they would be wrong numbers."""
    file = in_production / "current" / "portable" / "intervals.json"
    file.write_text(file.read_text().replace("-", "", 1))
    place = f"--data-base-path={lake}"
    ride = (
        *("--pickup=JFK", "--dropoff=Times Sq"),
        *("--distance=17", "--minutes=45"),
    )
    for arguments in (
        ("predict", "--month=2023-06", place),
        ("quote", *ride),
    ):
        answer = command(*arguments)
        assert answer.code == 6
        assert "intervals.json" in answer.err


def test_a_person_decides_otherwise(
    in_production: Path, command: Command, lake: Path, spark: SparkSession
) -> None:
    """With a reason that the history keeps."""
    first = json.loads((in_production / "model_registry.json").read_text())
    before = first["slots"]["current"]
    run = _train(command, lake, "--test-month=2023-05")
    other = before
    if run["promotion"]["decision"] != "promoted":
        other = run["model_id"]
    answer = command(
        "registry", "promote", other, "--yes", "--reason=it is calmer"
    )
    assert answer.code == 0, answer.err
    assert f"Current model: {other}" in answer.out
    latest = command("registry", "history", "--json").document[0]
    assert (latest["event"], latest["decided_by"]) == ("promoted", "person")
    assert latest["reason"] == "it is calmer"
    assert command("registry", "promote", other).code == 2


def test_a_price_before_the_ride(
    in_production: Path, command: Command, lake: Path
) -> None:
    """From zones and a time, with the error that registration measured."""
    metrics = json.loads(Path("reports/train_metrics.json").read_text())
    before = metrics["before_the_ride"]
    assert before["rows"] == metrics["metrics"]["rows"]
    assert before["mae"] > metrics["metrics"]["mae"]
    routes = in_production / "current" / "portable" / "routes.json"
    document = json.loads(routes.read_text())
    assert document["before"]["metrics"] == before
    assert sum(document["trips"]) == metrics["data"]["train_rows"]
    assert sum(document["payments"].values()) == pytest.approx(1.0)
    assert routes.stat().st_size < 5e6
    way = "--pickup=JFK", "--dropoff=Times Sq", "--at=2023-04-12T17:30"
    answer = command("quote", *way, "--json")
    assert answer.code == 0, answer.err
    told = answer.document
    assert told["kind"] == "before"
    assert told["typical_error"] == before["mae"]
    low, high = told["interval_90"]
    assert 0 <= low < told["prediction"] < high
    cash = command("quote", *way, "--payment=2", "--json").document
    card = command("quote", *way, "--payment=1", "--json").document
    prices = sorted(x["prediction"] for x in (cash, told, card))
    assert prices[0] <= told["prediction"] <= prices[2]
    page = (Path("reports") / metrics["report"]).read_text()
    assert "from zones and time alone, it is off by" in page
