"""Print a backtest."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.core.metrics import ERRORS, Metric

if TYPE_CHECKING:
    from taxi_fare.reports.documents.backtest import Backtest


def show_backtest(document: "Backtest", *, reports: Path) -> None:
    """Print each policy over all months, then each error month by month."""
    months = [each.month for each in document.policies[0].months]
    console = headed_console(
        styled(
            (f"{months[0]} to {months[-1]}", "bold"),
            f", each predicted by the model that was in production: recipe"
            f" {document.recipe}, the first model tested on"
            f" {document.first_model}",
        ),
        simulated=document.simulated,
    )
    console.print(_over_all(document))
    for metric in ERRORS:
        console.print(_by_month(document, metric))
    console.print(
        f"Nothing was promoted. Written: {reports}/backtest/backtest.json"
    )


def _over_all(document: "Backtest") -> Table:
    from taxi_fare.core.evidence import gain_in_words

    heads = [each.title for each in ERRORS]
    beside = [f"{each.title} beside {document.reference}" for each in ERRORS]
    table = new_table("Policy", "Trainings", *heads, *beside)
    for policy in document.policies:
        gains = policy.gains or {}
        table.add_row(
            policy.name,
            str(policy.trainings),
            *(written(each, policy.figures) for each in ERRORS),
            *(
                gain_in_words(gains[each.name]) if gains else ""
                for each in ERRORS
            ),
        )
    return table


def _by_month(document: "Backtest", metric: Metric) -> Table:
    names = [each.name for each in document.policies]
    table = new_table(f"{metric.title} by month", *names)
    for together in zip(*(x.months for x in document.policies), strict=True):
        cells = (written(metric, each.figures) for each in together)
        table.add_row(together[0].month, *cells)
    return table
