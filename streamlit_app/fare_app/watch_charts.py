"""Charts of the watch: accuracy and drift by month, two distributions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fare_app.charts import AMBER, BLUE, GREEN, GREY, ORANGE, styled
from fare_app.words import Words
from taxi_fare.core.metrics import Metric
from taxi_fare.core.months import Month, months_between
from taxi_fare.watching.profiled import WATCHED

_MONTH = "%Y-%m"
_MONTHS_WITH_NAMES = 18
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
    measured = {each["month"]: each for each in months}
    names = without_gaps(measured)
    values = [_value(measured.get(name), metric) for name in names]
    ends = [
        _interval(measured.get(name), metric) or (value,) * 2
        for name, value in zip(names, values, strict=True)
    ]
    # Of a month without a figure nothing is drawn, and no line goes over it.
    known = [value or 0.0 for value in values]
    figure = go.Figure(
        go.Scatter(
            x=[_day(name) for name in names],
            y=values,
            mode="lines+markers",
            name=words("watch.in_production"),
            line={"color": BLUE, "width": 2},
            marker={"size": 9},
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [
                    (end[1] or 0.0) - x
                    for end, x in zip(ends, known, strict=True)
                ],
                "arrayminus": [
                    x - (end[0] or 0.0)
                    for end, x in zip(ends, known, strict=True)
                ],
                "color": BLUE,
                "thickness": 1.5,
            },
            customdata=[
                [measured.get(name, {}).get("model_id", ""), *end]
                for name, end in zip(names, ends, strict=True)
            ],
            hovertemplate=f"<b>%{{x|{_MONTH}}}</b>: "
            "%{y:.3f} (%{customdata[1]:.3f} – "
            "%{customdata[2]:.3f})<br>%{customdata[0]}<extra></extra>",
        )
    )
    marks = dict(zip(names, values, strict=True))
    new = [name for name in promoted if marks.get(name) is not None]
    figure.add_scatter(
        x=[_day(name) for name in new],
        y=[marks[name] for name in new],
        mode="markers",
        name=words("watch.promoted"),
        marker={"color": ORANGE, "symbol": "star", "size": 14},
        hovertemplate=f"<b>%{{x|{_MONTH}}}</b>: {words('watch.promoted')}"
        "<extra></extra>",
    )
    for name in learnt:
        figure.add_vrect(
            x0=_middle_before(name),
            x1=_middle_before(str(Month(name).plus(1))),
            fillcolor=GREEN,
            opacity=0.12,
            line_width=0,
        )
    every = without_gaps({*names, *learnt})
    figure.update_xaxes(type="date", tickformat=_MONTH)
    if every:
        after = str(Month(every[-1]).plus(1))
        ends_at = [_middle_before(every[0]), _middle_before(after)]
        figure.update_xaxes(range=ends_at)
    if len(every) <= _MONTHS_WITH_NAMES:
        figure.update_xaxes(dtick="M1")
    return styled(figure, words=words, height=330, y=words.axis(metric))


def without_gaps(months: Iterable[str]) -> list[str]:
    """Return all months from the first to the last."""
    known = sorted(map(Month, months))
    if not known:
        return []
    count = months_between(known[0], known[-1])
    return [str(known[0].plus(number)) for number in range(count + 1)]


def _value(month: Mapping[str, Any] | None, metric: Metric) -> float | None:
    """Return a figure of a month; None where it was not measured."""
    figures = month["accuracy"]["figures"] if month else {}
    value: float | None = figures.get(metric.name)
    return value


def _interval(month: Mapping[str, Any] | None, metric: Metric) -> Any:
    intervals = month["accuracy"]["intervals"] if month else None
    return (intervals or {}).get(metric.name)


def _day(month: str) -> str:
    return f"{month}-01"


def _middle_before(month: str) -> str:
    """Return where one month ends and the next begins, on the axis."""
    return f"{Month(month).plus(-1)}-16"


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
    drifts = {each["month"]: each["drift"] for each in months}
    # A month without a profile is an empty column, not one that is left out.
    there = without_gaps(drifts)
    cells = [
        [drifts.get(month, {}).get(name) for month in there]
        for name in columns
    ]
    figure = go.Figure(
        go.Heatmap(
            x=there,
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
