"""Charts made of points: trips, and runs month by month."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fare_app.charts import BLUE, COLOURS, ORANGE, styled
from fare_app.words import Words
from taxi_fare.core.metrics import COMPARED

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


def history(entries: Sequence[Mapping[str, Any]], words: Words) -> go.Figure:
    """
    Draw the metrics of every run beside those of the model in production.

    Parameters
    ----------
    entries : sequence of mapping
        ``test_month``, ``metrics`` and ``current_metrics`` of each run.
    words : Words
        The language.

    Returns
    -------
    Figure
        A row for each metric: discs and lines for the new model, open
        diamonds for the one in production on the same trips.
    """
    figure = make_subplots(
        rows=len(COMPARED),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.08,
        subplot_titles=[words.axis(metric) for metric in COMPARED],
    )
    x = [entry["test_month"] for entry in entries]
    series = (
        ("new", "metrics", BLUE, "circle", "lines+markers"),
        ("production", "current_metrics", ORANGE, "diamond-open", "markers"),
    )
    for row, metric in enumerate(COMPARED, start=1):
        for label, key, colour, symbol, mode in series:
            values = [(entry[key] or {}).get(metric.name) for entry in entries]
            figure.add_scatter(
                x=x,
                y=values,
                name=words(f"chart.{label}"),
                legendgroup=label,
                showlegend=row == 1,
                mode=mode,
                line={"color": colour, "width": 1.5},
                marker={"symbol": symbol, "size": 10, "line": {"width": 2}},
                hovertemplate=f"%{{x}}: %{{y:.{metric.digits}f}}"
                f"<extra>{words(f'chart.{label}')}</extra>",
                row=row,
                col=1,
            )
    figure.update_xaxes(type="category")
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    figure = styled(figure, words=words, height=80 + 160 * len(COMPARED))
    return figure.update_layout(
        margin_t=60, legend={"y": 1.07, "yanchor": "bottom"}
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
