"""The questions about a ride, with answers that fit most rides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from fare_app.address import hear, is_number, tell_unknown
from fare_app.page import IN_ADDRESS, App
from fare_app.ride_length import ask_for_length
from fare_app.rides import between_zones, moment
from fare_app.words import Words
from fare_app.zone_names import zone_label
from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    FLAGS,
    PASSENGERS,
    PAYMENT,
    PAYMENT_NAMES,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
    RATE_CODE,
    RATE_CODE_NAMES,
    STORED,
    VENDOR,
    VENDOR_NAMES,
)
from taxi_fare.core.zones import Zone, zones
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride, usual_rate_code
from taxi_fare.scoring.ride_before import RideBefore

_AUTOMATIC = 0
_NOT_KNOWN = -1
_CARD, _CURB = 1, 2
_FALLBACK_MONTH = "2023-06"
# A usual ride: Midtown Center to the Upper East Side, on a Wednesday at 6 pm.
_FROM, _TO = 161, 236
_WEDNESDAY, _SIX = 2, 18
_FEW = 5
# What each question asks, by its key in the address.
_ASKED = (
    *("pickup", "dropoff", "distance", "minutes", "passengers"),
    *("weekday", "hour", "month", "payment"),
)
_ASKED_OF = {"rate_code": RATE_CODE, "vendor": VENDOR, "flag": STORED}


def _label(words: Words, key: str) -> str:
    if key in _ASKED_OF:
        return words.feature(_ASKED_OF[key])
    return words(f"quote.{key}")


def ask_for_ride(app: App, predictor: FarePredictor) -> Ride | RideBefore:
    """
    Show the questions.

    Parameters
    ----------
    app : App
        The page.
    predictor : FarePredictor
        Whose months are offered first, and whose route table suggests miles
        and minutes.

    Returns
    -------
    Ride or RideBefore
        The answers: before the ride while miles and minutes are those that
        were suggested.
    """
    words, told = app.words, st.container()
    left, right = st.columns(2)
    pickup = _zone(app, left, key="pickup", first=_FROM)
    dropoff = _zone(app, right, key="dropoff", first=_TO)
    hint, upper, lower = st.container(), st.columns(3), st.container()
    at, payment = _when(app, predictor)
    with st.expander(words("quote.advanced")):
        rate_code, vendor, flag = _advanced(
            app, pickup=pickup, dropoff=dropoff
        )
    asked = RideBefore(
        pickup,
        dropoff,
        at=at,
        passengers=_passengers(app, upper[2]),
        payment=payment,
        rate_code=rate_code,
        vendor=vendor,
        flag=flag,
    )
    ride = ask_for_length(app, (*upper[:2], lower), asked, predictor=predictor)
    with hint:
        _usual_way(app, asked)
    with told:
        labels = {key: _label(words, key) for key in (*_ASKED, *_ASKED_OF)}
        tell_unknown(app, labels)
    return ride


def _passengers(app: App, place: DeltaGenerator) -> int:
    """Ask how many; the rules for trips say what cannot be."""
    hear("passengers", lambda text: is_number(text, int))
    return place.number_input(
        app.words("quote.passengers"),
        value=1,
        key="passengers",
        bind=IN_ADDRESS,
    )


def _when(app: App, predictor: FarePredictor) -> tuple[datetime, int | None]:
    """Ask for the time, and for how it is paid."""
    words, cells = app.words, st.columns(4)
    weekday = _choose(
        app,
        cells[0],
        {day: words(f"weekday.{day}") for day in range(7)},
        key="weekday",
        first=_WEDNESDAY,
    )
    hour = _choose(
        app,
        cells[1],
        {hour: _hour_label(hour) for hour in range(24)},
        key="hour",
        first=_SIX,
    )
    year, usual_month = _year_and_month(predictor.manifest)
    month = _choose(
        app,
        cells[2],
        {number: words(f"month.{number}") for number in range(1, 13)},
        key="month",
        first=usual_month,
    )
    payments = {code: words(f"payment.{code}") for code in PAYMENT_NAMES}
    unknown = {_NOT_KNOWN: words("quote.any_payment")}
    payment = _choose(
        app,
        cells[3],
        unknown | payments if predictor.routes else payments,
        key="payment",
        first=_NOT_KNOWN if predictor.routes else _CARD,
    )
    at = moment(year=year, month=month, weekday=weekday, hour=hour)
    return at, None if payment == _NOT_KNOWN else payment


def _choose(
    app: App,
    place: DeltaGenerator,
    named: Mapping[Any, str],
    *,
    key: str,
    first: Any,
) -> Any:
    """Ask for one of a few, by their names."""
    hear(key, lambda text: text in named.values())
    return place.selectbox(
        _label(app.words, key),
        list(named),
        index=list(named).index(first),
        format_func=named.__getitem__,
        key=key,
        bind=IN_ADDRESS,
        help=app.words("quote.flag_help") if key == "flag" else None,
    )


def ride_address(features: Mapping[Any, Any], words: Words) -> str:
    """
    Return the address of the quote of a trip.

    Parameters
    ----------
    features : mapping of str to object
        The 12, by name.
    words : Words
        In whose language the address is.

    Returns
    -------
    str
        Relative to the app; answers that the form does not know are left
        out.
    """
    weekday = words(f"weekday.{int(features[PICKUP_WEEKDAY])}")
    answers = {
        "lang": words.language,
        "distance": f"{float(features[DISTANCE]):g}",
        # No ride takes none: of less than half a minute one is left.
        "minutes": f"{max(float(features[DURATION]), 1):.0f}",
        "passengers": f"{float(features[PASSENGERS]):.0f}",
        "weekday": weekday,
        "hour": _hour_label(int(features[PICKUP_HOUR])),
        "month": words(f"month.{int(features[PICKUP_MONTH])}"),
    }
    ends = {"pickup": features[PICKUP_ZONE], "dropoff": features[DROPOFF_ZONE]}
    for name, level in ends.items():
        if str(level).isdecimal() and int(level) in zones():
            answers[name] = zone_label(level)
    for name, column, known in (
        ("payment", PAYMENT, PAYMENT_NAMES),
        ("rate_code", RATE_CODE, RATE_CODE_NAMES),
        ("vendor", VENDOR, VENDOR_NAMES),
        ("flag", STORED, FLAGS),
    ):
        level = features.get(column)
        if str(level) in map(str, known):
            answers[name] = words(f"{name}.{level}")
    return f"quote?{urlencode(answers)}"


def _hour_label(hour: int) -> str:
    return f"{hour:02d}:00"


def _zone(app: App, place: DeltaGenerator, *, key: str, first: int) -> Zone:
    numbers = sorted(
        zones(), key=lambda each: (zones()[each].borough, zones()[each].name)
    )
    named = {number: zone_label(number) for number in numbers}
    return zones()[_choose(app, place, named, key=key, first=first)]


def _advanced(
    app: App, *, pickup: Zone, dropoff: Zone
) -> tuple[int | None, int, str]:
    words, cells = app.words, st.columns(3)
    usual = usual_rate_code(pickup, dropoff)
    automatic = words("quote.automatic", code=words(f"rate_code.{usual}"))
    codes = {code: words(f"rate_code.{code}") for code in RATE_CODE_NAMES}
    asked = _choose(
        app,
        cells[0],
        {_AUTOMATIC: automatic} | codes,
        key="rate_code",
        first=_AUTOMATIC,
    )
    vendor = _choose(
        app,
        cells[1],
        {code: words(f"vendor.{code}") for code in VENDOR_NAMES},
        key="vendor",
        first=_CURB,
    )
    flag = _choose(
        app,
        cells[2],
        {level: words(f"flag.{level}") for level in reversed(FLAGS)},
        key="flag",
        first=FLAGS[-1],
    )
    return asked or None, vendor, flag


def _usual_way(app: App, ride: RideBefore) -> None:
    """Tell how long real trips between the zones are: few know in miles."""
    sample = app.peek("eda_sample")
    found = None if sample is None else between_zones(ride, sample)
    if found is None or len(found) < _FEW:
        return
    app.note(
        "quote.usual_way",
        count=app.words.number(len(found)),
        miles=app.words.number(found[DISTANCE].median(), digits=1),
        minutes=app.words.number(found[DURATION].median()),
    )


def _year_and_month(manifest: Mapping[str, object]) -> tuple[int, int]:
    data = manifest.get("data")
    month = data.get("test_month") if isinstance(data, dict) else None
    year, number = str(month or _FALLBACK_MONTH).split("-")[:2]
    return int(year), int(number)
