"""
Backtest policies over the real --months: what training each month is worth.

Runs `taxi-fare backtest` from the fourth month on, with every policy, and
writes errors, trainings and gains into a marked part of docs/results.md.
"""

import tempfile
from pathlib import Path

from real_source import ingested_months, parsed, parser_of, write_between

from taxi_fare.core.evidence import gain_in_words
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.metrics import ERRORS
from taxi_fare.core.months import parse_months
from taxi_fare.core.provenance import git_commit
from taxi_fare.core.settings import load_settings
from taxi_fare.reports.documents.backtest import Backtest, PolicyResult
from taxi_fare.training.policies import POLICIES, every
from taxi_fare.training.recipes import RECIPES
from taxi_fare.workflows.backtest import BacktestRequest, backtest

_BEGIN, _END = "<!-- policies from here -->", "<!-- policies to here -->"


def main() -> None:
    """Run the backtest, and write the table."""
    parser = parser_of(__doc__, page="results.md")
    parser.add_argument("--recipe", default="xgboost-tariff", choices=RECIPES)
    arguments = parsed(parser)
    configure_logging(level="WARNING")
    settings = load_settings()
    training = settings.training.model_copy(
        update={"recipe": arguments.recipe}
    )
    settings = settings.model_copy(update={"training": training})
    months = parse_months(arguments.months)
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as folder:
        work = Path(folder)
        ingested_months(arguments, work)
        request = BacktestRequest(
            work / "lake",
            first=months[training.window_months],
            last=months[-1],
            policies=(*POLICIES.values(), every(3)),
            reports=work / "reports",
        )
        text = _table(backtest(request, settings=settings))
    print(text)
    write_between(arguments.output, text, begin=_BEGIN, end=_END)


def _table(document: Backtest) -> str:
    months = [each.month for each in document.policies[0].months]
    heads = [
        "trainings",
        *(f"{each.title} $" for each in ERRORS),
        *(f"{x.title} beside {document.reference}" for x in ERRORS),
    ]
    rows = [_row(each) for each in document.policies]
    by_month = [
        f"| {policy.name} | "
        + " | ".join(f"{x.figures['rmse']:.2f}" for x in policy.months)
        + " |"
        for policy in document.policies
    ]
    return "\n".join(
        [
            f"Recipe {document.recipe}, {months[0]} to {months[-1]}, the first"
            f" model tested on {document.first_model}, commit {git_commit()}.",
            "",
            f"| policy | {' | '.join(heads)} |",
            f"|{'---|' * (len(heads) + 1)}",
            *rows,
            "",
            f"| RMSE $ | {' | '.join(months)} |",
            f"|{'---|' * (len(months) + 1)}",
            *by_month,
        ]
    )


def _row(policy: PolicyResult) -> str:
    gains = policy.gains or {}
    cells = [
        policy.name,
        str(policy.trainings),
        *(f"{policy.figures[each.name]:.3f}" for each in ERRORS),
        *(gain_in_words(gains[x.name]) if gains else "" for x in ERRORS),
    ]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
