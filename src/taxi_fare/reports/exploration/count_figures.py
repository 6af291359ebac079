"""Draw what was counted of all trips."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from taxi_fare.core.months import Month
from taxi_fare.reports.exploration.figures import BLUE, COLOUR_MAP, Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray


WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HOURS_LABELLED = range(0, 24, 2)


def draw_trips_by_hour_and_weekday(
    figure: "Figure", shown: Shown
) -> tuple[str, str]:
    """Draw how many trips begin in each hour of the week."""
    axes = figure.add_subplot()
    # Where a month has five Mondays and four Tuesdays, counts would tell of
    # the calendar.
    days = _days(map(Month, shown.document.months))
    trips = np.array(shown.document.by_weekday_and_hour) / days[:, None]
    mesh = axes.pcolormesh(
        trips, cmap=COLOUR_MAP, vmin=0, edgecolors="white", linewidth=0.5
    )
    axes.set_xticks(
        [hour + 0.5 for hour in _HOURS_LABELLED],
        [str(hour) for hour in _HOURS_LABELLED],
    )
    axes.set_yticks([day + 0.5 for day in range(7)], WEEKDAYS)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.invert_yaxis()
    axes.set(
        xlabel="Hour of the pickup (0 to 23, New York wall-clock time)",
        ylabel="Day of the pickup",
    )
    label = "Trips in the hour, mean of all such days"
    bar = figure.colorbar(mesh, ax=axes, label=label)
    bar.outline.set_visible(False)
    return "When trips begin", f"All {shown.document.rows:,} valid trips"


def draw_missing_ratio(figure: "Figure", shown: Shown) -> tuple[str, str]:
    """Draw how often each column is missing."""
    axes, ratios = figure.add_subplot(), shown.document.missing_ratio
    names = sorted(ratios, key=lambda name: -ratios[name])
    percent = [100 * ratios[name] for name in names]
    places = range(len(names))
    bars = axes.barh(places, percent, color=BLUE, height=0.7)
    axes.bar_label(bars, [_percent_text(each) for each in percent], padding=3)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.invert_yaxis()
    axes.set(
        # Room for the label of the longest bar.
        xlim=(0, max(1.0, 1.12 * percent[0])),
        xlabel="Missing values (% of trips)",
        ylabel="Column of a trip",
    )
    complete = sum(not each for each in percent)
    return "What is missing", (
        f"All {shown.document.rows:,} valid trips;"
        f" {complete} of {len(names)} columns are complete"
    )


def _days(months: Iterable[Month]) -> "NDArray[np.int64]":
    """Count the Mondays, Tuesdays, … of some months."""
    weekdays: Counter[int] = Counter()
    for month in months:
        day = month.start
        while day < month.end:
            weekdays[day.weekday()] += 1
            day += timedelta(days=1)
    return np.array([weekdays[day] for day in range(7)])


def _percent_text(percent: float) -> str:
    if 0 < percent < 0.01:
        return "< 0.01 %"
    return f"{percent:.2f} %" if percent else "0"
