"""Print a comparison of recipes."""

from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.core.metrics import METRICS, WITHIN_DOLLARS

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
    table = new_table(
        "",
        "Fit",
        "Predict",
        *(each.title for each in metrics),
        *(f"≤ ${limit}" for limit in WITHIN_DOLLARS.values()),
    )
    for place in document.leaderboard:
        figures = place.to_document()
        table.add_row(
            place.name,
            f"{place.fit_seconds:.1f} s",
            f"{place.predict_seconds:.1f} s",
            *(written(each, figures) for each in metrics),
            *(f"{figures[name]:.1%}" for name in WITHIN_DOLLARS),
        )
    console.print(table)
    console.print(f"Nothing was promoted. Written: {reports}/comparison.json")
