"""Print a comparison of recipes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from taxi_fare.cli.show import SIMULATED, new_console, new_table


def show_comparison(document: Mapping[str, Any], *, reports: Path) -> None:
    """Print the leaderboard."""
    data, console = document["data"], new_console()
    console.print(
        f"[bold]Test month {data['test_month']}[/], trained on"
        f" {', '.join(data['train_months'])}: {data['train_rows']:,} train"
        f" trips, {data['test_rows']:,} test trips"
    )
    if document["simulated"]:
        console.print(SIMULATED)
    table = new_table(
        "", "Fit", "Predict", "RMSE", "MAE", "R²", "Bias", "≤ $2", "≤ $5"
    )
    for place in document["leaderboard"]:
        table.add_row(
            place["name"],
            f"{place['fit_seconds']:.1f} s",
            f"{place['predict_seconds']:.1f} s",
            f"{place['rmse']:.4f} $",
            f"{place['mae']:.4f} $",
            f"{place['r2']:.4f}",
            f"{place['bias']:+.4f} $",
            f"{place['within_2_dollars']:.1%}",
            f"{place['within_5_dollars']:.1%}",
        )
    console.print(table)
    console.print(f"Nothing was promoted. Written: {reports}/comparison.json")
