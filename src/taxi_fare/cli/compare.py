"""``taxi-fare compare``: a leaderboard of recipes."""

from typing import Annotated

import typer

from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_comparison import show_comparison
from taxi_fare.cli.window_options import (
    SkipMissing,
    TestMonth,
    TrainMonths,
    window_request,
)
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.training.recipes import RECIPES, Recipe, find_recipe

Recipes = Annotated[
    str | None,
    typer.Option(
        help=f"Some of {', '.join(RECIPES)}."
        " Default: all that can be trained here.",
    ),
]


def compare(
    *,
    test_month: TestMonth = None,
    train_months: TrainMonths = None,
    recipes: Recipes = None,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    skip_missing: SkipMissing = False,
    json: Json = False,
) -> None:
    """Train several recipes on one window and rank them; promote nothing."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.compare import CompareRequest
    from taxi_fare.workflows.compare import compare as run_compare

    settings = load_settings()
    request = CompareRequest(
        window_request(
            lake_of(data_base_path, settings),
            test_month=test_month,
            train_months=train_months,
            skip_missing=skip_missing,
        ),
        _recipes(recipes),
        reports_dir,
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        document = run_compare(request, settings=settings, on_tree=on_tree)
    if json:
        print_json(document.to_document())
    else:
        show_comparison(document, reports=reports_dir)


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
