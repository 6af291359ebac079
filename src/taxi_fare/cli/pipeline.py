"""``taxi-fare pipeline``: the orchestrator."""

from typing import Annotated

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
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_steps import show_pipeline
from taxi_fare.core.errors import WrongUsageError

SkipTests = Annotated[
    bool,
    typer.Option("--skip-tests", help="Leave the gates out: not advised."),
]
TrainOnly = Annotated[
    bool, typer.Option("--train-only", help="Stop after the trained model.")
]
PredictOnly = Annotated[
    bool,
    typer.Option(
        "--predict-only",
        help="Predict with the model there is. Default month: the latest of"
        " the lake.",
    ),
]


def pipeline(
    *,
    test_month: options.TestMonth = None,
    train_months: options.TrainMonths = None,
    skip_missing: options.SkipMissing = False,
    legacy: options.Legacy = False,
    skip_tests: SkipTests = False,
    train_only: TrainOnly = False,
    predict_only: PredictOnly = False,
    force: options.Force = False,
    request_id: options.RequestId = None,
    recipe: Recipe = None,
    algorithm: Algorithm = None,
    encoding: Encoding = None,
    tuned: TunedFile = None,
    promotion_rule: Rule = None,
    registry_path: options.PipelineRegistryPath = options.DEFAULT_REGISTRY,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    lang: Lang = None,
    json: options.Json = False,
) -> None:
    """Run gates, watch, train, gates, predict, gates, up to a failure."""
    from taxi_fare.workflows.pipeline import PipelineRequest, run_pipeline

    _check(
        train_only=train_only,
        predict_only=predict_only,
        legacy=legacy,
        tuned=tuned is not None,
    )
    settings, lake = options.settings_and_lake(data_base_path)
    settings = with_recipe(
        settings, recipe=recipe, algorithm=algorithm, encoding=encoding
    )
    settings = with_rule(settings, promotion_rule)
    request = PipelineRequest(
        options.window_request(
            lake,
            test_month=test_month,
            train_months=train_months,
            skip_missing=skip_missing,
        ),
        registry=registry_path,
        reports=reports_dir,
        legacy=legacy,
        skip_tests=skip_tests,
        train_only=train_only,
        predict_only=predict_only,
        force=force,
        request_id=request_id,
        tuned=with_tuned(tuned, recipe, algorithm, encoding),
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = run_pipeline(request, settings=settings, on_tree=on_tree)
    reports = Reports.chosen(reports_dir, lang, settings)
    print_result(result, json=json, show=show_pipeline, reports=reports)
    if result.error is not None:
        raise result.error


def _check(
    *, train_only: bool, predict_only: bool, legacy: bool, tuned: bool
) -> None:
    """Refuse options that cannot be meant together."""
    if train_only and predict_only:
        raise WrongUsageError(
            "--train-only and --predict-only are given.",
            expected="at most one of them",
            remedy="leave both out for the whole pipeline.",
        )
    if legacy and tuned:
        raise WrongUsageError(
            "--legacy and --tuned are given.",
            expected="one of them: the legacy mode has no months before",
            remedy="leave one out.",
        )
