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
    lake_folder,
)
from taxi_fare.cli.show import print_json, show_train
from taxi_fare.core.errors import ModelRefusedError
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.settings import load_settings
from taxi_fare.workflows.train import TrainRequest
from taxi_fare.workflows.train import train as run_train
from taxi_fare.workflows.window import WindowRequest

TestMonth = Annotated[
    str | None,
    typer.Option(
        help="Month to test on, such as 2023-06. Default: the current month."
    ),
]
TrainMonths = Annotated[
    str | None,
    typer.Option(
        help="Months to train on, such as 2023-03,2023-04,2023-05."
        " Default: the three before the test month."
    ),
]
SkipMissing = Annotated[
    bool,
    typer.Option(
        "--skip-missing",
        help="Go on without missing train months, with at least two.",
    ),
]
DryRun = Annotated[
    bool,
    typer.Option(
        "--dry-run", help="Check the data, train nothing, write nothing."
    ),
]
Force = Annotated[
    bool,
    typer.Option("--force", help="Train again what was trained before."),
]


def train(
    test_month: TestMonth = None,
    train_months: TrainMonths = None,
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    dry_run: DryRun = False,
    skip_missing: SkipMissing = False,
    force: Force = False,
    json: Json = False,
) -> None:
    """Train on months M-3 to M-1, test on M, promote the model if better."""
    settings = load_settings()
    request = TrainRequest(
        WindowRequest(
            lake=lake_folder(data_base_path, settings),
            # An empty text is a mistake, not a wish for the default.
            test_month=None if test_month is None else Month(test_month),
            train_months=None
            if train_months is None
            else tuple(parse_months(train_months)),
            skip_missing=skip_missing,
        ),
        registry=model_registry_path,
        reports=reports_dir,
        dry_run=dry_run,
        force=force,
    )
    with tree_bar(settings.recipe.max_iter) as on_tree:
        result = run_train(request, settings, on_tree=on_tree)
    if json:
        print_json(result.document)
    else:
        show_train(result, reports=reports_dir)
    promotion = result.document.get("promotion", {})
    if promotion.get("decision") == "refused":
        raise ModelRefusedError(
            f"The model is refused: {promotion['reason']}",
            expected="a model that passes every quality gate",
            remedy="look at error_summary.json and at the data of the"
            " window; the current model stays.",
        )
