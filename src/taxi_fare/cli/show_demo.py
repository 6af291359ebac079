"""Print what the demo did."""

import shutil
import sys
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from taxi_fare.cli.report_options import Reports
from taxi_fare.cli.show import new_console, new_table, show_ingest, show_train
from taxi_fare.cli.show_steps import show_gates, show_prediction
from taxi_fare.cli.show_watch import show_watch
from taxi_fare.core.choices import Language
from taxi_fare.core.usual_places import DEMO_FOLDER

if TYPE_CHECKING:
    from rich.table import Table

    from taxi_fare.workflows.demo import DemoPlace, DemoResult


def show_demo(result: "DemoResult", *, language: Language = "en") -> None:
    """Print what happened, where each file is, and what to try next."""
    console, place = new_console(), result.place
    show_ingest(result.ingested)
    for watched, run in zip(result.watched, result.runs, strict=True):
        console.print()
        show_watch(watched, reports=place.reports)
        console.print()
        show_train(run, reports=Reports(place.reports, language))
    console.print()
    show_prediction(result.prediction, reports=place.reports)
    console.print()
    show_gates(result.plausibility)
    table = _places(place)
    page = result.runs[-1].run_report.report
    if page is not None:
        path = Reports(place.reports, language).page(page)
        table.add_row(str(path), "the last run, to open in a browser")
    console.print()
    console.print(table)
    registry = f"--model-registry-path {quote(str(place.registry))}"
    console.print("Try next", style="bold")
    lake = f"--data-base-path {quote(str(place.lake))}"
    options = f"--test-month 2023-05 {registry} {lake}"
    for line in (
        *_activation(),
        _dashboard(place),
        f"taxi-fare registry history {registry}",
        f"taxi-fare pipeline {options}",
        *_rollback(result, registry),
        f"taxi-fare train {options} --force",
        "taxi-fare ingest --months 2023-01..2023-04   # real trips",
    ):
        console.print(f"  {line}", soft_wrap=True)


def _places(place: "DemoPlace") -> "Table":
    """Say where each file is."""
    table = new_table("Where", "What")
    table.add_row(f"{place.raw}/", "raw months, as the TLC publishes them")
    table.add_row(f"{place.lake}/", "the lake: valid trips by month")
    table.add_row(f"{place.lake}_rejected/", "rejected trips, with reasons")
    table.add_row(f"{place.registry}/", "models; current -> production")
    table.add_row(
        f"{place.reports}/",
        "reports of both runs, predictions, eda_*.json and figures",
    )
    return table


def _activation() -> list[str]:
    """Return what has to be typed before ``taxi-fare`` is found."""
    if shutil.which("taxi-fare"):
        return []
    return [f". {quote(str(Path(sys.executable).parent / 'activate'))}"]


def _dashboard(place: "DemoPlace") -> str:
    """Return what shows the demo in a browser, from where one is."""
    if place.folder == DEMO_FOLDER:
        return "taxi-fare dashboard --demo   # look at it"
    registry = quote(str(place.registry))
    return (
        f"taxi-fare dashboard --model-registry-path {registry}"
        f" --reports-dir {quote(str(place.reports))}   # look at it"
    )


def _rollback(result: "DemoResult", registry: str) -> list[str]:
    """Return how to go back, where there is a model to go back to."""
    promoted = result.runs[-1].run_report.promotion.decision == "promoted"
    command = f"taxi-fare registry rollback --reason 'to try it' {registry}"
    return [command] if promoted else []
