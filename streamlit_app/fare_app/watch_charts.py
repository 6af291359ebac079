"""Charts of the watch: accuracy and drift by month, two distributions."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fare_app.charts import AMBER, BLUE, GREEN, GREY, ORANGE, styled
from fare_app.words import Words
from taxi_fare.core.metrics import Metric
from taxi_fare.watching.profiled import WATCHED

# Of a category, the most frequent levels are drawn.
_MOST_LEVELS = 12
# Beyond, a cell is as dark as can be: the limit for another population.
_DARKEST = 0.25
_HEAT = ((0.0, "rgba(128, 128, 128, 0.08)"), (0.4, AMBER), (1.0, ORANGE))


def accuracy_by_month(
    months: Sequence[Mapping[str, Any]],
    *,
    metric: Metric,
    learnt: Sequence[str],
    promoted: Sequence[str],
    words: Words,
) -> go.Figure:
    """
    Draw a metric of the model in production, month by month.

    Parameters
    ----------
    months : sequence of mapping
        Of the series, those with an accuracy.
    metric : Metric
        What is drawn.
    learnt : sequence of str
        Months that the model learnt from: they are shaded.
    promoted : sequence of str
        Months after which a new model went into production.
    words : Words
        The language.

    Returns
    -------
    Figure
        Points with their intervals.
    """
    names = [each["month"] for each in months]
    values = [each["accuracy"]["figures"].get(metric.name) for each in months]
    ends = [
        (each["accuracy"]["intervals"] or {}).get(metric.name) or (value,) * 2
        for each, value in zip(months, values, strict=True)
    ]
    known = [value or 0.0 for value in values]
    figure = go.Figure(
        go.Scatter(
            x=names,
            y=values,
            mode="lines+markers",
            name=words("watch.in_production"),
            line={"color": BLUE, "width": 2},
            marker={"size": 9},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [
                    end[1] - x for end, x in zip(ends, known, strict=True)
                ],
                "arrayminus": [
                    x - end[0] for end, x in zip(ends, known, strict=True)
                ],
                "color": BLUE,
                "thickness": 1.5,
            },
            customdata=[
                [each["model_id"], *end]
                for each, end in zip(months, ends, strict=True)
            ],
            hovertemplate="<b>%{x}</b>: %{y:.3f} (%{customdata[1]:.3f} – "
            "%{customdata[2]:.3f})<br>%{customdata[0]}<extra></extra>",
        )
    )
    every = sorted({*names, *learnt})
    marks = {name: values[names.index(name)] for name in names}
    new = [name for name in promoted if marks.get(name) is not None]
    figure.add_scatter(
        x=new,
        y=[marks[name] for name in new],
        mode="markers",
        name=words("watch.promoted"),
        marker={"color": ORANGE, "symbol": "star", "size": 14},
        hovertemplate=f"<b>%{{x}}</b>: {words('watch.promoted')}"
        "<extra></extra>",
    )
    for name in learnt:
        figure.add_vrect(
            x0=every.index(name) - 0.5,
            x1=every.index(name) + 0.5,
            fillcolor=GREEN,
            opacity=0.12,
            line_width=0,
        )
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=every
    )
    figure.update_xaxes(range=[-0.5, len(every) - 0.5])
    return styled(figure, words=words, height=330, y=words.axis(metric))


def heat_map(
    months: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str],
    words: Words,
) -> go.Figure:
    """
    Draw how far each column was from its reference in each month.

    Parameters
    ----------
    months : sequence of mapping
        Of the series.
    columns : sequence of str
        Which columns, the first on top.
    words : Words
        The language.

    Returns
    -------
    Figure
        PSI by month and column; figures are written from 0.1 on.
    """
    cells = [[each["drift"].get(name) for each in months] for name in columns]
    figure = go.Figure(
        go.Heatmap(
            x=[each["month"] for each in months],
            y=[words.feature(name) for name in columns],
            z=cells,
            zmin=0,
            zmax=_DARKEST,
            colorscale=_HEAT,
            text=[
                [f"{x:.2f}" if x is not None and x >= 0.1 else "" for x in row]
                for row in cells
            ],
            texttemplate="%{text}",
            hovertemplate="%{y}, %{x}: %{z:.3f}<extra></extra>",
            xgap=2,
            ygap=2,
            colorbar={"title": "PSI", "thickness": 10},
        )
    )
    figure.update_yaxes(autorange="reversed")
    figure.update_xaxes(type="category")
    return styled(figure, words=words, height=110 + 26 * len(columns))


def distributions(
    name: str,
    *,
    profiles: Mapping[str, Mapping[str, Any]],
    words: Words,
) -> go.Figure:
    """
    Draw the distributions of a column, one over the other.

    Parameters
    ----------
    name : str
        Of the column.
    profiles : mapping of str to mapping
        By what they are of: cells of a number, or levels of a category.
    words : Words
        The language.

    Returns
    -------
    Figure
        Shares of the trips that have a value.
    """
    grid = WATCHED[name].grid
    unit = WATCHED[name].unit
    title = f"{words.feature(name)}{f', {unit}' if unit else ''}"
    figure = go.Figure()
    colours = (GREY, BLUE)
    if grid is None:
        together: dict[str, int] = {}
        for each in profiles.values():
            for level, count in each["levels"].items():
                together[level] = together.get(level, 0) + count
        levels = sorted(together, key=lambda x: (-together[x], x))
        levels = levels[:_MOST_LEVELS]
        for colour, (of, each) in zip(colours, profiles.items(), strict=False):
            shares = [
                100 * each["levels"].get(x, 0) / max(each["count"], 1)
                for x in levels
            ]
            figure.add_bar(x=levels, y=shares, name=of, marker_color=colour)
        figure.update_xaxes(type="category")
    else:
        for colour, (of, each) in zip(colours, profiles.items(), strict=False):
            cells = sorted(map(int, each["cells"]))
            total = max(each["count"], 1)
            below, points = 0, []
            for cell in cells:
                below += each["cells"][str(cell)]
                points.append((grid.start_of(cell + 1), 100 * below / total))
            figure.add_scatter(
                x=[x for x, _ in points],
                y=[y for _, y in points],
                mode="lines",
                name=of,
                line={"color": colour, "width": 2, "shape": "hv"},
            )
        figure.update_xaxes(range=_middle(profiles.values(), name))
    y = "watch.below" if grid else "chart.share_of_trips"
    figure.update_yaxes(ticksuffix=" %", rangemode="tozero")
    return styled(figure, words=words, height=320, x=title, y=words(y))


def _middle(
    profiles: Any, name: str, *, left_out: float = 0.005
) -> list[float]:
    """Return where 99 of 100 trips of each profile are."""
    grid, ends = WATCHED[name].grid, []
    for each in profiles:
        below, total = 0, max(each["count"], 1)
        for cell in sorted(map(int, each["cells"])):
            start = below / total
            below += each["cells"][str(cell)]
            if grid and start < 1 - left_out and below / total > left_out:
                ends += [grid.start_of(cell), grid.start_of(cell + 1)]
    known = [end for end in ends if end is not None]
    return [min(known, default=0.0), max(known, default=1.0)]
