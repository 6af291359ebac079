"""``taxi-fare check``: the three gates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    check_one_model,
    lake_of,
)
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_steps import show_gates
from taxi_fare.cli.window_options import (
    Legacy,
    SkipMissing,
    TestMonth,
    TrainMonths,
    window_request,
)

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings
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
    test_month: TestMonth = None,
    train_months: TrainMonths = None,
    skip_missing: SkipMissing = False,
    legacy: Legacy = False,
    data_base_path: DataBasePath = None,
    json: Json = False,
) -> None:
    """Ask: may I train? Months, columns, rules on trips."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.gates.data import (
        check_legacy_months,
        check_window,
    )

    settings = load_settings()
    request = window_request(
        lake_of(data_base_path, settings),
        test_month=test_month,
        train_months=train_months,
        skip_missing=skip_missing,
    )
    if legacy:
        report = check_legacy_months(
            request.lake, months=request.train_months, settings=settings
        )
    else:
        report = check_window(request, settings=settings)
    _finish(report, json=json)


@app.command()
def model(
    *,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    model_path: ModelPath = None,
    model_registry_path: ModelRegistryPath = None,
    json: Json = False,
) -> None:
    """Ask: may this model exist? By default the one trained last."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.gates.model import check_trained_model

    settings = load_settings()
    check_one_model(model_path, registry=model_registry_path)
    folder = model_path
    if model_registry_path is not None:
        folder = _current(model_registry_path, settings)
    report = check_trained_model(reports_dir, folder=folder, settings=settings)
    _finish(report, json=json)


@app.command()
def predictions(
    *,
    predictions: PredictionsFile = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    json: Json = False,
) -> None:
    """Ask: are the results acceptable to a person? Predicted totals."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.gates.predictions import check_predictions

    report = check_predictions(
        reports_dir, predictions=predictions, settings=load_settings()
    )
    _finish(report, json=json)


def _current(place: str, settings: "Settings") -> Path:
    from taxi_fare.registry.opening import open_existing
    from taxi_fare.run.models import require_current

    return require_current(open_existing(place, settings)).folder


def _finish(report: "GateReport", *, json: bool) -> None:
    if json:
        print_json(report.to_document())
    else:
        show_gates(report)
    if not report.passed:
        raise report.error()
