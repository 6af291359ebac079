"""``taxi-fare train``: the sliding-window run."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.recipe_options import (
    Algorithm,
    Encoding,
    Recipe,
    Rule,
    TunedFile,
    with_recipe,
    with_rule,
    with_tuned,
)
from taxi_fare.cli.report_options import Lang, Reports
from taxi_fare.cli.show import print_json, show_train

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings
    from taxi_fare.workflows.train import TrainResult

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Check the data, train nothing, write nothing."
    ),
]


def train(
    *,
    test_month: options.TestMonth = None,
    train_months: options.TrainMonths = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    dry_run: DryRun = False,
    skip_missing: options.SkipMissing = False,
    force: options.Force = False,
    request_id: options.RequestId = None,
    recipe: Recipe = None,
    algorithm: Algorithm = None,
    encoding: Encoding = None,
    tuned: TunedFile = None,
    promotion_rule: Rule = None,
    lang: Lang = None,
    json: options.Json = False,
) -> None:
    """Train on months M-3 to M-1, test on M, promote the model if better."""
    from taxi_fare.workflows import train as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    settings = with_recipe(
        settings, recipe=recipe, algorithm=algorithm, encoding=encoding
    )
    settings = with_rule(settings, promotion_rule)
    request = workflow.TrainRequest(
        options.window_request(
            lake,
            test_month=test_month,
            train_months=train_months,
            skip_missing=skip_missing,
        ),
        registry=model_registry_path,
        reports=reports_dir,
        dry_run=dry_run,
        force=force,
        request_id=request_id,
        tuned=with_tuned(tuned, recipe, algorithm, encoding),
    )
    run = partial(workflow.train, request, settings=settings)
    reports = Reports.chosen(reports_dir, lang, settings)
    finish(run, settings=settings, reports=reports, json=json)


def finish(
    run: "Callable[..., TrainResult]",
    *,
    settings: "Settings",
    reports: Reports,
    json: bool,
) -> None:
    """Train, print what was decided, and raise what was refused."""
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = run(on_tree=on_tree)
    if json:
        print_json(result.document.to_document())
    else:
        show_train(result, reports=reports)
    refusal = result.refusal()
    if refusal is not None:
        raise refusal
