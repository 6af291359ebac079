"""The map of New York: a colour for each taxi zone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from fare_app.charts import BLUE, GREY, ORANGE, styled
from fare_app.colour_scales import MORE, steps
from fare_app.words import MISSING, Words
from taxi_fare.core.zone_shapes import Ring
from taxi_fare.core.zones import Zone, zones

# What changed nothing is pale; its outline is what stands out of the page.
TO_BOTH_SIDES = steps([BLUE, "#c8c8c8", ORANGE], first=0.0, last=1.0)
# One odd zone must not leave one colour for all others.
_MOST = 0.97
_HEIGHT = 560
# Degrees of longitude are shorter than those of latitude here.
_NARROWER = float(np.cos(np.radians(40.75)))
# Pixels from an end to its name.
_AWAY = 20
# West, east, south and north of what is shown.
VIEWS = {
    "city": (-74.27, -73.69, 40.49, 40.92),
    "manhattan": (-74.025, -73.9, 40.695, 40.885),
}


@dataclass(frozen=True)
class Coloured:
    """
    What a map shows.

    Parameters
    ----------
    title : str
        What the colour means, with the unit.
    values : mapping of int to float
        By zone; zones without one are grey.
    texts : mapping of int to str
        By zone, what is said of it.
    to_both_sides : bool
        Whether 0 lies in the middle of the colours.
    """

    title: str
    values: Mapping[int, float]
    texts: Mapping[int, str]
    to_both_sides: bool = False

    def limits(self) -> tuple[float, float]:
        """Return the values of the first and of the last colour."""
        found = np.array([*self.values.values()] or [0.0, 1.0])
        if self.to_both_sides:
            most = float(np.quantile(np.abs(found), _MOST)) or 1.0
            return -most, most
        low, high = np.quantile(found, [1 - _MOST, _MOST])
        return float(low), float(high if high > low else low + 1)


def by_zone(figures: pd.DataFrame) -> dict[int, dict[str, float]]:
    """
    Return figures of zones.

    Parameters
    ----------
    figures : DataFrame
        A row for each level of a zone; levels that are none are left out.
    """
    rows: dict[Any, dict[Any, float]] = figures.to_dict("index")
    known = {str(number) for number in zones()}
    return {int(str(x)): rows[x] for x in rows if str(x) in known}


def zone_map(
    shown: Coloured,
    *,
    words: Words,
    rings: Mapping[int, Sequence[Ring]],
    view: str = "city",
    chosen: int | None = None,
) -> go.Figure:
    """
    Draw zones in colours.

    Parameters
    ----------
    shown : Coloured
        Which colours.
    words : Words
        The language.
    rings : mapping of int to sequence of ring
        Outlines by zone; a zone without any is a dot in its middle.
    view : {'city', 'manhattan'}, optional
        What of the city.
    chosen : int, optional
        The zone that is marked.

    Returns
    -------
    Figure
        Points have their zone as ``customdata``.
    """
    figure = go.Figure()
    placed = _placed()
    low, high = shown.limits()
    scale = TO_BOTH_SIDES if shown.to_both_sides else MORE
    known = [zone for zone in placed if zone.number in shown.values]
    if rings:
        colours = _colours(shown, scale=scale)
        figure.update_layout(
            shapes=[
                _outline(ring, colours.get(zone.number, "rgba(0,0,0,0)"))
                for zone in placed
                for ring in rings.get(zone.number, [])
            ]
        )
    else:
        others = [zone for zone in placed if zone.number not in shown.values]
        # Rings: a zone that nobody knows is not one with the least.
        ring = {"color": GREY, "size": 4, "symbol": "circle-open"}
        figure.add_trace(_dots(others, {}, marker=ring))
    marker = {
        "size": [_size(zone) for zone in known],
        "color": [shown.values[zone.number] for zone in known],
        "colorscale": scale,
        "cmin": low,
        "cmax": high,
        "opacity": 0.0 if rings else 0.9,
        "line": {"color": GREY, "width": 0.5},
        "colorbar": {"title": shown.title, "thickness": 12, "x": 1.0},
    }
    figure.add_trace(_dots(known, shown.texts, marker=marker))
    for zone in placed:
        if zone.number == chosen:
            around = {"color": "rgba(0,0,0,0)", "size": 18}
            around["line"] = {"color": GREY, "width": 3}
            figure.add_trace(_dots([zone], shown.texts, marker=around))
    return _on_the_map(figure, words=words, view=VIEWS[view])


def route_map(
    pickup: Zone,
    dropoff: Zone,
    *,
    words: Words,
    rings: Mapping[int, Sequence[Ring]],
) -> go.Figure | None:
    """
    Draw from where to where a ride goes.

    Parameters
    ----------
    pickup, dropoff : Zone
        Its ends.
    words : Words
        The language.
    rings : mapping of int to sequence of ring
        Outlines by zone.

    Returns
    -------
    Figure or None
        None where an end has no place on the map.
    """
    ends = [zone for zone in (pickup, dropoff) if zone.latitude is not None]
    if len(ends) < 2:
        return None
    x = [zone.longitude or 0.0 for zone in ends]
    y = [zone.latitude or 0.0 for zone in ends]
    others = [zone for zone in _placed() if zone not in ends]
    figure = go.Figure(_dots(others, {}, marker={"color": GREY, "size": 4}))
    colours = {pickup.number: BLUE, dropoff.number: ORANGE}
    figure.update_layout(
        shapes=[
            _outline(ring, colours.get(zone.number, "rgba(0,0,0,0)"))
            for zone in _placed()
            for ring in rings.get(zone.number, [])
        ]
    )
    figure.add_scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": GREY, "width": 3},
        marker={"color": [BLUE, ORANGE], "size": 14},
        hoverinfo="skip",
    )
    for zone, colour, other in zip(
        ends, (BLUE, ORANGE), ends[::-1], strict=True
    ):
        north = (zone.latitude or 0.0) > (other.latitude or 0.0)
        figure.add_annotation(
            x=zone.longitude,
            y=zone.latitude,
            text=zone.name,
            showarrow=False,
            yshift=_AWAY if north else -_AWAY,
            bgcolor=colour,
            font={"color": "white", "size": 12},
        )
    room = max(max(x) - min(x), max(y) - min(y), 0.03) * 0.6
    middle = sum(x) / 2, sum(y) / 2
    view = (
        *(middle[0] - room / _NARROWER, middle[0] + room / _NARROWER),
        *(middle[1] - room, middle[1] + room),
    )
    return _on_the_map(figure, words=words, view=view, height=300)


def _on_the_map(
    figure: go.Figure,
    *,
    words: Words,
    view: tuple[float, float, float, float],
    height: int = _HEIGHT,
) -> go.Figure:
    """Give a chart of longitudes and latitudes the look of a map."""
    west, east, south, north = view
    figure.update_xaxes(range=[west, east], visible=False)
    figure.update_yaxes(
        range=[south, north],
        visible=False,
        scaleanchor="x",
        scaleratio=1 / _NARROWER,
    )
    figure = styled(figure, words=words, height=height)
    return figure.update_layout(showlegend=False, clickmode="event+select")


def _placed() -> list[Zone]:
    return [zone for zone in zones().values() if zone.latitude is not None]


def _size(zone: Zone) -> float:
    """Return pixels: greater zones have greater dots, within limits."""
    return float(np.clip(9 * np.sqrt(zone.square_miles or 1.0), 6.0, 14.0))


def _dots(
    shown: Sequence[Zone], texts: Mapping[int, str], *, marker: object
) -> go.Scatter:
    return go.Scatter(
        x=[zone.longitude for zone in shown],
        y=[zone.latitude for zone in shown],
        mode="markers",
        marker=marker,
        # What is chosen is marked by a ring, not by the others' fading.
        selected={"marker": {}},
        unselected={"marker": {}},
        customdata=[[zone.number] for zone in shown],
        text=[
            f"<b>{zone}</b><br>{texts.get(zone.number, MISSING)}"
            for zone in shown
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def _colours(shown: Coloured, *, scale: Sequence[str]) -> dict[int, str]:
    low, high = shown.limits()
    places = np.clip(
        (np.array([*shown.values.values()]) - low) / (high - low), 0.0, 1.0
    )
    found = np.round(places * (len(scale) - 1)).astype(int)
    colours = [scale[step] for step in found]
    return dict(zip(shown.values, colours, strict=True))


def _outline(ring: Ring, colour: str) -> dict[str, object]:
    path = "L".join(f"{x:.4f},{y:.4f}" for x, y in ring)
    return {
        "type": "path",
        "path": f"M{path}Z",
        "fillcolor": colour,
        "line": {"color": GREY, "width": 0.5},
        "layer": "below",
    }
