"""
Run real months, one after the other, and write docs/results.md.

Reads the raw --months from the folder --source, ingests them into a lake of
its own, runs every test month that has three months before it with one
registry, and writes the page to --output. `make results` runs it on 2019.
"""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from real_source import ingested_months, parsed, parser_of

from taxi_fare.core.logs import configure_logging
from taxi_fare.core.metrics import COMPARED, METRICS, WITHIN_DOLLARS, Metric
from taxi_fare.core.months import parse_months
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.run.window import WindowRequest
from taxi_fare.training.recipes import RECIPES
from taxi_fare.workflows.compare import CompareRequest, compare
from taxi_fare.workflows.ingest import IngestResult
from taxi_fare.workflows.train import TrainRequest, train

_DEFAULT = "gbt-onehot"
_EVIDENCE = "## How sure, and how wide"


def main() -> int:
    """Run everything and write the page; 1 when a month misses RMSE 10."""
    arguments = _arguments()
    configure_logging()
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        ingested, runs = _run(arguments, Path(work))
    kept = _evidence(arguments.output)
    page = _page(ingested, runs) + kept
    arguments.output.write_text(page, encoding="utf-8")
    missed = [r["data"]["test_month"] for r in runs if r["rmse"] >= 10]
    print(
        f"{arguments.output} written; RMSE of 10 or more: {missed or 'none'}"
    )
    return 1 if missed else 0


def _run(
    arguments: argparse.Namespace, work: Path
) -> tuple[IngestResult, list[dict[str, Any]]]:
    settings = load_settings()
    months = parse_months(arguments.months)
    ingested = ingested_months(arguments, work)
    runs = []
    for month in months[settings.training.window_months :]:
        request = TrainRequest(
            WindowRequest(lake=work / "lake", test_month=month),
            registry=work / "registry",
            reports=work / "reports" / str(month),
        )
        started = time.perf_counter()
        document = train(request, settings=settings).document.to_document()
        wall = time.perf_counter() - started
        board = _compared(request, settings)
        runs.append(document | {"wall": wall, "leaderboard": board})
    return ingested, runs


def _compared(
    request: TrainRequest, settings: Settings
) -> list[dict[str, Any]]:
    """Compare every recipe, and the default one with all levels."""
    recipes = tuple(RECIPES.values())
    every = CompareRequest(request.window, recipes, request.reports)
    board: list[dict[str, Any]] = compare(
        every, settings=settings
    ).to_document()["leaderboard"]
    shares = {"min_level_share": 0.0, "min_level_variance": 0.0}
    gbt = settings.gbt.model_copy(update=shares)
    found = compare(
        CompareRequest(request.window, (RECIPES[_DEFAULT],), request.reports),
        settings=settings.model_copy(update={"gbt": gbt}),
    )
    original = {"name": f"{_DEFAULT}-all-levels"}
    return board + [
        place | original
        for place in found.to_document()["leaderboard"]
        if place["name"] == _DEFAULT
    ]


def _arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, page="results.md")
    return parsed(parser)


def _evidence(page: Path) -> str:
    """Return what `make evidence-results` wrote there, which stays."""
    written = page.read_text(encoding="utf-8") if page.exists() else ""
    _, heading, text = written.partition(_EVIDENCE)
    return f"\n{heading}{text}" if heading else ""


def _page(ingested: IngestResult, runs: list[dict[str, Any]]) -> str:
    versions = library_versions()
    recipe = runs[0]["recipe"]
    return f"""\
# Results on real trips

Written by `make results` (`benchmarks/real_months.py`), which anyone with raw
months can run. They are samples of the TLC's files; the last table has their
sizes. They are ingested once, then every test month is run in order with one
registry, each trained on the three months before it, and so are the other
recipes, by `taxi-fare compare`.

Recipe `{recipe["name"]}`: {_parameters(recipe["parameters"])}.
Commit {git_commit()}, Spark {versions["pyspark"]},
Python {versions["python"]}, {platform.machine()}.

## The runs

RMSE and MAE in dollars, on the test month. *Current* is the model in
production, scored on the same trips. Rejected trips are not in the figures.

{_runs_table(runs)}

Mean over the {len(runs)} test months: {_means(runs)}.

## The recipes

Means over the same {len(runs)} test months; shares of the trips whose
prediction is off by at most 2 and 5 dollars. `{_DEFAULT}-all-levels` is the
original way, that of the system before this one: a column for every level of a
category. With so few trips, most of a fit is the overhead of Spark's jobs:
[performance.md](performance.md) has the time at full size.

{_leaderboard(runs)}

## The months

{_months_table(ingested)}
"""


def _parameters(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in parameters.items())


def _runs_table(runs: list[dict[str, Any]]) -> str:
    titles = " | ".join(each.title for each in COMPARED)
    lines = [
        "| test month | train trips | test trips | rejected in the window"
        f" | {titles} | current: {titles} | decision | seconds |",
        "|---" * (6 + 2 * len(COMPARED)) + "|",
    ]
    for run in runs:
        data, promotion = run["data"], run["promotion"]
        current = promotion["current_metrics"]
        theirs = _figures(current) if current else ["-"] * len(COMPARED)
        cells = [
            data["test_month"],
            f"{data['train_rows']:,}",
            f"{data['test_rows']:,}",
            str(data["rejected_rows"]),
            *_figures(run["metrics"]),
            *theirs,
            promotion["decision"],
            f"{run['wall']:.0f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _leaderboard(runs: list[dict[str, Any]]) -> str:
    columns = (*METRICS, *WITHIN_DOLLARS, "fit_seconds")
    titles = [each.title for each in METRICS.values()]
    titles += [f"≤ {limit} $" for limit in WITHIN_DOLLARS.values()]
    found: dict[str, list[dict[str, Any]]] = {}
    for run in runs:
        for place in run["leaderboard"]:
            found.setdefault(place["name"], []).append(place)
    means = {
        name: {
            key: sum(place[key] for place in places) / len(places)
            for key in columns
        }
        for name, places in found.items()
    }
    lines = [
        f"| recipe | {' | '.join(titles)} | fit s |",
        "|---" * (2 + len(titles)) + "|",
    ]
    for name, mean in sorted(means.items(), key=lambda x: x[1]["rmse"]):
        cells = [name, *_figures(mean, METRICS.values())]
        cells += [f"{mean[share]:.1%}" for share in WITHIN_DOLLARS]
        lines.append(f"| {' | '.join(cells)} | {mean['fit_seconds']:.1f} |")
    return "\n".join(lines)


def _months_table(ingested: IngestResult) -> str:
    lines = [
        "| month | raw trips | valid | rejected at ingest | because of |",
        "|---|---|---|---|---|",
    ]
    for each in ingested.months:
        record = each.record
        reasons = (f"{n} {name}" for name, n in record.rejected.items() if n)
        lines.append(
            f"| {record.month} | {record.raw_rows:,} | {record.valid_rows:,}"
            f" | {record.raw_rows - record.valid_rows}"
            f" | {', '.join(reasons) or '-'} |"
        )
    return "\n".join(lines)


def _figures(
    metrics: dict[str, float], wanted: Iterable[Metric] = COMPARED
) -> list[str]:
    return [
        f"{metrics[each.name]:{'' if each.better else '+'}.{each.digits}f}"
        for each in wanted
    ]


def _means(runs: list[dict[str, Any]]) -> str:
    means = {
        each.name: sum(run["metrics"][each.name] for run in runs) / len(runs)
        for each in COMPARED
    }
    named = zip(COMPARED, _figures(means), strict=True)
    return ", ".join(f"{each.title} {figure}" for each, figure in named)


if __name__ == "__main__":
    sys.exit(main())
