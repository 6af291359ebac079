"""``taxi-fare quote`` with a literal model."""

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from taxi_fare.cli.main import run

RIDE = {
    "--pickup": "JFK Airport",
    "--dropoff": "230",
    "--distance": "17",
    "--minutes": "45",
    "--at": "2023-06-15 17:30",
    "--rate-code": "1",
}
Quote = Callable[..., Any]


@pytest.fixture
def quote(
    portable_version: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Quote:
    """Call the command: its exit code, and what it printed."""
    monkeypatch.chdir(portable_version.parent)

    def call(*more: str, **changes: str) -> Any:
        ride = RIDE | {f"--{name}": text for name, text in changes.items()}
        options = [f"{name}={text}" for name, text in ride.items()]
        if not any(each.startswith("--model") for each in more):
            options.append("--model-path=version")
        capsys.readouterr()
        return run(["quote", *options, *more]), *capsys.readouterr()

    return call


def test_one_price_for_people(quote: Quote) -> None:
    """The price first, then what drives it, then what is not known."""
    code, out, _ = quote()
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == (
        "$52.00  JFK Airport (132) → Times Sq/Theatre District (230),"
        " 17 miles, 45 minutes, Thu 2023-06-15 17:30"
    )
    table = [line.split() for line in lines if " +" in line or " -" in line]
    assert table == [
        ["any", "ride", "+31.00"],
        ["Distance", "+20.00"],
        ["Pickup", "zone", "+3.00"],
        ["Rate", "code", "-2.00"],
    ]
    assert "Simulated trips" in out
    assert "rare or absent" not in out
    # A flat fare holds on this way, and another rate code was given.
    assert "Note: Rate code 1 (standard) is given" in out


def test_the_usual_rate_code_is_that_of_the_app(
    portable_version: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """JFK and Manhattan have a flat fare, whoever asks for the price."""
    ride = {name: text for name, text in RIDE.items() if "rate" not in name}
    options = [f"{name}={text}" for name, text in ride.items()]
    code = run(
        ["quote", *options, f"--model-path={portable_version}", "--json"]
    )
    assert code == 0
    document = json.loads(capsys.readouterr().out)
    assert document["trip"]["RatecodeID"] == 2
    assert document["prediction"] == 58.0
    assert any("is assumed" in each for each in document["warnings"])


def test_one_price_for_programs(quote: Quote) -> None:
    """Price, parts and the trip as it was priced."""
    code, out, _ = quote("--rate-code=2", "--payment=4", "--json")
    assert code == 0
    document = json.loads(out)
    assert document["prediction"] == 58.0
    assert document["model_id"] == "literal"
    assert document["simulated"] is True
    parts = document["base"] + sum(document["contributions"].values())
    assert parts == pytest.approx(58.0)
    assert document["trip"] == {
        "VendorID": 2,
        "tpep_pickup_datetime": "2023-06-15 17:30:00",
        "tpep_dropoff_datetime": "2023-06-15 18:15:00",
        "passenger_count": 1,
        "trip_distance": 17.0,
        "RatecodeID": 2,
        "store_and_fwd_flag": "N",
        "PULocationID": 132,
        "DOLocationID": 230,
        "payment_type": 4,
    }
    months, payment = document["warnings"]
    assert months.endswith("of a ride in June it knows less.")
    assert payment.startswith("Payment type 4 was rare or absent")
    assert document["kind"] == "after"
    assert (document["interval_90"], document["interval"]) == (None, None)


def test_a_time_that_the_model_is_too_old_for_is_said(quote: Quote) -> None:
    """Also in a month of the year that it knows."""
    _, out, _ = quote("--json", at="2031-03-02T17:30")
    (told,) = [x for x in json.loads(out)["warnings"] if "later" in x]
    assert "from 2023-01 to 2023-03, and the ride is of 2031-03, 96" in told
    _, out, _ = quote("--json", at="2022-12-02T17:30")
    assert any("before that" in x for x in json.loads(out)["warnings"])
    _, out, _ = quote("--json", "--rate-code=2", at="2024-03-02T17:30")
    assert json.loads(out)["warnings"] == []


def test_now_is_now_in_new_york(
    quote: Quote, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four or five hours behind UTC, whatever this machine's clock says."""
    monkeypatch.delitem(RIDE, "--at")
    document = json.loads(quote("--json")[1])
    pickup = document["trip"]["tpep_pickup_datetime"]
    behind = datetime.now(UTC) - datetime.fromisoformat(pickup + "+00:00")
    assert timedelta(hours=4) <= behind < timedelta(hours=5, minutes=5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"distance": "-0.1"}, "There is no ride of -0.1 miles."),
        ({"distance": "nan"}, "There is no ride of nan miles."),
        ({"distance": "inf"}, "There is no ride of inf miles."),
        ({"minutes": "0"}, "There is no ride of 0 minutes."),
        ({"minutes": "1440"}, "There is no ride of 1440 minutes."),
        ({"minutes": "nan"}, "There is no ride of nan minutes."),
        ({"passengers": "-1"}, "There is no ride of -1 passengers."),
        ({"pickup": "corona"}, "Corona (56), Corona (57)"),
        ({"dropoff": "266"}, "'266' names no single taxi zone."),
        ({"at": "2023-02-29 10:00"}, "is no New York wall-clock time."),
        ({"at": "2023-06-15T10:00Z"}, "is no New York wall-clock time."),
        ({"at": "noon"}, "'noon' is no New York wall-clock time."),
        ({"distance": "far"}, "--distance"),
    ],
)
def test_a_ride_that_cannot_be_is_refused(
    quote: Quote, changes: dict[str, str], message: str
) -> None:
    """Exit 2 with the value that was given."""
    code, out, err = quote(**changes)
    assert (code, out) == (2, "")
    assert message in err


def test_models_that_are_not_there(quote: Quote) -> None:
    """Exit 3; both options at once are exit 2; a damaged file is exit 6."""
    assert quote("--model-path=nowhere")[0] == 3
    code, _, err = quote("--model-registry-path=nowhere")
    assert code == 3
    assert "There is no model registry in" in err
    both = quote("--model-path=a", "--model-registry-path=b")
    assert both[0] == 2
    Path("version/portable/model.json").write_text("{}")
    assert quote()[0] == 6


def test_a_price_does_not_wait_for_spark(portable_version: Path) -> None:
    """As users call it, neither PySpark nor SciPy is imported."""
    # Nor pandas by us: PyArrow imports it wherever it is installed.
    options = [f"{name}={text}" for name, text in RIDE.items()]
    program = (
        "import sys, taxi_fare.__main__ as program\n"
        "try: program.main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "heavy = {'pyspark', 'py4j', 'scipy', 'sklearn', 'xgboost'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    answer = subprocess.run(
        [
            sys.executable,
            *("-c", program, "quote", "--model-path=version"),
            *options,
        ],
        cwd=portable_version.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith("$52.00")
