"""
Tune a recipe for each real test month, and look at what came of it there.

For every test month M of the raw --months that has three months before it,
`taxi-fare tune` searches on M-3 to M-1; then the recipe is trained on the
three months with the settings as they are, and with what was found, and both
predict M. A table goes into a marked part of docs/results.md.
"""

import argparse
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from real_source import ingested_months, parsed, parser_of, write_between

from taxi_fare.core.logs import configure_logging
from taxi_fare.core.metrics import ERRORS
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.provenance import git_commit
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.run.window import WindowRequest
from taxi_fare.training.recipes import RECIPES, Recipe
from taxi_fare.workflows.compare import CompareRequest, compare
from taxi_fare.workflows.tune import TuneRequest, tune

_BEGIN, _END = "<!-- tuned from here -->", "<!-- tuned to here -->"


@dataclass(frozen=True)
class Row:
    """
    One test month.

    Parameters
    ----------
    before, after : list of float
        Errors on the month that was chosen by, then on the test month.
    """

    month: str
    before: list[float]
    after: list[float]

    @property
    def changes(self) -> list[float]:
        """By what share each error rose."""
        pairs = zip(self.after, self.before, strict=True)
        return [after / before - 1 for after, before in pairs]


def main() -> None:
    """Tune for every month, and write the table."""
    parser = parser_of(__doc__, page="results.md")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--recipe", default="xgboost-tariff", choices=RECIPES)
    parser.add_argument("--work", type=Path)
    arguments = parsed(parser)
    configure_logging(level="WARNING")
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as folder:
        work = arguments.work or Path(folder)
        rows = []
        for row in _rows(arguments, work):
            print(_told(row), flush=True)
            rows.append(row)
    text = _table(rows, arguments)
    print(text)
    write_between(arguments.output, text, begin=_BEGIN, end=_END)


def _rows(arguments: argparse.Namespace, work: Path) -> Iterator[Row]:
    settings, recipe = load_settings(), RECIPES[arguments.recipe]
    ingested_months(arguments, work)
    months = parse_months(arguments.months)
    for month in months[settings.training.window_months :]:
        request = TuneRequest(
            work / "lake",
            month,
            (recipe,),
            work / f"{month}_{recipe.name}.json",
            minutes=None,
            trials=arguments.trials,
        )
        found = tune(request, settings=settings)
        errors = [
            [*_errors(known), *_on_test(work, month, recipe, chosen)]
            for known, chosen in (
                (found.tuning.before, settings),
                (found.tuning.after, found.applied(settings)),
            )
        ]
        yield Row(str(month), *errors)


def _on_test(
    work: Path, month: Month, recipe: Recipe, settings: Settings
) -> list[float]:
    window = WindowRequest(work / "lake", test_month=month)
    request = CompareRequest(window, [recipe], work)
    board = compare(request, settings=settings).leaderboard
    (found,) = (each for each in board if each.name == recipe.name)
    return _errors(found.to_document())


def _errors(figures: dict[str, float]) -> list[float]:
    return [figures[each.name] for each in ERRORS]


def _told(row: Row) -> str:
    figures = (
        f"{before:.3f} | {after:.3f} | {change:+.1%}"
        for before, after, change in zip(
            row.before, row.after, row.changes, strict=True
        )
    )
    return f"| {row.month} | {' | '.join(figures)} |"


def _table(rows: list[Row], arguments: argparse.Namespace) -> str:
    means = [
        [fmean(column) for column in zip(*errors, strict=True)]
        for errors in ([x.before for x in rows], [x.after for x in rows])
    ]
    heads = [
        f"{metric.title} of {month}, $ | tuned | change"
        for month in ("M-1", "M")
        for metric in ERRORS
    ]
    return "\n".join(
        [
            f"Recipe {arguments.recipe}, {arguments.trials} trials for each"
            f" test month M of {arguments.months}, commit {git_commit()}.",
            "",
            f"| M | {' | '.join(heads)} |",
            "|---" * 13 + "|",
            *map(_told, rows),
            _told(Row("mean", *means)),
        ]
    )


if __name__ == "__main__":
    main()
