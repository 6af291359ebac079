"""Print a comparison of recipes."""

from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.core.choices import BEST
from taxi_fare.core.evidence import change_in_words
from taxi_fare.core.metrics import ERRORS, METRICS, WITHIN_DOLLARS
from taxi_fare.training.recipes import MOST_ACCURATE

if TYPE_CHECKING:
    from taxi_fare.reports.documents.predictions import Comparison


def show_comparison(document: "Comparison", *, reports: Path) -> None:
    """Print the leaderboard."""
    data = document.data
    console = headed_console(
        styled(
            (f"Test month {data.test_month}", "bold"),
            f", trained on {', '.join(data.train_months)}:"
            f" {data.train_rows:,} train trips, {data.test_rows:,} test trips",
        ),
        simulated=document.simulated,
    )
    metrics = METRICS.values()
    beside = [f"{each.title} beside the tariff" for each in ERRORS]
    table = new_table(
        "",
        "Fit",
        "Predict",
        *(each.title for each in metrics),
        *(f"≤ ${limit}" for limit in WITHIN_DOLLARS.values()),
        *beside,
    )
    for place in document.leaderboard:
        figures = place.to_document()
        table.add_row(
            _name(place.name),
            f"{place.fit_seconds:.1f} s",
            f"{place.predict_seconds:.1f} s",
            *(written(each, figures) for each in metrics),
            *(f"{figures[name]:.1%}" for name in WITHIN_DOLLARS),
            *(change_in_words(place.gain[each.name]) for each in ERRORS),
        )
    console.print(table)
    console.print(f"Nothing was promoted. Written: {reports}/comparison.json")


def _name(recipe: str) -> str:
    """Say which one ``--recipe best`` is."""
    return f"{recipe} ({BEST})" if recipe == MOST_ACCURATE else recipe
