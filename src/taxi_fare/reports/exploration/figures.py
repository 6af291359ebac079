"""Draw figures as SVG files, where matplotlib is installed."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import pyarrow as pa

from taxi_fare.core.files import replacing
from taxi_fare.reports.documents.trips import EdaSummary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INCHES = (8.0, 4.8)
# Okabe and Ito's colours, which colour-blind people tell apart:
# https://jfly.uni-koeln.de/color/
BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#555555"
# One hue that grows darker: nobody has to tell hues apart.
COLOUR_MAP = "Blues"

_STYLE: dict[str, Any] = {
    # Text stays text: it can be searched, read aloud and is small.
    "svg.fonttype": "none",
    # Names inside the file depend on its content, not on chance.
    "svg.hashsalt": "taxi_fare",
    "font.family": ["DejaVu Sans", "sans-serif"],
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.axisbelow": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "figure.constrained_layout.use": True,
}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shown:
    """What figures are about."""

    document: EdaSummary
    sample: pa.Table


# Draws on an empty figure; tells what it shows, and which trips.
Drawing: TypeAlias = "Callable[[Figure, Shown], tuple[str, str]]"


def write_figures(
    folder: Path, drawings: "Mapping[str, Callable[[Figure], None]]"
) -> list[str]:
    """
    Write figures that are the same to the byte each time.

    Parameters
    ----------
    drawings : mapping of str to callable
        What to draw on an empty figure, by file name.

    Returns
    -------
    list of str
        Names of the files; empty, with a warning, without matplotlib.
    """
    try:
        from matplotlib import style
        from matplotlib.figure import Figure
    except ImportError:
        _logger.warning(
            "No figures: matplotlib is not installed. What to do:"
            " pip install 'taxi-fare[figures]'"
        )
        return []
    # "default" first: a matplotlibrc of the user's would change the bytes.
    with style.context(["default", _STYLE]):
        for name, draw in drawings.items():
            figure = Figure(figsize=INCHES)
            draw(figure)
            with replacing(folder / name) as temporary:
                # A date would make each file another one.
                figure.savefig(
                    temporary, format="svg", metadata={"Date": None}
                )
    return list(drawings)


def draw_titled(figure: "Figure", *, draw: Drawing, shown: Shown) -> None:
    """Draw a figure, and say above it what it shows, and of which trips."""
    text, trips = draw(figure, shown)
    document = shown.document
    months = document.months
    period = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    simulated = " (simulated trips)" if document.simulated else ""
    title = f"{text}, {period}{simulated}"
    figure.suptitle(title, x=0.01, ha="left", weight="bold", size=12)
    figure.axes[0].set_title(trips, loc="left", size=9, color=GREY, pad=10)
