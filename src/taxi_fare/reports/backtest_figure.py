"""The figure of a backtest: an error by month, a line for each policy."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.core.metrics import ERRORS
from taxi_fare.reports.documents.backtest import Backtest
from taxi_fare.reports.exploration.figures import write_figures

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FILE = "backtest.svg"
_MARKS = "osD^vxP*"
_DASHES = ("-", "--", ":", "-.")


def write_backtest_figure(folder: Path, document: Backtest) -> None:
    """Draw it, where matplotlib is installed."""
    write_figures(folder, {_FILE: partial(_draw, document=document)})


def _draw(figure: "Figure", *, document: Backtest) -> None:
    """Draw one panel for each error."""
    panels = figure.subplots(len(ERRORS), sharex=True)
    for axes, metric in zip(panels, ERRORS, strict=True):
        for place, policy in enumerate(document.policies):
            axes.plot(
                [each.month for each in policy.months],
                [each.figures.get(metric.name) for each in policy.months],
                label=policy.name,
                # Lines may lie on one another.
                marker=_MARKS[place % len(_MARKS)],
                linestyle=_DASHES[place % len(_DASHES)],
            )
        axes.set_ylabel(f"{metric.title}, dollars")
        axes.grid(axis="y")
    panels[0].legend(loc="upper left", ncols=3)
    panels[-1].tick_params(axis="x", rotation=45)
    simulated = " (simulated trips)" if document.simulated else ""
    figure.suptitle(
        f"Errors of what was in production, by policy{simulated}",
        x=0.01,
        ha="left",
        weight="bold",
        size=12,
    )
