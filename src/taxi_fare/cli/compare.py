"""``taxi-fare compare``: a leaderboard of recipes."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_comparison import show_comparison
from taxi_fare.core.choices import BEST
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.training.recipes import RECIPES, Recipe, find_recipe

Recipes = Annotated[
    str | None,
    typer.Option(
        "--recipes",
        "--recipe",
        help=f"One or more of {', '.join(RECIPES)}, or {BEST}, with commas."
        " Default: all that can be trained here.",
    ),
]


def compare(
    *,
    test_month: options.TestMonth = None,
    train_months: options.TrainMonths = None,
    recipes: Recipes = None,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    skip_missing: options.SkipMissing = False,
    json: options.Json = False,
) -> None:
    """Train several recipes on one window and rank them; promote nothing."""
    from taxi_fare.workflows import compare as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    request = workflow.CompareRequest(
        options.window_request(
            lake,
            test_month=test_month,
            train_months=train_months,
            skip_missing=skip_missing,
        ),
        _recipes(recipes),
        reports_dir,
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = workflow.compare(request, settings=settings, on_tree=on_tree)
    print_result(result, json=json, show=show_comparison, reports=reports_dir)


def _recipes(names: str | None) -> list[Recipe]:
    if names is None:
        return [
            recipe
            for recipe in RECIPES.values()
            if not recipe.record.missing_packages()
        ]
    found = [find_recipe(name.strip()) for name in names.split(",")]
    if len(set(found)) < len(found):
        raise WrongUsageError(
            f"--recipes names one twice: {names}.",
            expected="each recipe once",
            remedy="leave the second out.",
        )
    return found
