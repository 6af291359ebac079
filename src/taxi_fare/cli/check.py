"""``taxi-fare check``: the three gates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_steps import show_gates

if TYPE_CHECKING:
    from taxi_fare.workflows.gates.report import GateReport

app = LoggedTyper(
    name="check",
    help="The three gates: before training, after it, after predicting.",
    no_args_is_help=True,
)

ModelPath = Annotated[
    Path | None,
    typer.Option(help="Check the model in this folder, and its files."),
]
ModelRegistryPath = Annotated[
    str | None,
    typer.Option(help="Check the current model of this registry."),
]
PredictionsFile = Annotated[
    Path | None,
    typer.Option(
        help="File to check. Default: the one of the latest"
        " predict_report.json."
    ),
]


@app.command()
def data(
    *,
    test_month: options.TestMonth = None,
    train_months: options.TrainMonths = None,
    skip_missing: options.SkipMissing = False,
    legacy: options.Legacy = False,
    data_base_path: options.DataBasePath = None,
    json: options.Json = False,
) -> None:
    """Ask: may I train? Months, columns, rules on trips."""
    from taxi_fare.workflows.gates import data as gate

    settings, lake = options.settings_and_lake(data_base_path)
    request = options.window_request(
        lake,
        test_month=test_month,
        train_months=train_months,
        skip_missing=skip_missing,
    )
    if legacy:
        report = gate.check_legacy_months(
            lake, months=request.train_months, settings=settings
        )
    else:
        report = gate.check_window(request, settings=settings)
    _finish(report, json=json)


@app.command()
def model(
    *,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    model_path: ModelPath = None,
    model_registry_path: ModelRegistryPath = None,
    json: options.Json = False,
) -> None:
    """Ask: may this model exist? By default the one trained last."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.run.models import choose_model
    from taxi_fare.workflows.gates.model import check_trained_model

    settings = load_settings()
    choice = options.model_choice(model_registry_path, path=model_path)
    folder = None
    if (model_path, model_registry_path) != (None, None):
        folder = choose_model(choice, settings).folder
    report = check_trained_model(reports_dir, folder=folder, settings=settings)
    _finish(report, json=json)


@app.command()
def predictions(
    *,
    predictions: PredictionsFile = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Ask: are the results acceptable to a person? Predicted totals."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.gates.predictions import check_predictions

    report = check_predictions(
        reports_dir, predictions=predictions, settings=load_settings()
    )
    _finish(report, json=json)


def _finish(report: "GateReport", *, json: bool) -> None:
    print_result(report, json=json, show=show_gates)
    if not report.passed:
        raise report.error()
