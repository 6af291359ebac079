"""``taxi-fare pipeline``: the orchestrator."""

from typing import Annotated

import typer

from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.options import (
    DEFAULT_REGISTRY,
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.recipe_options import (
    AlgorithmOption,
    EncodingOption,
    with_recipe,
)
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_steps import show_pipeline
from taxi_fare.cli.window_options import (
    Force,
    Legacy,
    SkipMissing,
    TestMonth,
    TrainMonths,
    window_request,
)
from taxi_fare.core.errors import WrongUsageError

RegistryPath = Annotated[
    str,
    typer.Option(
        "--registry-path",
        "--model-registry-path",
        help="Registry: a folder, or s3a://bucket/prefix.",
    ),
]
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
    test_month: TestMonth = None,
    train_months: TrainMonths = None,
    skip_missing: SkipMissing = False,
    legacy: Legacy = False,
    skip_tests: SkipTests = False,
    train_only: TrainOnly = False,
    predict_only: PredictOnly = False,
    force: Force = False,
    algorithm: AlgorithmOption = None,
    encoding: EncodingOption = None,
    registry_path: RegistryPath = DEFAULT_REGISTRY,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    json: Json = False,
) -> None:
    """Run gates, train, gates, predict, gates, up to the first failure."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.pipeline import PipelineRequest, run_pipeline

    if train_only and predict_only:
        raise WrongUsageError(
            "--train-only and --predict-only are given.",
            expected="at most one of them",
            remedy="leave both out for the whole pipeline.",
        )
    settings = with_recipe(
        load_settings(), algorithm=algorithm, encoding=encoding
    )
    request = PipelineRequest(
        window_request(
            lake_of(data_base_path, settings),
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
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = run_pipeline(request, settings=settings, on_tree=on_tree)
    if json:
        print_json(result.to_document())
    else:
        show_pipeline(result, reports=reports_dir)
    if result.error is not None:
        raise result.error
