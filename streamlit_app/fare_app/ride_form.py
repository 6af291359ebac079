"""The questions about a ride, with answers that fit most rides."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from fare_app.page import IN_ADDRESS, App
from fare_app.rides import between_zones, moment
from fare_app.words import Words
from fare_app.zone_names import zone_label
from taxi_fare.core.columns import (
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    PASSENGERS,
    PAYMENT,
    PICKUP_HOUR,
    PICKUP_MONTH,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
    RATE_CODE,
    STORED,
    VENDOR,
)
from taxi_fare.core.zones import Zone, zones
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride, knows_place, usual_rate_code
from taxi_fare.scoring.ride_before import RideBefore, usual_ride

_AUTOMATIC = 0
_NOT_KNOWN = -1
_PAYMENTS = (1, 2, 3, 4)
_RATE_CODES = (_AUTOMATIC, 1, 2, 3, 4, 5, 6)
_VENDORS = (1, 2)
_MOST_PASSENGERS = 9
_FALLBACK_MONTH = "2023-06"
# A usual ride: Midtown Center to the Upper East Side, on a Wednesday at 6 pm.
_FROM, _TO, _MILES, _MINUTES = 161, 236, 2.0, 14.0
_WEDNESDAY, _SIX = 2, 18
_FEW = 5
_IN_ADDRESS = {"distance", "minutes"}


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
    words = app.words
    left, right = st.columns(2)
    pickup = _zone(
        left, label=words("quote.pickup"), first=_FROM, key="pickup"
    )
    dropoff = _zone(
        right, label=words("quote.dropoff"), first=_TO, key="dropoff"
    )
    hint, upper = st.container(), st.columns(3)
    at, payment = _when(app, predictor)
    with st.expander(words("quote.advanced")):
        rate_code, vendor, flag = _advanced(
            app, pickup=pickup, dropoff=dropoff
        )
    asked = RideBefore(
        pickup,
        dropoff,
        at=at,
        passengers=upper[2].number_input(
            words("quote.passengers"),
            0,
            _MOST_PASSENGERS,
            1,
            key="passengers",
            bind=IN_ADDRESS,
        ),
        payment=payment,
        rate_code=rate_code,
        vendor=vendor,
        flag=flag,
    )
    suggested = _suggested(asked, predictor)
    distance = upper[0].number_input(
        words("quote.distance"),
        0.0,
        200.0,
        step=0.5,
        key="distance",
        bind=IN_ADDRESS,
    )
    minutes = upper[1].number_input(
        words("quote.minutes"),
        1.0,
        1439.0,
        step=1.0,
        key="minutes",
        bind=IN_ADDRESS,
        format="%.0f",
    )
    ride = asked.taking(distance, minutes)
    with hint:
        _usual_way(app, ride)
    return asked if (distance, minutes) == suggested else ride


def _when(app: App, predictor: FarePredictor) -> tuple[datetime, int | None]:
    """Ask for the time, and for how it is paid."""
    words, cells = app.words, st.columns(4)
    weekday = cells[0].selectbox(
        words("quote.weekday"),
        range(7),
        index=_WEDNESDAY,
        format_func=lambda day: words(f"weekday.{day}"),
        key="weekday",
        bind=IN_ADDRESS,
    )
    hour = cells[1].selectbox(
        words("quote.hour"),
        range(24),
        index=_SIX,
        format_func=_hour_label,
        key="hour",
        bind=IN_ADDRESS,
    )
    year, usual_month = _year_and_month(predictor.manifest)
    month = cells[2].selectbox(
        words("quote.month"),
        range(1, 13),
        index=usual_month - 1,
        format_func=lambda value: words(f"month.{value}"),
        key="month",
        bind=IN_ADDRESS,
    )
    known = (_NOT_KNOWN, *_PAYMENTS) if predictor.routes else _PAYMENTS
    payment = cells[3].selectbox(
        words("quote.payment"),
        known,
        format_func=lambda code: (
            words(f"payment.{code}")
            if code != _NOT_KNOWN
            else words("quote.any_payment")
        ),
        key="payment",
        bind=IN_ADDRESS,
    )
    at = moment(year=year, month=month, weekday=weekday, hour=hour)
    return at, None if payment == _NOT_KNOWN else payment


def _suggested(
    asked: RideBefore, predictor: FarePredictor
) -> tuple[float, float] | None:
    """
    Fill in what such rides usually take, whenever the way or time changes.

    Returns
    -------
    tuple of float, or None
        Miles and minutes; None where nobody knows.
    """
    way = (asked.pickup.number, asked.dropoff.number, asked.at)
    place = st.session_state
    table = predictor.routes
    if table is None or not knows_place(asked.pickup, asked.dropoff):
        place.setdefault("distance", _MILES)
        place.setdefault("minutes", _MINUTES)
        return None
    usual = usual_ride(asked, table)
    found = (
        round(usual.miles.median, 1),
        float(max(round(usual.minutes.median), 1)),
    )
    before, place["suggested_way"] = place.get("suggested_way"), way
    # An address that was sent may have miles or minutes of its own.
    if before != way and (before or not _IN_ADDRESS & {*st.query_params}):
        place["distance"], place["minutes"] = found
    else:
        place.setdefault("distance", found[0])
        place.setdefault("minutes", found[1])
    return found


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
        "minutes": f"{float(features[DURATION]):.0f}",
        "passengers": f"{float(features[PASSENGERS]):.0f}",
        "weekday": weekday,
        "hour": _hour_label(int(features[PICKUP_HOUR])),
        "month": words(f"month.{int(features[PICKUP_MONTH])}"),
    }
    ends = {"pickup": features[PICKUP_ZONE], "dropoff": features[DROPOFF_ZONE]}
    for name, level in ends.items():
        if str(level).isdecimal() and int(level) in zones():
            answers[name] = zone_label(level)
    for name, level, known in (
        ("payment", features[PAYMENT], _PAYMENTS),
        ("rate_code", features[RATE_CODE], _RATE_CODES),
    ):
        if str(level) in map(str, known):
            answers[name] = words(f"{name}.{level}")
    return f"quote?{urlencode(answers)}"


def _hour_label(hour: int) -> str:
    return f"{hour:02d}:00"


def _zone(
    place: st.delta_generator.DeltaGenerator,
    *,
    label: str,
    first: int,
    key: str,
) -> Zone:
    numbers = sorted(
        zones(), key=lambda each: (zones()[each].borough, zones()[each].name)
    )
    chosen = place.selectbox(
        label,
        numbers,
        index=numbers.index(first),
        format_func=zone_label,
        key=key,
        bind=IN_ADDRESS,
    )
    return zones()[chosen]


def _advanced(
    app: App, *, pickup: Zone, dropoff: Zone
) -> tuple[int | None, int, str]:
    words = app.words
    cells = st.columns(3)
    usual = usual_rate_code(pickup, dropoff)
    automatic = words("quote.automatic", code=words(f"rate_code.{usual}"))
    asked = cells[0].selectbox(
        words.feature(RATE_CODE),
        _RATE_CODES,
        format_func=lambda code: (
            words(f"rate_code.{code}") if code else automatic
        ),
        key="rate_code",
        bind=IN_ADDRESS,
    )
    vendor = cells[1].selectbox(
        words.feature(VENDOR),
        _VENDORS,
        index=1,
        format_func=lambda code: words(f"vendor.{code}"),
        key="vendor",
        bind=IN_ADDRESS,
    )
    flag = cells[2].selectbox(
        words.feature(STORED),
        ("N", "Y"),
        format_func=lambda code: words(f"flag.{code}"),
        key="flag",
        bind=IN_ADDRESS,
        help=words("quote.flag_help"),
    )
    return asked or None, vendor, flag


def _usual_way(app: App, ride: Ride) -> None:
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
