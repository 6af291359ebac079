"""Every run's model beside the one in production, month by month."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from fare_app.charts import BLUE, ORANGE, styled
from fare_app.words import Words
from taxi_fare.core.metrics import COMPARED, Metric

Entry = Mapping[str, Any]
# An axis shows at least so much of the figures: 0.0002 is no cliff.
_LEAST_SPAN = 0.05
_MONTHS_WITH_NAMES = 18
_MONTH = "%Y-%m"


def history(entries: Sequence[Entry], words: Words) -> go.Figure:
    """
    Draw the metrics of every run beside those of the model in production.

    Parameters
    ----------
    entries : sequence of mapping
        Of the registry's history, a month each, in their order.
    words : Words
        The language.

    Returns
    -------
    Figure
        A row for each metric. New models are discs: full where they were
        promoted; months that cannot be compared have no line between them.
        The model in production is a diamond on the same trips, and a line
        from its own test month through the later ones.
    """
    figure = make_subplots(
        rows=len(COMPARED),
        cols=1,
        shared_xaxes=True,
        vertical_spacing=0.08,
        subplot_titles=[words.axis(metric) for metric in COMPARED],
    )
    for row, metric in enumerate(COMPARED, start=1):
        traces = [
            *_in_production(entries, metric, words),
            _new(entries, metric, words),
        ]
        for trace in traces:
            trace.showlegend = row == 1 and trace.showlegend is not False
            figure.add_trace(trace, row=row, col=1)
        figure.update_yaxes(range=_range(entries, metric), row=row, col=1)
    few = len(entries) <= _MONTHS_WITH_NAMES
    figure.update_xaxes(type="date", tickformat=_MONTH)
    if few:
        figure.update_xaxes(dtick="M1")
    figure.update_annotations(x=0, xanchor="left", font_size=13)
    figure = styled(figure, words=words, height=80 + 160 * len(COMPARED))
    return figure.update_layout(
        margin_t=60, legend={"y": 1.07, "yanchor": "bottom"}
    )


def _new(entries: Sequence[Entry], metric: Metric, words: Words) -> go.Scatter:
    """Return what was trained: full discs were promoted."""
    events = [str(entry["event"]) for entry in entries]
    return go.Scatter(
        x=[_day(entry["test_month"]) for entry in entries],
        y=[entry["metrics"].get(metric.name) for entry in entries],
        name=words("chart.new"),
        legendgroup="new",
        mode="markers",
        marker={
            "color": BLUE,
            "symbol": [
                "circle" if event == "promoted" else "circle-open"
                for event in events
            ],
            "size": 11,
            "line": {"width": 2},
        },
        customdata=[[words(f"decision.{event}")] for event in events],
        hovertemplate=f"%{{x|{_MONTH}}}: %{{y:.{metric.digits}f}}"
        "<br>%{customdata[0]}<extra></extra>",
    )


def _in_production(
    entries: Sequence[Entry], metric: Metric, words: Words
) -> Iterator[go.Scatter]:
    """Return a line for each model that was in production."""
    own = {entry["model_id"]: entry for entry in entries}
    lives: dict[str, list[tuple[str, float | None]]] = {}
    for entry in entries:
        found, name = entry["current_metrics"], entry["compared_with"]
        if found is None:
            continue
        life = lives.setdefault(str(name), [])
        if not life and name in own:
            first = own[name]
            if first["test_month"] < entry["test_month"]:
                value = first["metrics"].get(metric.name)
                life.append((first["test_month"], value))
        life.append((entry["test_month"], found.get(metric.name)))
    for number, (name, life) in enumerate(lives.items()):
        yield go.Scatter(
            x=[_day(month) for month, _ in life],
            y=[value for _, value in life],
            name=words("chart.production"),
            legendgroup="production",
            showlegend=None if number == 0 else False,
            mode="lines+markers",
            line={"color": ORANGE, "width": 1.5},
            marker={
                "symbol": "diamond-open",
                "size": 10,
                "line": {"width": 2},
            },
            hovertemplate=f"%{{x|{_MONTH}}}: %{{y:.{metric.digits}f}}"
            f"<br>{name}<extra></extra>",
        )


def _range(entries: Sequence[Entry], metric: Metric) -> list[float] | None:
    """Return where an axis begins and ends."""
    known = [
        value
        for entry in entries
        for figures in (entry["metrics"], entry["current_metrics"] or {})
        if (value := figures.get(metric.name)) is not None
    ]
    if not known:
        return None
    low, high = min(known), max(known)
    middle = (low + high) / 2
    reach = max(high - low, _LEAST_SPAN * abs(middle)) * 0.65
    return [middle - reach, middle + reach]


def _day(month: str) -> str:
    return f"{month}-01"
