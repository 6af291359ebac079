"""Draw what the trips of a sample cost."""

import math
from typing import TYPE_CHECKING

import numpy as np

from taxi_fare.core.columns import DISTANCE, LABEL
from taxi_fare.evaluation.predictions import numbers
from taxi_fare.reports.documents.trips import EdaSummary, Target
from taxi_fare.reports.exploration.figures import (
    BLUE,
    COLOUR_MAP,
    ORANGE,
    Shown,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


# A median of fewer trips says little.
_ENOUGH_TRIPS = 20
_HEXAGONS = 45
_PALEST = 0.2
# What one trip in 200 exceeds would press the others into a corner.
_DRAWN_SHARE = 0.995
# Figures of the distribution that are marked, with their labels.
_MARKS = {
    "median": "half pay less than",
    "mean": "mean",
    "p95": "95 % pay less than",
}


def draw_target(figure: "Figure", shown: Shown) -> tuple[str, str]:
    """Draw how totals are distributed."""
    document, sample = shown.document, shown.sample
    axes, totals = figure.add_subplot(), numbers(sample, LABEL)
    limit = 10 * max(1, math.ceil(document.target.p99 / 10))
    width = max(1, limit // 100)
    axes.hist(
        totals,
        bins=range(0, limit + width, width),
        weights=np.full(len(totals), 100 / len(totals)),
        color=BLUE,
        edgecolor="white",
        linewidth=0.4,
    )
    _mark(axes, target=document.target, limit=limit)
    bins = "dollar" if width == 1 else f"{width} dollars"
    axes.set(
        xlim=(0, limit),
        xlabel="Total amount (US dollars)",
        ylabel=f"Share of trips (% for each {bins})",
    )
    axes.grid(axis="y")
    beyond = 100 * float(np.mean(totals > limit))
    return "What riders pay in total", (
        f"{_drawn(document)}; {beyond:.1f} % are above ${limit}."
        " Lines: figures of all valid trips"
    )


def draw_total_by_distance(figure: "Figure", shown: Shown) -> tuple[str, str]:
    """Draw totals over distances, with the median."""
    sample = shown.sample
    axes = figure.add_subplot()
    miles, totals = numbers(sample, DISTANCE), numbers(sample, LABEL)
    right, top = _limit(miles), _limit(totals)
    _draw_density(axes, miles=miles, totals=totals, extent=(0, right, 0, top))
    axes.plot(
        *_medians(miles, totals=totals, limit=right), color=ORANGE, linewidth=2
    )
    axes.set(
        xlim=(0, right),
        ylim=(0, top),
        xlabel="Trip distance (miles)",
        ylabel="Total amount (US dollars)",
    )
    beyond = 100 * float(np.mean((miles > right) | (totals > top)))
    return "Total amount by distance", (
        f"{_drawn(shown.document)}; {beyond:.1f} % lie outside the axes."
        " Line: median of each mile"
    )


def _draw_density(
    axes: "Axes",
    *,
    miles: "NDArray[np.float64]",
    totals: "NDArray[np.float64]",
    extent: tuple[float, float, float, float],
) -> None:
    hexagons = axes.hexbin(
        miles,
        totals,
        gridsize=(_HEXAGONS, _HEXAGONS // 2),
        extent=extent,
        bins="log",
        mincnt=1,
        # Below one trip, so that a single one is not as white as none.
        vmin=_PALEST,
        cmap=COLOUR_MAP,
        linewidths=0.1,
    )
    bar = axes.figure.colorbar(hexagons, ax=axes, format="%d", label="Trips")
    # There is no half trip; where each hexagon holds one, no scale either.
    bar.ax.set_ylim(1, max(2, hexagons.get_clim()[1]))


def _mark(axes: "Axes", *, target: Target, limit: int) -> None:
    top = axes.get_ylim()[1]
    for place, (name, label) in enumerate(_MARKS.items()):
        # One below the other: neighbours do not cover each other's label.
        value, height = getattr(target, name), top * (1 - 0.08 * place)
        axes.plot([value] * 2, [0, height], color=ORANGE, linewidth=1)
        right = value < 0.7 * limit
        axes.annotate(
            f"{label} ${value:.2f}",
            (value, height),
            xytext=(4 if right else -4, -2),
            textcoords="offset points",
            ha="left" if right else "right",
            va="top",
        )
    axes.set_ylim(0, top)


def _limit(values: "NDArray[np.float64]") -> int:
    return max(1, math.ceil(float(np.quantile(values, _DRAWN_SHARE))))


def _medians(
    miles: "NDArray[np.float64]",
    *,
    totals: "NDArray[np.float64]",
    limit: int,
) -> tuple[list[float], list[float]]:
    """Return the middle of each mile, and the median total in it."""
    found = {}
    for mile in range(limit):
        part = totals[(miles >= mile) & (miles < mile + 1)]
        if len(part) >= _ENOUGH_TRIPS:
            found[mile + 0.5] = float(np.median(part))
    return list(found), list(found.values())


def _drawn(document: EdaSummary) -> str:
    rows, all_rows = document.sample.rows, document.rows
    if rows == all_rows:
        return f"All {rows:,} valid trips"
    return f"{rows:,} of {all_rows:,} valid trips"
