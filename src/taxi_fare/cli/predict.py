"""``taxi-fare predict``: batch inference of a month."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ModelPath,
    ModelRegistryPath,
    ReportsDir,
    check_one_model,
    lake_of,
)
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_steps import show_prediction
from taxi_fare.core.months import Month

PredictMonth = Annotated[
    str | None,
    typer.Option(
        "--month",
        help="Month to predict, such as 2023-06. Default: the latest month"
        " of the lake; 2023-02 for the legacy model.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="Parquet file of the predictions."
        " Default: <reports-dir>/predictions/<month>.parquet."
    ),
]
LegacyModel = Annotated[
    bool,
    typer.Option("--legacy", help="Predict with the legacy model."),
]


def predict(
    *,
    month: PredictMonth = None,
    model_path: ModelPath = None,
    model_registry_path: ModelRegistryPath = None,
    output: Output = None,
    legacy: LegacyModel = False,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    json: Json = False,
) -> None:
    """Predict every trip of a month and write the predictions."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.run.models import ModelChoice
    from taxi_fare.workflows.predict import PredictRequest
    from taxi_fare.workflows.predict import predict as run_predict

    settings = load_settings()
    check_one_model(model_path, registry=model_registry_path, legacy=legacy)
    request = PredictRequest(
        lake_of(data_base_path, settings),
        reports_dir,
        ModelChoice(model_registry_path, model_path, legacy),
        month=None if month is None else Month(month),
        output=output,
    )
    document = run_predict(request, settings)
    if json:
        print_json(document.to_document())
    else:
        show_prediction(document, reports=reports_dir)
