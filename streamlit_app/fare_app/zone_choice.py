"""A map that is shown, and the zone that its reader chose."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fare_app.artefacts import Stamp, stamp
from fare_app.page import IN_ADDRESS, App, choose_one
from fare_app.words import Words, literal
from fare_app.zone_map import VIEWS, Coloured, zone_map
from taxi_fare.core.columns import DROPOFF_ZONE, PICKUP_ZONE
from taxi_fare.core.zone_shapes import Ring, read_rings, shapes_file
from taxi_fare.core.zones import zones

ENDS = {"pickup": PICKUP_ZONE, "dropoff": DROPOFF_ZONE}


@dataclass(frozen=True)
class Chosen:
    """
    The trips that a reader chose on a map.

    Parameters
    ----------
    end : {'pickup', 'dropoff'}
        Which end of them lies in the zone.
    zone : int
        Its number.
    """

    end: str
    zone: int

    def holds(self, trip: Mapping[str, Any]) -> bool:
        """Tell whether a trip, by its features, is one of them."""
        return str(trip[ENDS[self.end]]) == str(self.zone)

    def told(self, words: Words) -> str:
        """Name them, as part of a sentence."""
        return words(f"map.{self.end}_of", zone=str(zones()[self.zone]))


def choose_end(app: App, *, key: str) -> str:
    """
    Ask whether a map is of pickups or of dropoffs.

    Parameters
    ----------
    app : App
        The page.
    key : str
        Its name on the page.

    Returns
    -------
    str
        A name of ``ENDS``.
    """
    named = {name: app.words(f"quote.{name}") for name in ENDS}
    label = app.words("map.end")
    return choose_one(label, named, key=f"{key}_end")


def choose_zone(app: App, shown: Coloured, *, key: str) -> int | None:
    """
    Show a map, and below it a list with the same zones.

    Parameters
    ----------
    app : App
        The page.
    shown : Coloured
        What the map shows.
    key : str
        Its name on the page.

    Returns
    -------
    int or None
        The zone that was chosen, on the map or in the list.
    """
    words, chosen = app.words, f"{key}_zone"
    view = choose_one(
        words("map.view"),
        {name: words(f"map.{name}") for name in VIEWS},
        key=f"{key}_view",
    )
    # A list as well: a map cannot be used with the keyboard.
    numbers = sorted(shown.values, key=lambda each: str(zones()[each]))
    zone = st.selectbox(
        words("map.zone"),
        [None, *numbers],
        format_func=lambda each: (
            words("map.every") if each is None else str(zones()[each])
        ),
        key=chosen,
        bind=IN_ADDRESS,
    )
    rings = known_rings()
    figure = zone_map(
        shown,
        words=words,
        rings=rings,
        view=view,
        chosen=zone,
    )
    named = {
        str(zones()[each]): shown.texts.get(each, "")
        for each in sorted(shown.values, key=lambda x: -shown.values[x])[:5]
    }
    app.chart(
        figure,
        key=f"{key}_map",
        alt=words(
            "map.alt",
            what=shown.title,
            most="; ".join(f"{name}: {text}" for name, text in named.items()),
        ),
        on_click=lambda points: _clicked(points, chosen),
    )
    if not rings:
        _without_shapes(app)
    return zone


def trips_of_zone(
    app: App, trips: pd.DataFrame, *, shown: Coloured, end: str, key: str
) -> tuple[pd.DataFrame, Chosen | None]:
    """
    Show a map of trips, and keep those of the zone that is chosen.

    Parameters
    ----------
    app : App
        The page.
    trips : DataFrame
        With their features.
    shown : Coloured
        What the map shows.
    end : {'pickup', 'dropoff'}
        Of which end it is.
    key : str
        Its name on the page.

    Returns
    -------
    DataFrame
        All of them where no zone is chosen.
    Chosen or None
        What was.
    """
    zone = choose_zone(app, shown, key=key)
    if zone is None:
        return trips, None
    kept = trips[trips[ENDS[end]] == str(zone)]
    chosen, count = Chosen(end, zone), app.words.number(len(kept))
    app.say("map.only", which=chosen.told(app.words), trips=count)
    return kept, chosen


def _clicked(points: list[dict[str, Any]], chosen: str) -> None:
    """Choose the zone of a point, or none where that is chosen."""
    if points:
        number = int(points[0]["customdata"][0])
        now = st.session_state.get(chosen)
        st.session_state[chosen] = None if now == number else number


def _without_shapes(app: App) -> None:
    """Say how to have outlines; what is there and damaged is said to be."""
    command, file = "taxi-fare zones fetch", shapes_file()
    if file is None:
        app.note("map.dots", command=literal(command))
    else:
        app.note("map.damaged", command=command, file=literal(file.name))


def known_rings() -> Mapping[int, list[Ring]]:
    """Return the outlines that were fetched; none where there are none."""
    file = shapes_file()
    found = stamp(file) if file else None
    return _rings(found) if found else {}


@st.cache_resource(max_entries=2, show_spinner=False)
def _rings(found: Stamp) -> Mapping[int, list[Ring]]:
    try:
        return read_rings(Path(found[0]))
    except (OSError, ValueError):
        return {}
