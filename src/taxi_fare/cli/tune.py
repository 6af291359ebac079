"""``taxi-fare tune``: search the parameters of recipes."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import trial_line
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_tuned import show_tuned
from taxi_fare.core import choices
from taxi_fare.core.extras import require_extra
from taxi_fare.core.months import parse_month
from taxi_fare.training.recipes import (
    RECIPES,
    Recipe,
    chosen_recipe,
    find_recipe,
)

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings

    RecipeName = str
else:
    RecipeName = Literal[(*RECIPES, choices.BEST, "all")]

TestMonth = Annotated[
    str,
    typer.Option(
        help="Month of the run that is prepared, such as 2023-06. It is not"
        " read: what was found is chosen on the month before it."
    ),
]
Searched = Annotated[
    RecipeName | None,
    typer.Option(
        "--recipe",
        help="Whose parameters are searched; all: of every recipe that can be"
        " trained here. Default: the recipe of the settings.",
    ),
]
Minutes = Annotated[
    float, typer.Option(min=0.0, help="After which no trial begins.")
]
Trials = Annotated[
    int | None,
    typer.Option(min=1, help="How many there are in all. Default: no limit."),
]
Trips = Annotated[
    int,
    typer.Option(
        min=1_000, help="Of a month's or some months' trips, at most so many."
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="File of what is found; trials are kept beside it. Default:"
        " tuned/MONTH_RECIPE.json in the folder of the reports."
    ),
]


def tune(
    *,
    test_month: TestMonth,
    recipe: Searched = None,
    minutes: Minutes = 20.0,
    trials: Trials = None,
    trips: Trips = 1_000_000,
    output: Output = None,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Search better parameters on the months before; for train --tuned."""
    require_extra("tune", package="optuna", option="tune")
    from taxi_fare.workflows import tune as workflow

    month = parse_month(test_month)
    settings, lake = options.settings_and_lake(data_base_path)
    recipes = _recipes(recipe, settings)
    name = recipe if recipe == "all" else recipes[0].name
    request = workflow.TuneRequest(
        lake,
        month,
        recipes,
        output or reports_dir / "tuned" / f"{month}_{name}.json",
        minutes=minutes,
        trials=trials,
        trips=trips,
    )
    with trial_line(minutes * 60) as on_trial:
        result = workflow.tune(request, settings=settings, on_trial=on_trial)
    print_result(result, json=json, show=show_tuned, output=request.output)


def _recipes(name: str | None, settings: "Settings") -> tuple[Recipe, ...]:
    """Return the recipes that are searched: the usual one first."""
    usual = chosen_recipe(settings)
    if name != "all":
        return (find_recipe(name) if name else usual,)
    others = [x for x in RECIPES.values() if not x.record.missing_packages()]
    return (usual, *(each for each in others if each != usual))
