"""Print what the watch found of a month."""

from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.cli.show_held import show_held
from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.metrics import METRICS

if TYPE_CHECKING:
    from rich.console import Console

    from taxi_fare.reports.documents.watch import Watch
    from taxi_fare.watching.drift import Compared

_COLOURS = {"ok": "green", "look": "yellow", "act": "red"}
# Of all columns, those that moved most.
_MOST = 5


def show_watch(document: "Watch", *, reports: Path) -> None:
    """Print verdict and reasons, then accuracy and what moved most."""
    from taxi_fare.core.months import Month
    from taxi_fare.reports.documents.listing import watch_of

    console = headed_console(
        styled(
            (f"Month {document.month}: ", "bold"),
            (document.verdict, f"bold {_COLOURS[document.verdict]}"),
        ),
        simulated=document.simulated,
        soft_wrap=True,
    )
    for reason in document.reasons:
        console.print(f"- {reason}")
    for note in document.notes:
        console.print(styled(("Note: ", "bold"), note))
    _show_accuracy(document, console)
    if document.accuracy is not None:
        show_held(document.accuracy.coverage, console)
    for name, each in document.data.items():
        _show_moved(name, each, console)
    file = reports / watch_of(Month(document.month)).file
    console.print(f"All figures are in {file}")


def _show_accuracy(document: "Watch", console: "Console") -> None:
    accuracy, model = document.accuracy, document.model
    if accuracy is None or model is None:
        return
    console.print(
        f"{model.model_id}, trained on {', '.join(model.train_months)}, on"
        f" {accuracy.overall.rows:,} trips:"
    )
    others = {name: each.figures for name, each in accuracy.baselines.items()}
    table = new_table(
        "", "This month", "95 % certain", "When registered", *others
    )
    for metric in METRICS.values():
        interval = accuracy.overall.interval(metric.name)
        ends = "-"
        if interval is not None:
            ends = " to ".join(f"{end:.{metric.digits}f}" for end in interval)
        table.add_row(
            metric.title,
            written(metric, accuracy.overall.figures),
            ends,
            written(metric, accuracy.expected),
            *(written(metric, each) for each in others.values()),
        )
    console.print(table)


def _show_moved(against: str, found: "Compared", console: "Console") -> None:
    months = ", ".join(found.months)
    told = ", ".join(
        f"{COLUMN_TITLES.get(name, name)} {index:.3f}"
        for name, index, _ in found.furthest(_MOST)
    )
    console.print(
        f"Furthest from {against.replace('_', ' ')} ({months}), PSI: {told}"
    )
