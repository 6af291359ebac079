"""Print what was tuned."""

from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.core.metrics import METRICS

if TYPE_CHECKING:
    from taxi_fare.core.recipe_used import Tuned


def show_tuned(document: "Tuned", *, output: Path) -> None:
    """Print what was found, what it is worth, and what to do with it."""
    tuning = document.tuning
    console = headed_console(
        styled(
            (document.recipe, "bold"),
            f": {tuning.trials} trials, learnt from"
            f" {', '.join(tuning.train_months)}"
            f" ({tuning.train_rows:,} trips), measured on {tuning.chosen_on}"
            f" ({tuning.test_rows:,} trips)",
        ),
        simulated=document.simulated,
        soft_wrap=True,
    )
    table = new_table("", "Settings", "Tuned")
    for metric in METRICS.values():
        if metric.name in tuning.after:
            table.add_row(
                metric.title,
                written(metric, tuning.before),
                written(metric, tuning.after),
            )
    console.print(table)
    if tuning.after == tuning.before:
        console.print("No trial was better than the settings.")
    for section, values in document.parameters.items():
        told = ", ".join(f"{name} = {_plain(x)}" for name, x in values.items())
        console.print(f"[{section}] {told}")
    console.print(f"Written: {output}")
    console.print(f"Next: taxi-fare train --tuned {output} --test-month ...")


def _plain(value: float) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
