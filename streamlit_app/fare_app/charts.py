"""Charts: figures in, a Plotly figure out; no file, no Streamlit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import plotly.graph_objects as go

from fare_app.colour_scales import MORE
from fare_app.words import Words

# Okabe and Ito's colours, which colour-blind people tell apart; those of them
# that stand out against white. `dark_page.py` has lighter ones for each.
# https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
GREY = "#808080"
OCHRE = "#A67200"
COLOURS = (BLUE, ORANGE, GREEN, PURPLE, GREY)
# Around a line that is blue, and on the way to orange.
BLUE_BAND, AMBER = "rgba(0, 114, 178, 0.18)", "#EBAE4C"
_FAINT = "rgba(128, 128, 128, 0.25)"
_ROW = 30


def styled(
    figure: go.Figure, *, words: Words, height: int, x: str = "", y: str = ""
) -> go.Figure:
    """
    Give a chart the look that all of them have.

    Parameters
    ----------
    figure : Figure
        The chart.
    words : Words
        Whose separators are used.
    height : int
        Pixels.
    x, y : str, optional
        Titles of the axes, with the unit.

    Returns
    -------
    Figure
        The same.
    """
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 12, "t": 12, "b": 8},
        separators=words.separators,
        dragmode=False,
        bargap=0.12,
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
        },
        hoverlabel={"align": "left"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    # A finger that scrolls the page must not zoom the chart.
    figure.update_xaxes(fixedrange=True, automargin=True)
    figure.update_yaxes(fixedrange=True, automargin=True)
    if x:
        figure.update_xaxes(title_text=x)
    if y:
        figure.update_yaxes(title_text=y)
    return figure


def bars(
    values: Mapping[str, float], *, labels: Sequence[str], words: Words, x: str
) -> go.Figure:
    """
    Draw lying bars, the first on top.

    Parameters
    ----------
    values : mapping of str to float
        By name.
    labels : sequence of str
        What is written at each bar.
    words : Words
        The language.
    x : str
        What the length means.

    Returns
    -------
    Figure
        The chart.
    """
    figure = go.Figure(
        go.Bar(
            x=list(values.values()),
            y=list(values),
            text=list(labels),
            textposition="outside",
            cliponaxis=False,
            orientation="h",
            marker_color=BLUE,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed")
    # Room for what is written behind the longest bar.
    longest = max(values.values(), default=0) or 1
    figure.update_xaxes(range=[0, longest * 1.2], showticklabels=False)
    height = 60 + _ROW * len(values)
    return styled(figure, words=words, height=height, x=x)


def beside(
    series: Mapping[str, Sequence[float]],
    *,
    names: Sequence[str],
    words: Words,
    x: str,
) -> go.Figure:
    """
    Draw shares of several things beside each other, as lying bars.

    Parameters
    ----------
    series : mapping of str to sequence of float
        Per cent by what they are of, one for each name.
    names : sequence of str
        The first on top.
    words : Words
        The language.
    x : str
        What the length means.

    Returns
    -------
    Figure
        The chart.
    """
    figure = go.Figure(
        [
            go.Bar(
                x=list(values),
                y=list(names),
                name=name,
                orientation="h",
                marker_color=colour,
                hovertemplate="%{y}: %{x:.1f} %"
                "<extra>%{fullData.name}</extra>",
            )
            for colour, (name, values) in zip(
                (BLUE, ORANGE), series.items(), strict=False
            )
        ]
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(ticksuffix=" %")
    height = 100 + _ROW * len(names)
    return styled(figure, words=words, height=height, x=x)


def drivers(added: Mapping[str, float], words: Words) -> go.Figure:
    """
    Draw what was added to a price and taken from it.

    Parameters
    ----------
    added : mapping of str to float
        Dollars by name, the first on top.
    words : Words
        The language.

    Returns
    -------
    Figure
        Bars to both sides of zero; signs are written out, so that colour is
        not alone.
    """
    amounts = list(added.values())
    figure = go.Figure(
        go.Bar(
            x=amounts,
            y=list(added),
            text=[words.dollars(value, sign=True) for value in amounts],
            textposition="outside",
            cliponaxis=False,
            orientation="h",
            marker_color=[ORANGE if value > 0 else BLUE for value in amounts],
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    low, high = min([0.0, *amounts]), max([0.0, *amounts])
    room = 0.2 * max(high - low, 0.5)
    figure.update_xaxes(
        range=[low - room, high + room],
        showticklabels=False,
        zeroline=True,
        zerolinecolor=GREY,
        zerolinewidth=1,
    )
    figure.update_yaxes(autorange="reversed")
    return styled(figure, words=words, height=40 + _ROW * len(amounts))


def histogram(
    values: "Sequence[float] | pd.Series[float]",
    *,
    words: Words,
    x: str,
    limits: tuple[float, float],
    bins: int = 40,
) -> go.Figure:
    """
    Draw how values are spread.

    Parameters
    ----------
    values : sequence or Series of float
        The values.
    words : Words
        The language.
    x : str
        What they are, with the unit.
    limits : tuple of float
        Values beyond are not drawn.
    bins : int, optional
        How many bars at most.

    Returns
    -------
    Figure
        Bars of shares: heights add up to what is drawn of all values.
    """
    low, high = limits
    edges = _edges(low, high=max(high, low + 1), bins=bins)
    counts, _ = np.histogram(values, bins=edges)
    shares = 100 * counts / max(len(values), 1)
    figure = go.Figure(
        go.Bar(
            x=(edges[:-1] + edges[1:]) / 2,
            y=shares,
            width=np.diff(edges),
            marker={"color": BLUE, "line": {"width": 0}},
            customdata=np.column_stack([edges[:-1], edges[1:], counts]),
            hovertemplate="%{customdata[0]:.2f} – %{customdata[1]:.2f}"
            "<br>%{customdata[2]:,} · %{y:.1f} %<extra></extra>",
            showlegend=False,
        )
    )
    # Room above the highest bar for the text of a mark.
    top = max(float(shares.max()), 1.0) * 1.2
    figure.update_yaxes(ticksuffix=" %", range=[0, top])
    figure = styled(
        figure, words=words, height=300, x=x, y=words("chart.share_of_trips")
    )
    return figure.update_layout(bargap=0.04)


def _edges(low: float, *, high: float, bins: int) -> npt.NDArray[np.float64]:
    """Return round numbers: fares come in steps, which odd bins cut up."""
    least = (high - low) / bins
    power = 10 ** np.floor(np.log10(least))
    width = next(n * power for n in (1, 2, 5, 10) if n * power >= least)
    first, last = np.floor(low / width), np.ceil(high / width)
    return np.asarray(np.arange(first, last + 1) * width)


def mark(
    figure: go.Figure, *, value: float, text: str, colour: str
) -> go.Figure:
    """
    Mark a value on the axis below a chart.

    Parameters
    ----------
    figure : Figure
        The chart.
    value : float
        Where.
    text : str
        What it is.
    colour : str
        Of the line; the text says the same.

    Returns
    -------
    Figure
        The same.
    """
    figure.add_vline(
        x=value,
        line={
            "color": colour,
            "width": 2,
        },
        annotation={
            "text": text,
            "xanchor": "left",
            "bgcolor": colour,
            "font": {"color": "white", "size": 12},
        },
        annotation_position="top right",
    )
    return figure


def group_bars(groups: Any, *, words: Words, lying: bool = False) -> go.Figure:
    """
    Draw the mean absolute error and the bias of groups of trips.

    Parameters
    ----------
    groups : DataFrame
        ``name``, ``count``, ``mae`` and ``bias`` in dollars.
    words : Words
        The language.
    lying : bool, optional
        Whether bars lie, for many or long names.

    Returns
    -------
    Figure
        Bars for errors, diamonds for the bias.
    """
    names, data = list(groups["name"]), groups[["count", "mae", "bias"]]
    across, along = ("y", "x") if lying else ("x", "y")
    common = {
        across: names,
        "customdata": data,
        "hovertemplate": f"<b>%{{{across}}}</b><br>"
        f"{words('chart.mae')}: %{{customdata[1]:.2f}}<br>"
        f"{words('chart.bias')}: %{{customdata[2]:+.2f}}<br>"
        f"{words('chart.trips')}: %{{customdata[0]:,}}<extra></extra>",
    }
    figure = go.Figure(
        [
            go.Bar(
                **common,
                **{along: groups["mae"]},
                name=words("chart.mae"),
                marker_color=BLUE,
                orientation="h" if lying else "v",
            ),
            go.Scatter(
                **common,
                **{along: groups["bias"]},
                name=words("chart.bias"),
                mode="markers",
                marker={
                    "color": ORANGE,
                    "symbol": "diamond",
                    "size": 9,
                    "line": {"color": "white", "width": 1},
                },
            ),
        ]
    )
    kind = {f"{across}axis_type": "category", "legend_traceorder": "normal"}
    figure.update_layout(kind)
    if lying:
        figure.update_yaxes(autorange="reversed")
        height = 110 + 24 * len(names)
        return styled(
            figure, words=words, height=height, x=words("chart.dollars")
        )
    return styled(figure, words=words, height=330, y=words("chart.dollars"))


def week(
    values: npt.NDArray[np.float64],
    *,
    days: Sequence[str],
    words: Words,
    title: str,
) -> go.Figure:
    """
    Draw a figure for each hour of a week.

    Parameters
    ----------
    values : ndarray of float64, shape (days, 24)
        NaN for none.
    days : sequence of str
        Names of the days, the first on top.
    words : Words
        The language.
    title : str
        What the colour means.

    Returns
    -------
    Figure
        Cells.
    """
    figure = go.Figure(
        go.Heatmap(
            x=[f"{hour:02d}" for hour in range(24)],
            y=list(days),
            z=values,
            colorscale=MORE,
            xgap=1,
            ygap=1,
            hovertemplate="%{y} %{x}:00 – %{z:.2f}<extra></extra>",
            colorbar={"title": title, "thickness": 10},
        )
    )
    figure.update_yaxes(autorange="reversed", type="category")
    figure.update_xaxes(type="category")
    return styled(figure, words=words, height=110 + 30 * len(days))


def columns(
    names: Sequence[str], *, values: Sequence[float], words: Words, y: str
) -> go.Figure:
    """
    Draw standing bars.

    Parameters
    ----------
    names : sequence of str
        Below the bars.
    values : sequence of float
        Heights.
    words : Words
        The language.
    y : str
        What the height means, with the unit.

    Returns
    -------
    Figure
        The chart.
    """
    figure = go.Figure(
        go.Bar(
            x=list(names),
            y=list(values),
            marker_color=BLUE,
            hovertemplate="%{x}: %{y:,.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category")
    figure.update_yaxes(rangemode="tozero")
    return styled(figure, words=words, height=300, y=y)
