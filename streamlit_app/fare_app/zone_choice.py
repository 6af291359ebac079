"""A map that is shown, and the zone that its reader chose."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from fare_app.artefacts import Stamp, stamp
from fare_app.page import IN_ADDRESS, App, choose_one
from fare_app.words import literal
from fare_app.zone_map import VIEWS, Coloured, zone_map
from taxi_fare.core.zone_shapes import Ring, read_rings, shapes_file
from taxi_fare.core.zones import zones


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
    figure = zone_map(
        shown,
        words=words,
        rings=known_rings(),
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
    if not known_rings():
        app.note("map.dots", command=literal("taxi-fare zones fetch"))
    return zone


def _clicked(points: list[dict[str, Any]], chosen: str) -> None:
    """Choose the zone of a point, or none where that is chosen."""
    if points:
        number = int(points[0]["customdata"][0])
        now = st.session_state.get(chosen)
        st.session_state[chosen] = None if now == number else number


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
