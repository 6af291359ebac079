"""Print how sure it is that one model is better than another."""

from typing import TYPE_CHECKING

from taxi_fare.cli.show import headed_console, new_table, styled, written
from taxi_fare.core.metrics import ERRORS, METRICS

if TYPE_CHECKING:
    from rich.console import Console

    from taxi_fare.core.evidence import Evidence
    from taxi_fare.core.manifest import Promotion
    from taxi_fare.reports.documents.printed import VersionsCompared


def show_evidence(promotion: "Promotion", console: "Console") -> None:
    """Print what a decision is worth, and what the guarded rule says."""
    from taxi_fare.core.evidence import worth

    evidence, guarded = promotion.evidence, promotion.guarded
    gains = evidence.gains if evidence else None
    if told := worth(gains, reason=promotion.reason):
        console.print(f"Change of the error, by days: {told}")
    if guarded is not None and promotion.rule != "guarded":
        console.print(guarded.beside(promotion.decision))


def show_versions(document: "VersionsCompared") -> None:
    """Print two versions beside each other."""
    from taxi_fare.core.evidence import difference_in_words

    first, second = document.first, document.second
    console = headed_console(
        styled(
            (f"Month {document.month}", "bold"),
            f", {document.rows:,} valid trips",
        ),
        simulated=document.simulated,
        soft_wrap=True,
    )
    for number, each in enumerate((first, second), 1):
        seen = ", which it has seen before" * each.trained_on_month
        months = ", ".join(each.train_months)
        console.print(f"{number}: {each.model_id}, trained on {months}{seen}")
    table = new_table("", "1", "2")
    for metric in METRICS.values():
        table.add_row(
            metric.title,
            written(metric, first.figures),
            written(metric, second.figures),
        )
    console.print(table)
    found = document.evidence
    console.print(f"2 instead of 1: {difference_in_words(found.gains)}")
    _show_slices(found, console)


def _show_slices(evidence: "Evidence", console: "Console") -> None:
    from taxi_fare.core.evidence import change_in_words

    table = new_table(
        "2 instead of 1", "", "Trips", *(x.title for x in ERRORS)
    )
    for way, levels in evidence.slices.items():
        for level, each in levels.items():
            changes = (
                "-" if gain is None else change_in_words(gain)
                for gain in each.gains.values()
            )
            table.add_row(way, level, f"{each.rows:,}", *changes)
    console.print(table)
