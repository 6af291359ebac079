"""Print results: the only place that writes to stdout."""

import sys
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from taxi_fare.cli.report_options import Reports
from taxi_fare.core.files import to_json
from taxi_fare.core.metrics import COMPARED, Metric, compared_in
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.core.visible import visible, visible_json

if TYPE_CHECKING:
    from taxi_fare.run.findings import Finding
    from taxi_fare.workflows.ingest import IngestResult
    from taxi_fare.workflows.train import TrainResult

_WIDE = 200
SIMULATED = Text.assemble(
    ("Simulated trips:", "bold yellow"),
    " these figures say nothing about real rides.",
)
_MARKS = {"ok": "green", "empty": "yellow", "lacking": "red"}


def print_json(document: Any) -> None:
    """Print one JSON document, in letters that standard output has."""
    print(visible_json(to_json(document), encoding=sys.stdout.encoding))


def print_result(
    result: Any, *, json: bool, show: Callable[..., None], **more: object
) -> None:
    """Print a result: as one JSON document, or as people read it."""
    if json:
        print_json(result.to_document())
    else:
        show(result, **more)


class _Screen(Console):
    """Shows what a text holds: neither markup nor controls are obeyed."""

    def render_str(self, text: str, **options: Any) -> Text:
        """Make what is printed of every plain text, also in tables."""
        return super().render_str(visible(text), **options)


def new_console(*, soft_wrap: bool = False, stderr: bool = False) -> Console:
    """Return what tables and sentences are printed with."""
    # A file or a pipe has no width: tables take what they need.
    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else _WIDE
    return _Screen(
        stderr=stderr,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=soft_wrap,
        width=width,
    )


def styled(*parts: str | tuple[str, str]) -> Text:
    """Put a line together, of texts and of pairs of text and style."""
    return Text.assemble(
        *(
            visible(each)
            if isinstance(each, str)
            else (visible(each[0]), each[1])
            for each in parts
        )
    )


def headed_console(
    headline: Text, *, simulated: bool, soft_wrap: bool = False
) -> Console:
    """Return a console on which stands what follows, and of which trips."""
    console = new_console(soft_wrap=soft_wrap)
    console.print(headline)
    if simulated:
        console.print(SIMULATED)
    return console


def show_ingest(result: "IngestResult") -> None:
    """Print what became of each month."""
    table = new_table(
        "Month", "", "Raw trips", "Valid", "Rejected", "Because of"
    )
    for each in result.months:
        record = each.record
        counts = counted(
            record.raw_rows, valid=record.valid_rows, reasons=record.rejected
        )
        table.add_row(record.month, each.status, *counts)
    console = new_console()
    console.print(table)
    if any(each.record.simulated for each in result.months):
        console.print(SIMULATED)


def counted(
    rows: int, *, valid: int, reasons: Mapping[str, int]
) -> tuple[str, str, str, Text]:
    """Write the trips of a month: all, valid, rejected, and because of."""
    because = [
        styled(f"{count:,} {name_in_words(rule)}")
        for rule, count in reasons.items()
        if count
    ]
    rejected = Text("\n").join(because or [Text("-")])
    return f"{rows:,}", f"{valid:,}", f"{rows - valid:,}", rejected


def show_train(result: "TrainResult", *, reports: Reports) -> None:
    """Print what a run decided, and where its reports are."""
    from taxi_fare.core.manifest import RunTrips

    data = result.document.data
    months = ", ".join(data.train_months)
    headline = styled(
        (f"Test month {data.test_month}", "bold"), f", trained on {months}"
    )
    if data.split:
        share = f"Trained on {data.split.train_share:.0%}"
        headline = styled((share, "bold"), f" of {months}")
    console = headed_console(
        headline, simulated=result.document.simulated, soft_wrap=True
    )
    if isinstance(data, RunTrips):
        console.print(
            f"{data.train_rows:,} train trips, {data.test_rows:,} test"
            f" trips, {data.rejected_rows:,} rejected"
        )
    if result.status == "dry_run":
        console.print("The data may be trained on. Nothing was written.")
        return
    _show_decision(result, reports=reports)


def _show_decision(result: "TrainResult", *, reports: Reports) -> None:
    from taxi_fare.cli.show_evidence import show_evidence
    from taxi_fare.core.manifest import TrainMetrics

    report, console = result.run_report, new_console(soft_wrap=True)
    table = new_table("", "This model", "Current model, same trips")
    for each in COMPARED:
        theirs = report.promotion.current_metrics or {}
        table.add_row(
            each.title, written(each, report.metrics), written(each, theirs)
        )
    console.print(table)
    before = isinstance(report, TrainMetrics) and report.before_the_ride
    if before:
        console.print(f"Before the ride, this model: {metrics_line(before)}")
    decision, reason = report.promotion.decision, report.promotion.reason
    console.print(styled((decision.capitalize(), "bold"), f": {reason}"))
    if isinstance(report, TrainMetrics):
        show_evidence(report.promotion, console)
    if result.status == "already_done":
        console.print(
            "This run was done before: nothing was trained or changed."
            " --force trains again."
        )
    if result.current not in {None, report.model_id}:
        console.print(f"The current model is {result.current}.")
    console.print(f"Model {report.model_id}, reports in {reports.folder}/")
    show_page(report.report, reports=reports)


def show_page(name: str | None, *, reports: Reports) -> None:
    """
    Print where the report for people is.

    Parameters
    ----------
    name : str or None
        Relative to the folder; None for a run whose version was pruned.
    """
    if name is not None:
        console = new_console(soft_wrap=True)
        console.print(f"Report for people: {reports.page(name)}")


def show_findings(findings: "Iterable[Finding]") -> None:
    """Print what this machine has and lacks."""
    # Unwrapped lines: paths stay whole, to be copied.
    console = new_console(soft_wrap=True)
    for each in findings:
        mark = (f"{each.status:<8}", _MARKS[each.status])
        console.print(styled(mark, f" {each.name:<15} {each.found}"))
        if each.remedy:
            console.print(f"{'':<24} what to do: {each.remedy}")


def written(metric: Metric, figures: Mapping[str, Any]) -> str:
    """Write a metric with its unit; a dash where it was not measured."""
    value = figures.get(metric.name)
    if value is None:
        return "-"
    sign = "" if metric.better else "+"
    if metric.unit == "dollars":
        return money(value, digits=4, sign=sign)
    return f"{value:{sign}.4f}"


def money(dollars: float | None, *, digits: int = 2, sign: str = "") -> str:
    """
    Write dollars as people do in English; a dash where there are none.

    Parameters
    ----------
    sign : {'', '+'}, optional
        Whether a gain has a sign, too.

    Examples
    --------
    >>> money(1234.5), money(-0.25), money(2.8755, digits=4, sign="+")
    ('$1,234.50', '-$0.25', '+$2.8755')
    """
    if dollars is None:
        return "-"
    number = f"{dollars:{sign},.{digits}f}"
    mark = number[0] if number[0] in "+-" else ""
    return f"{mark}${number.removeprefix(mark)}"


def metrics_line(figures: Mapping[str, Any]) -> str:
    """Write what models are compared by in one line."""
    return ", ".join(
        f"{each.title} {written(each, figures)}"
        for each in compared_in(figures)
    )


def new_table(*headings: str, numbers: Collection[str] = ()) -> Table:
    """Return an empty table; numbers end below each other."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        justify: JustifyMethod = "right" if heading in numbers else "left"
        table.add_column(heading, justify=justify, overflow="fold")
    return table
