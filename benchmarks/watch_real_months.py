"""
Watch real months, one after the other, and write the tables of docs/watch.md.

Reads the raw --months from the folder --source, ingests them into a lake of
its own, and goes through them in order as production would, with one registry
for each recipe: watch the month with the model that is in production, then
train on it, which promotes or not. `make watch-results` runs it on 2019.
"""

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from real_source import (
    ingested_months,
    parsed,
    parser_of,
    settings_with,
    write_between,
)

from taxi_fare.core.logs import configure_logging
from taxi_fare.core.metrics import COMPARED
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.core.settings import Settings
from taxi_fare.registry.opening import open_registry
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.run.window import WindowRequest
from taxi_fare.workflows.train import TrainRequest, train
from taxi_fare.workflows.watch import WatchRequest, watch

_BEGIN, _END = "<!-- written from here -->", "<!-- to here -->"
Watched = list[tuple[Watch, str]]


def main() -> int:
    """Run everything and write the tables; 1 where more than one acts."""
    arguments = _arguments()
    configure_logging()
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        found = {
            name: _run(arguments, name, Path(work))
            for name in arguments.recipes.split(",")
        }
    tables = "\n".join(_tables(found, arguments.months))
    write_between(arguments.output, tables, begin=_BEGIN, end=_END)
    acts = {
        name: sum(each.verdict == "act" for each, _ in months)
        for name, months in found.items()
    }
    print(f"{arguments.output} written; months that call for an act: {acts}")
    return int(any(count > 1 for count in acts.values()))


def _run(arguments: argparse.Namespace, name: str, work: Path) -> Watched:
    """Go through the months with one recipe."""
    settings = settings_with(name)
    months = parse_months(arguments.months)
    ingested_months(arguments, work)
    return [
        _month(month, work / name, work / "lake", settings)
        for month in months[1:]
    ]


def _month(
    month: Month, home: Path, lake: Path, settings: Settings
) -> tuple[Watch, str]:
    """Watch a month, then train on it where three months are before it."""
    registry = open_registry(home / "registry", settings)
    request = WatchRequest(lake, registry, home / "reports", month)
    found = watch(request, settings)
    window = WindowRequest(lake, test_month=month)
    first = month.plus(-settings.training.window_months)
    if not (lake / first.path).is_dir():
        return found, "-"
    trained = train(
        TrainRequest(
            window, registry=home / "registry", reports=home / "reports"
        ),
        settings=settings,
    )
    return found, trained.run_report.promotion.decision


def _tables(found: dict[str, Watched], months: str) -> Iterator[str]:
    versions = library_versions()
    yield (
        f"Months {months}, commit {git_commit()}, Spark {versions['pyspark']},"
        f" Python {versions['python']}.\n"
    )
    titles = " | ".join(each.title for each in COMPARED)
    for name, watched in found.items():
        yield f"### With `{name}`\n"
        yield (
            f"| month | verdict | {titles} | reasons | then `train` |\n"
            f"|{'---|' * (4 + len(COMPARED))}"
        )
        for each, decision in watched:
            figures = each.accuracy.overall.figures if each.accuracy else {}
            cells = [
                _number(figures.get(metric.name), metric.digits)
                for metric in COMPARED
            ]
            yield (
                f"| {each.month} | {each.verdict} | {' | '.join(cells)}"
                f" | {_in_a_cell(each.reasons)} | {decision} |"
            )
        yield ""


def _number(value: float | None, digits: int) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


def _in_a_cell(reasons: tuple[str, ...]) -> str:
    """Shorten reasons to what was found, without what to do."""
    short = [re.split(r"\. (?=[A-Z])", each)[0] for each in reasons]
    told = "; ".join(each.rstrip(".") for each in short)
    return told.replace("|", "/") or "-"


def _arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, page="watch.md")
    parser.add_argument("--recipes", default="gbt-onehot,xgboost-index")
    return parsed(parser)


if __name__ == "__main__":
    sys.exit(main())
