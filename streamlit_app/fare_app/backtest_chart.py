"""The chart of a backtest: an error by month, a line for each policy."""

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from fare_app.charts import BLUE, GREEN, GREY, OCHRE, ORANGE, PURPLE, styled
from fare_app.words import Words
from taxi_fare.core.metrics import Metric

# Lines that lie on one another are told apart by dashes and marks as well.
_LINES = (
    (BLUE, "solid", "circle"),
    (ORANGE, "dash", "square"),
    (GREY, "dot", "diamond"),
    (GREEN, "dashdot", "cross"),
    (PURPLE, "longdash", "x"),
    (OCHRE, "longdashdot", "triangle-up"),
)


def errors_by_month(
    policies: Sequence[Mapping[str, Any]], *, metric: Metric, words: Words
) -> go.Figure:
    """
    Draw an error by month, a line for each policy.

    Parameters
    ----------
    policies : sequence of mapping
        Of a backtest.
    metric : Metric
        What is drawn.
    words : Words
        The language.

    Returns
    -------
    Figure
        Lines with marks.
    """
    figure = go.Figure()
    for place, policy in enumerate(policies):
        colour, dash, symbol = _LINES[place % len(_LINES)]
        months = policy["months"]
        figure.add_scatter(
            x=[each["month"] for each in months],
            y=[each["figures"].get(metric.name) for each in months],
            mode="lines+markers",
            name=policy["name"],
            line={"color": colour, "dash": dash, "width": 2},
            marker={"symbol": symbol, "size": 8},
            customdata=[
                [each["model_id"], ", ".join(each["train_months"])]
                for each in months
            ],
            hovertemplate="<b>%{x}</b>: %{y:.3f}<br>%{customdata[0]}<br>"
            "%{customdata[1]}",
        )
    figure.update_xaxes(type="category")
    figure.update_yaxes(title=f"{metric.title}, $")
    return styled(figure, words=words, height=360)
