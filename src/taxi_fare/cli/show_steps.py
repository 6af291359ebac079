"""Print what gates, predictions and the orchestrator found."""

from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.cli.report_options import Reports
from taxi_fare.cli.show import (
    SIMULATED,
    headed_console,
    metrics_line,
    money,
    new_console,
    new_table,
    show_page,
    styled,
)
from taxi_fare.cli.show_held import show_held
from taxi_fare.core.name_in_words import name_in_words

if TYPE_CHECKING:
    from rich.text import Text

    from taxi_fare.reports.documents.predictions import PredictReport
    from taxi_fare.workflows.gates.report import GateReport
    from taxi_fare.workflows.pipeline import PipelineResult

_COLOURS = {"passed": "green", "failed": "red", "not_run": "yellow"}


def show_gates(report: "GateReport") -> None:
    """Print every limit, what was found, and whether it is kept."""
    console = headed_console(
        styled((report.question, "bold"), f" {report.subject}"),
        simulated=report.simulated,
    )
    table = new_table("Limit", "Found", "")
    for check in report.checks:
        status = "passed" if check.passed else "failed"
        table.add_row(check.gate, f"{check.value:.6g}", _coloured(status))
    console.print(table)
    passed = sum(check.passed for check in report.checks)
    answer = ("Yes", "green") if report.passed else ("No", "red")
    kept = f": {passed} of {len(report.checks)} limits kept."
    console.print(styled(answer, kept))


def show_prediction(document: "PredictReport", *, reports: Path) -> None:
    """Print what was predicted, how good it is, and where it is."""
    console = headed_console(
        styled(
            (f"Month {document.month}", "bold"),
            f", predicted by {document.model_id}",
        ),
        simulated=document.simulated,
        soft_wrap=True,
    )
    figures = document.predictions
    console.print(
        f"{document.predicted_rows:,} trips predicted,"
        f" {document.rejected_rows:,} rejected"
    )
    if figures.rows:
        console.print(
            f"Mean {money(figures.mean)}, median {money(figures.median)},"
            f" from {money(figures.min)} to {money(figures.max)};"
            f" {figures.negative:,} negative, {figures.above_limit:,}"
            f" too high, {figures.non_finite:,} not finite"
        )
    if document.metrics:
        metrics = metrics_line(document.metrics)
        console.print(f"Against what was paid: {metrics}")
    else:
        console.print("What was paid is not known: no metrics.")
    show_held(document.intervals, console)
    console.print(
        f"Predictions in {document.output}, report in"
        f" {reports}/predict_report.json"
    )


def show_pipeline(result: "PipelineResult", *, reports: Reports) -> None:
    """Print what became of each step, and where the report for people is."""
    console = new_console()
    if result.simulated:
        console.print(SIMULATED)
    table = new_table("Step", "", "Seconds", "What")
    for step in result.steps:
        seconds = f"{step.seconds:.1f}" if step.status != "not_run" else "-"
        table.add_row(step.step, _coloured(step.status), seconds, step.summary)
    console.print(table)
    show_page(result.report, reports=reports)


def _coloured(status: str) -> "Text":
    return styled((name_in_words(status), _COLOURS[status]))
