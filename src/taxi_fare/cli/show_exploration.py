"""Print what was explored and what was prepared."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rich.table import Table

from taxi_fare.cli.show import counted, new_console, new_table, styled

if TYPE_CHECKING:
    from taxi_fare.core.documents import Document
    from taxi_fare.core.manifest import MonthCounts
    from taxi_fare.reports.documents.trips import (
        EdaSummary,
        PrepareReport,
        Target,
    )

_TARGET = (
    ("Mean", "mean"),
    ("Standard deviation", "std"),
    ("Smallest", "min"),
    ("A quarter pays less than", "p25"),
    ("Half pay less than", "median"),
    ("Three quarters pay less than", "p75"),
    ("95 % pay less than", "p95"),
    ("99 % pay less than", "p99"),
    ("Greatest", "max"),
)


def show_eda(document: "EdaSummary", *, reports: Path) -> None:
    """Print the most telling figures, and where the rest is."""
    console, span = new_console(), document.date_range
    console.print(
        styled(
            (f"{document.rows:,} valid trips", "bold"),
            f", {span.min} to {span.max}",
        )
    )
    _print_note(document)
    for table in (
        _validation_table(document.validation),
        _target_table(document.target),
        _missing_table(document.missing_ratio),
    ):
        console.print()
        console.print(table)
    console.print()
    sample, lines = document.sample, new_console(soft_wrap=True)
    lines.print(f"Sample of {sample.rows:,} trips and the summary:")
    for name in (sample.file, "eda_summary.json", *document.figures):
        lines.print(f"  {reports / name}")


def show_prepare(document: "PrepareReport") -> None:
    """Print where a feature table is, and what it holds."""
    console = new_console(soft_wrap=True)
    _print_note(document)
    sample = document.sample
    of = f" of {sample.of:,}" if sample else ""
    console.print(
        styled(
            (f"{document.rows:,}{of} valid trips", "bold"),
            f" of {', '.join(document.months)} in {document.seconds:.1f} s:",
        )
    )
    console.print(f"  {document.output}")


def _print_note(document: "Document") -> None:
    if document.simulated:
        new_console().print(document.note, style="bold yellow")


def _validation_table(months: "Mapping[str, MonthCounts]") -> Table:
    from taxi_fare.validation.rules import rejecting

    counts = ("In the lake", "Valid", "Rejected")
    table = new_table("Month", *counts, "Because of", numbers=counts)
    for month, found in months.items():
        reasons = rejecting(found.violations)
        cells = counted(found.rows, valid=found.valid_rows, reasons=reasons)
        table.add_row(month, *cells)
    return table


def _target_table(target: "Target") -> Table:
    table = new_table("Total amount", "Dollars", numbers=["Dollars"])
    for label, name in _TARGET:
        value = getattr(target, name)
        table.add_row(label, "-" if value is None else f"{value:,.2f}")
    return table


def _missing_table(ratios: Mapping[str, float]) -> Table:
    share = "Share of trips"
    table = new_table("Missing values", share, numbers=[share])
    some = {name: ratio for name, ratio in ratios.items() if ratio}
    for name in sorted(some, key=lambda name: -some[name]):
        table.add_row(name, f"{some[name]:.2%}")
    if not some:
        table.add_row("none", "-")
    return table
