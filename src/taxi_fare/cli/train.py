"""``taxi-fare train``: the sliding-window run."""

from typing import Annotated

import typer

from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.options import (
    DEFAULT_REGISTRY,
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    RegistryPath,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.recipe_options import (
    AlgorithmOption,
    EncodingOption,
    with_recipe,
)
from taxi_fare.cli.show import print_json, show_train
from taxi_fare.cli.window_options import (
    Force,
    SkipMissing,
    TestMonth,
    TrainMonths,
    window_request,
)

DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Check the data, train nothing, write nothing."
    ),
]


def train(
    *,
    test_month: TestMonth = None,
    train_months: TrainMonths = None,
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    dry_run: DryRun = False,
    skip_missing: SkipMissing = False,
    force: Force = False,
    algorithm: AlgorithmOption = None,
    encoding: EncodingOption = None,
    json: Json = False,
) -> None:
    """Train on months M-3 to M-1, test on M, promote the model if better."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.train import TrainRequest
    from taxi_fare.workflows.train import train as run_train

    settings = with_recipe(
        load_settings(), algorithm=algorithm, encoding=encoding
    )
    request = TrainRequest(
        window_request(
            lake_of(data_base_path, settings),
            test_month=test_month,
            train_months=train_months,
            skip_missing=skip_missing,
        ),
        registry=model_registry_path,
        reports=reports_dir,
        dry_run=dry_run,
        force=force,
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = run_train(request, settings=settings, on_tree=on_tree)
    if json:
        print_json(result.document.to_document())
    else:
        show_train(result, reports=reports_dir)
    refusal = result.refusal()
    if refusal is not None:
        raise refusal
