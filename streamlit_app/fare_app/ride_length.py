"""Miles and minutes, which follow the way until a person sets them."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from fare_app.address import hear, is_number
from fare_app.page import IN_ADDRESS, App
from fare_app.words import Words
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.ride import Ride, knows_place, refused_answer
from taxi_fare.scoring.ride_before import RideBefore, usual_ride

# Where nobody knows what is usual.
_FALLBACK = {"distance": 2.0, "minutes": 14.0}
_STEPS = {"distance": (0.5, "%.2f"), "minutes": (1.0, "%.0f")}
# Between which zones a person set a quantity, by its key.
_BY_HAND = "length_by_hand"


def ask_for_length(
    app: App,
    cells: Sequence[Any],
    asked: RideBefore,
    *,
    predictor: FarePredictor,
) -> Ride | RideBefore:
    """
    Ask how far and how long.

    Parameters
    ----------
    app : App
        The page.
    cells : sequence of DeltaGenerator
        Where the two questions and what follows them are shown.
    asked : RideBefore
        What is known of the ride.
    predictor : FarePredictor
        Whose route table tells what is usual.

    Returns
    -------
    Ride or RideBefore
        Before the ride while both are what is usual.
    """
    usual = _usual(asked, predictor)
    _follow(usual or _FALLBACK, follows=usual is not None)
    answers = {
        name: _ask(app, cell, name, follows=usual is not None)
        for name, cell in zip(_FALLBACK, cells, strict=False)
    }
    # One that the browser left without an answer has the usual one.
    taken = (usual or _FALLBACK) | {
        name: value for name, value in answers.items() if value is not None
    }
    ride = asked.taking(taken["distance"], taken["minutes"])
    if usual is None:
        return ride
    # An address may have brought its own.
    for name, value in taken.items():
        if value != usual[name]:
            _by_hand().setdefault(name, _way())
    if not _by_hand():
        return asked
    cells[-1].button(
        app.words("quote.follow"),
        key="follow",
        on_click=_by_hand().clear,
        type="tertiary",
        icon=":material/route:",
    )
    return ride


def refusal(
    asked: Ride | RideBefore, *, longest: float, words: Words
) -> str | None:
    """
    Say why there can be no such ride.

    Parameters
    ----------
    asked : Ride or RideBefore
        What was answered.
    longest : float
        Minutes that a ride must be shorter than.
    words : Words
        The reader's language.

    Returns
    -------
    str or None
        None where there can be.
    """
    ride = asked.taking(1, 1) if isinstance(asked, RideBefore) else asked
    wrong = refused_answer(ride, longest=longest)
    if wrong is None:
        return None
    found = float(getattr(ride, wrong))
    return words(
        f"quote.refused_{wrong}",
        found=words.number(found, digits=0 if found.is_integer() else 2),
        longest=words.number(longest),
    )


def _usual(
    asked: RideBefore, predictor: FarePredictor
) -> dict[str, float] | None:
    table = predictor.routes
    if table is None or not knows_place(asked.pickup, asked.dropoff):
        return None
    usual = usual_ride(asked, table)
    return {
        "distance": round(usual.miles.median, 1),
        "minutes": float(max(round(usual.minutes.median), 1)),
    }


def _follow(values: dict[str, float], *, follows: bool) -> None:
    """Fill in what nobody set; what was set for other zones is of no use."""
    place, by_hand = st.session_state, _by_hand()
    for name, value in values.items():
        if by_hand.get(name) != _way():
            by_hand.pop(name, None)
        is_open = follows and name not in by_hand
        if is_open or place.get(name) is None:
            place[name] = value


def _ask(app: App, cell: Any, name: str, *, follows: bool) -> float | None:
    hear(name, is_number)
    step, style = _STEPS[name]
    # No limits: a browser does not send what is beyond them, and the price
    # of before would stay. Without a value of its own none is like no answer.
    found: float | None = cell.number_input(
        app.words(f"quote.{name}"),
        value=None,
        step=step,
        format=style,
        key=name,
        bind=IN_ADDRESS,
        help=app.words("quote.follow_help") if follows else None,
        on_change=_set_by_hand,
        args=(name,),
    )
    return found


def _set_by_hand(name: str) -> None:
    if st.session_state[name] is None:
        _by_hand().pop(name, None)
    else:
        _by_hand()[name] = _way()


def _by_hand() -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = st.session_state.setdefault(
        _BY_HAND, {}
    )
    return found


def _way() -> tuple[int, int]:
    return st.session_state["pickup"], st.session_state["dropoff"]
