"""``taxi-fare predict``: batch inference of a month."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import trip_bar
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_steps import show_prediction
from taxi_fare.core.months import parse_month

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
    model_path: options.ModelPath = None,
    model_registry_path: options.ModelRegistryPath = None,
    output: Output = None,
    legacy: LegacyModel = False,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Predict every trip of a month and write the predictions."""
    from taxi_fare.workflows import predict as workflow

    model = options.model_choice(
        model_registry_path, path=model_path, legacy=legacy
    )
    settings, lake = options.settings_and_lake(data_base_path)
    request = workflow.PredictRequest(
        lake,
        reports_dir,
        model,
        month=None if month is None else parse_month(month),
        output=output,
    )
    with trip_bar() as on_trips:
        result = workflow.predict(request, settings, on_trips=on_trips)
    print_result(result, json=json, show=show_prediction, reports=reports_dir)
