"""The questions of the quote: every answer is priced, or said to be none."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pyarrow as pa
import pytest
from streamlit.testing.v1 import AppTest

from fare_app.artefacts import load_predictor
from fare_app.places import Places
from fare_app.ride_form import ride_address
from fare_app.views import quote
from fare_app.words import LANGUAGES, Words, texts
from taxi_fare.core.columns import (
    FLAGS,
    PAYMENT_NAMES,
    RATE_CODE_NAMES,
    VENDOR_NAMES,
)
from taxi_fare.core.routes import Routes, RouteTable
from taxi_fare.core.ways import ZONES, street_miles
from taxi_fare.features.route_sums import route_sums
from taxi_fare.features.routes import fit_routes
from taxi_fare.scoring.predictor import FarePredictor

Open = Callable[..., AppTest]
LENGTH = ("distance", "minutes")
TRIP = {
    "PULocationID": "132",
    "DOLocationID": "236",
    "trip_distance": 12.5,
    "trip_duration_min": 31.4,
    "passenger_count": 2.0,
    "pickup_hour": 7.0,
    "pickup_dayofweek": 5.0,
    "pickup_month": 3.0,
    "VendorID": "2",
    "payment_type": "2",
    "RatecodeID": "1",
    "store_and_fwd_flag": "N",
}


@pytest.fixture(scope="module")
def table() -> RouteTable:
    """Rides at 12 miles an hour, in the evening at six."""
    draw, trips = np.random.default_rng(1), 5_000
    zones = np.array([48, 132, 161, 230, 236])
    pickup, dropoff = draw.choice(zones, trips), draw.choice(zones, trips)
    miles = street_miles()[pickup * ZONES + dropoff]
    hour = draw.integers(0, 24, trips)
    features = {
        "PULocationID": [str(x) for x in pickup],
        "DOLocationID": [str(x) for x in dropoff],
        "pickup_hour": hour.astype(float),
        "pickup_dayofweek": draw.integers(0, 7, trips).astype(float),
        "trip_distance": miles,
        "trip_duration_min": 60 * miles / np.where(hour == 18, 6.0, 12.0),
    }
    fitted = fit_routes(route_sums(pa.table(features)))
    return RouteTable(
        Routes(
            schema_version=1,
            run_id="a-run",
            timestamp="2026-01-01T00:00:00+00:00",
            simulated=False,
            train_months=("2023-03", "2023-04", "2023-05"),
            usual_log_miles=fitted.usual_log_miles,
            ways=tuple(fitted.ways.tolist()),
            trips=tuple(fitted.trips.tolist()),
            miles=fitted.miles,
            minutes=fitted.minutes,
            payments={"1": 0.75, "2": 0.25},
        )
    )


@pytest.fixture
def open_quote(
    places: Places,
    tmp_path: Path,
    table: RouteTable,
    monkeypatch: pytest.MonkeyPatch,
) -> Open:
    """Open the page by an address, with a model that knows the ways."""

    def knowing(folder: Path) -> FarePredictor:
        """Return the predictor of a version, with a table."""
        return replace(load_predictor(folder), routes=table)

    def opened(language: str = "en", **address: str) -> AppTest:
        """Return the page once it has run."""
        monkeypatch.setattr(quote, "load_predictor", knowing)
        script = tmp_path / "script.py"
        folders = f"{str(places.registry)!r}), Path({str(places.reports)!r}"
        script.write_text(
            "from pathlib import Path\n"
            "from fare_app.places import Places\n"
            "from fare_app.shell import main\n"
            f"main('quote', Places(Path({folders})))\n"
        )
        shown = AppTest.from_file(script, default_timeout=60)
        for name, value in ({"lang": language} | address).items():
            shown.query_params[name] = value
        return shown.run()

    return opened


def _length(shown: AppTest) -> tuple[float | None, ...]:
    return tuple(shown.number_input(key=name).value for name in LENGTH)


def _answers(shown: AppTest) -> Mapping[str | None, Any]:
    kinds = (*shown.selectbox, *shown.number_input)
    return {each.key: each.value for each in kinds}


def test_no_number_has_limits_that_a_browser_keeps_to(
    open_quote: Open,
) -> None:
    """What is beyond them is not sent: the price of before would stay."""
    for each in open_quote().number_input:
        assert not (each.proto.has_min or each.proto.has_max), each.key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("distance", -3), ("minutes", -3), ("minutes", 0)),
        *(("minutes", 1440), ("passengers", -1)),
    ],
)
def test_an_impossible_answer_clears_the_price_and_says_why(
    name: str, value: int, language: str, open_quote: Open
) -> None:
    """Typed by hand, or in an address."""
    typed = open_quote(language)
    assert typed.metric
    typed.number_input(key=name).set_value(value).run()
    asked = open_quote(language, **{name: str(value)})
    for shown in (typed, asked):
        assert not shown.metric and not shown.exception
        (told,) = [each.value for each in shown.error]
        beginning, _, end = texts(language)[f"quote.refused_{name}"].partition(
            "{found}"
        )
        written = Words(language).number(value)
        assert told.startswith(f"{beginning}{written}{end[:8]}")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("distance", 500), ("distance", 0), ("distance", 1e300)),
        *(("minutes", 0.01), ("passengers", 12)),
    ],
)
def test_an_odd_answer_is_priced_as_it_is(
    name: str, value: float, open_quote: Open
) -> None:
    """With a remark, and not with another one in its place."""
    typed = open_quote()
    typed.number_input(key=name).set_value(value).run()
    asked = open_quote(**{name: str(value)})
    for shown in (typed, asked):
        assert shown.metric and not shown.exception and not shown.error
        assert _answers(shown)[name] == value
        assert len(shown.warning) == 1


def _not_known(shown: AppTest) -> list[str]:
    """Return what the page says of its address."""
    boxes = [x for x in shown.warning if x.icon == ":material/link_off:"]
    return [line for box in boxes for line in box.value.split("\n")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_with_what_is_no_answer_is_told_so(
    language: str, open_quote: Open
) -> None:
    """Of every question, until it is answered by hand."""
    usual = _answers(open_quote(language))
    shown = open_quote(language, **dict.fromkeys(map(str, usual), "*no*"))
    assert shown.metric and not shown.exception
    assert _answers(shown) == usual
    asked = [*shown.selectbox, *shown.number_input]
    told = _not_known(shown)
    assert len(told) == len(asked) == 12
    for each in asked:
        assert any(
            f"« {each.label} »" in x or f"“{each.label}”" in x for x in told
        ), each.label
    assert all(r"\*no\*" in each for each in told)
    box = shown.selectbox(key="vendor")
    box.select(box.options[0]).run()
    shown.number_input(key="passengers").set_value(3).run()
    told = _not_known(shown)
    assert len(told) == 10
    vendor = Words(language).feature("VendorID")
    assert not any(vendor in each for each in told)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "1e999"])
def test_what_is_no_finite_number_is_no_answer(
    text: str, open_quote: Open
) -> None:
    """Python would read it as one."""
    shown = open_quote(distance=text)
    assert shown.metric and not shown.exception
    (told,) = _not_known(shown)
    assert text in told.replace("\\", "")


def test_miles_and_minutes_follow_zones_and_time(open_quote: Open) -> None:
    """Until a person sets them; then only the other one does."""
    shown = open_quote()
    miles, minutes = _length(shown)
    assert (miles, minutes) != (None, None)
    shown.selectbox(key="hour").set_value(3).run()
    _, at_night = _length(shown)
    assert minutes > at_night
    shown.number_input(key="minutes").set_value(33.0).run()
    shown.selectbox(key="hour").set_value(18).run()
    shown.selectbox(key="weekday").set_value(6).run()
    assert _length(shown) == (miles, 33.0)
    shown.number_input(key="distance").set_value(7.5).run()
    shown.selectbox(key="month").set_value(1).run()
    assert _length(shown) == (7.5, 33.0)
    assert texts("en")["quote.after"][:24] in _captions(shown)


def _captions(shown: AppTest) -> str:
    return "\n".join(each.value for each in shown.caption)


def test_what_was_set_by_hand_follows_again(open_quote: Open) -> None:
    """By a button that is there as long as it does something."""
    shown = open_quote()
    usual = _length(shown)
    keys = [each.key for each in shown.button]
    assert "follow" not in keys
    assert texts("en")["quote.before"][:24] in _captions(shown)
    shown.number_input(key="distance").set_value(7.5).run()
    shown.number_input(key="minutes").set_value(33.0).run()
    shown.button(key="follow").click().run()
    assert _length(shown) == usual
    assert "follow" not in [each.key for each in shown.button]
    assert texts("en")["quote.before"][:24] in _captions(shown)
    # As an empty field does, of itself.
    shown.number_input(key="minutes").set_value(33.0).run()
    shown.number_input(key="minutes").set_value(None).run()
    assert _length(shown) == usual


@pytest.mark.parametrize("end", ["pickup", "dropoff"])
def test_another_zone_is_another_way(end: str, open_quote: Open) -> None:
    """What was set belongs to the way of before, also after coming back."""
    shown = open_quote()
    usual = _length(shown)
    shown.number_input(key="distance").set_value(7.5).run()
    shown.number_input(key="minutes").set_value(33.0).run()
    zone = shown.selectbox(key=end).value
    shown.selectbox(key=end).set_value(132).run()
    there = _length(shown)
    assert there not in {usual, (7.5, 33.0)}
    shown.selectbox(key=end).set_value(zone).run()
    assert _length(shown) == usual
    assert "another zone" in shown.number_input(key="distance").help


def test_an_address_brings_what_was_set_by_hand(open_quote: Open) -> None:
    """It stays like what was typed; what it does not bring follows."""
    shown = open_quote(distance="9")
    _, minutes = _length(shown)
    shown.selectbox(key="hour").set_value(3).run()
    assert _length(shown)[0] == 9.0
    assert _length(shown)[1] != minutes
    # The usual ones are no setting, as after a reload.
    miles, minutes = _length(open_quote())
    shown = open_quote(distance=str(miles), minutes=str(minutes))
    assert "follow" not in [each.key for each in shown.button]
    assert not _not_known(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("column", "name", "codes"),
    [
        ("payment_type", "payment", PAYMENT_NAMES),
        ("RatecodeID", "rate_code", RATE_CODE_NAMES),
        ("VendorID", "vendor", VENDOR_NAMES),
        ("store_and_fwd_flag", "flag", FLAGS),
    ],
)
def test_every_code_of_today_is_asked_for_and_in_the_address(
    column: str, name: str, codes: Any, language: str, open_quote: Open
) -> None:
    """The codes of the command line, with a name in each language."""
    named = [texts(language)[f"{name}.{code}"] for code in codes]
    for code, label in zip(codes, named, strict=True):
        trip = TRIP | {column: str(code)}
        _, _, query = ride_address(trip, Words(language)).partition("?")
        assert parse_qs(query)[name] == [label]
    shown = open_quote(language, **{name: named[-1]})
    assert set(named) <= {*shown.selectbox(key=name).options}
    assert _answers(shown)[name] == [*codes][-1]
    assert not _not_known(shown)
