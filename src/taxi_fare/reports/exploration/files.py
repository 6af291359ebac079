"""The files of an exploration: summary, sample and figures."""

from functools import partial
from pathlib import Path

import pyarrow as pa

from taxi_fare.core.spreadsheets import write_csv
from taxi_fare.reports.documents.listing import EDA_SUMMARY
from taxi_fare.reports.documents.trips import EdaSummary
from taxi_fare.reports.exploration.count_figures import (
    draw_missing_ratio,
    draw_trips_by_hour_and_weekday,
)
from taxi_fare.reports.exploration.figures import (
    Drawing,
    Shown,
    draw_titled,
    write_figures,
)
from taxi_fare.reports.exploration.price_figures import (
    draw_target,
    draw_total_by_distance,
)

SAMPLE_FILE = "eda_sample.csv"
FIGURES_FOLDER = "figures"
_DRAWINGS: dict[str, Drawing] = {
    "eda_target_distribution.svg": draw_target,
    "eda_total_by_distance.svg": draw_total_by_distance,
    "eda_trips_by_hour_and_weekday.svg": draw_trips_by_hour_and_weekday,
    "eda_missing_ratio.svg": draw_missing_ratio,
}


def write_exploration(
    folder: Path, *, document: EdaSummary, sample: pa.Table
) -> EdaSummary:
    """Write the files of an exploration, each atomically."""
    write_csv(folder / SAMPLE_FILE, sample)
    shown = Shown(document, sample)
    drawings = {
        name: partial(draw_titled, draw=draw, shown=shown)
        for name, draw in _DRAWINGS.items()
    }
    names = write_figures(folder / FIGURES_FOLDER, drawings)
    figures = [f"{FIGURES_FOLDER}/{name}" for name in names]
    document = document.model_copy(update={"figures": tuple(figures)})
    # Last: it names files that are there.
    EDA_SUMMARY.write(folder, document)
    return document
