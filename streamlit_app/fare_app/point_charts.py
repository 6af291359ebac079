"""Charts made of trips, a point each."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from fare_app.charts import BLUE, COLOURS, ORANGE, styled
from fare_app.words import Words

# More of them need WebGL, which not every browser has.
_MANY = 20_000


def against(
    actual: "pd.Series[float]",
    *,
    predicted: "pd.Series[float]",
    words: Words,
    limit: float,
) -> go.Figure:
    """
    Draw predictions against what was paid.

    Parameters
    ----------
    actual, predicted : Series of float
        Dollars.
    words : Words
        The language.
    limit : float
        Where both axes end.

    Returns
    -------
    Figure
        Points, and the line on which they would lie.
    """
    figure = go.Figure(
        [
            _points(len(actual))(
                x=actual,
                y=predicted,
                mode="markers",
                name=words("chart.trip"),
                marker={"color": BLUE, "size": 5, "opacity": 0.5},
                hovertemplate=f"{words('chart.paid')}: %{{x:.2f}}<br>"
                f"{words('chart.predicted')}: %{{y:.2f}}<extra></extra>",
            ),
            go.Scatter(
                x=[0, limit],
                y=[0, limit],
                mode="lines",
                name=words("chart.exact"),
                line={"color": ORANGE, "dash": "dash", "width": 2},
                hoverinfo="skip",
            ),
        ]
    )
    figure.update_xaxes(range=[0, limit])
    figure.update_yaxes(range=[min(0, *predicted) * 1.05, limit])
    return styled(
        figure,
        words=words,
        height=420,
        x=words("chart.paid_dollars"),
        y=words("chart.predicted_dollars"),
    )


def scatter(trips: Any, *, words: Words, x: str, y: str) -> go.Figure:
    """
    Draw one number of trips against another, by how they were paid.

    Parameters
    ----------
    trips : DataFrame
        ``trip_distance``, ``total_amount`` and ``payment`` in words.
    words : Words
        The language.
    x, y : str
        Titles of the axes.

    Returns
    -------
    Figure
        A colour and a symbol for each way to pay.
    """
    figure = go.Figure()
    symbols = ("circle", "diamond", "square", "cross", "x")
    kinds = trips["payment"].value_counts().index
    for name, colour, symbol in zip(kinds, COLOURS, symbols, strict=False):
        part = trips[trips["payment"] == name]
        figure.add_trace(
            _points(len(trips))(
                x=part["trip_distance"],
                y=part["total_amount"],
                mode="markers",
                name=name,
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": 5,
                    "opacity": 0.65,
                },
                hovertemplate="%{x:.1f} · %{y:.2f}"
                "<extra>%{fullData.name}</extra>",
            )
        )
    figure = styled(figure, words=words, height=380, x=x, y=y)
    return figure.update_layout(legend_itemsizing="constant")


def _points(count: int) -> Any:
    """Return what draws so many points."""
    return go.Scattergl if count > _MANY else go.Scatter
