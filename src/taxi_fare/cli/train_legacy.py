"""``taxi-fare train-legacy``: the specification's first mode."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.recipe_options import (
    Algorithm,
    Encoding,
    Recipe,
    with_recipe,
)
from taxi_fare.cli.report_options import Lang, Reports
from taxi_fare.cli.train import finish
from taxi_fare.core.usual_places import LEGACY_MODEL

Months = Annotated[
    str | None,
    typer.Option(
        help="Months to train and test on, such as 2023-01,2023-02."
        " Default: these two."
    ),
]
ModelPath = Annotated[
    Path, typer.Option(help="Name of the model; the one there is replaced.")
]


def train_legacy(
    *,
    months: Months = None,
    model_path: ModelPath = LEGACY_MODEL,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    force: options.Force = False,
    recipe: Recipe = None,
    algorithm: Algorithm = None,
    encoding: Encoding = None,
    lang: Lang = None,
    json: options.Json = False,
) -> None:
    """Train on 80 % of fixed months, test on the rest (the legacy mode)."""
    from taxi_fare.workflows import train_legacy as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    settings = with_recipe(
        settings, recipe=recipe, algorithm=algorithm, encoding=encoding
    )
    request = workflow.LegacyRequest(
        lake,
        reports_dir,
        months=options.some_months(months),
        model=model_path,
        force=force,
    )
    run = partial(workflow.train_legacy, request, settings=settings)
    reports = Reports.chosen(reports_dir, lang, settings)
    finish(run, settings=settings, reports=reports, json=json)
