"""``taxi-fare backtest``: what training each month is worth."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.recipe_options import (
    Algorithm,
    Encoding,
    Recipe,
    with_recipe,
)
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_backtest import show_backtest
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.months import parse_month
from taxi_fare.training.policies import KNOWN, POLICIES, Policy, find_policy

From = Annotated[
    str,
    typer.Option(
        "--from",
        help="Test month of the first model, such as 2023-04: each policy"
        " begins with it.",
    ),
]
To = Annotated[
    str, typer.Option("--to", help="The last month that is predicted.")
]
Policies = Annotated[
    str,
    typer.Option(
        help=f"Some of {', '.join(KNOWN)}: "
        + "; ".join(f"{x.name}: {x.meaning}" for x in POLICIES.values())
        + "."
    ),
]
_USUAL = ",".join(("sliding", "expanding", "frozen", "every-3", "guarded"))


def backtest(
    *,
    first: From,
    last: To,
    policies: Policies = _USUAL,
    recipe: Recipe = None,
    algorithm: Algorithm = None,
    encoding: Encoding = None,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Live through past months under several policies; promote nothing."""
    from taxi_fare.workflows import backtest as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    settings = with_recipe(
        settings, recipe=recipe, algorithm=algorithm, encoding=encoding
    )
    request = workflow.BacktestRequest(
        lake,
        first=parse_month(first),
        last=parse_month(last),
        policies=_policies(policies),
        reports=reports_dir,
    )
    result = workflow.backtest(request, settings=settings)
    print_result(result, json=json, show=show_backtest, reports=reports_dir)


def _policies(names: str) -> tuple[Policy, ...]:
    found = tuple(find_policy(name.strip()) for name in names.split(","))
    if len({each.name for each in found}) < len(found):
        raise WrongUsageError(
            f"--policies names one twice: {names}.",
            expected="each policy once",
            remedy="leave the second out.",
        )
    return found
