"""Options that several commands share, and how their text is understood."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.months import Month, parse_month, parse_months
from taxi_fare.core.usual_places import USUAL_REGISTRY

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings
    from taxi_fare.lake.place import Lake
    from taxi_fare.registry.contract import ModelRegistry
    from taxi_fare.run.models import ModelChoice
    from taxi_fare.run.window import WindowRequest

DataBasePath = Annotated[
    str | None,
    typer.Option(
        help="Lake: the folder, or s3a://bucket/prefix, with"
        " YYYY/MM/*.parquet. Default: DATA_BASE_PATH, else"
        " s3a://nyc-interim/yellow when MINIO_ACCESS_KEY is set, else"
        " data/nyc-interim/yellow."
    ),
]
_REGISTRY = "Registry: a folder, or s3a://bucket/prefix."
RegistryPath = Annotated[
    str, typer.Option("--model-registry-path", help=_REGISTRY)
]
PipelineRegistryPath = Annotated[
    str,
    typer.Option("--registry-path", "--model-registry-path", help=_REGISTRY),
]
ReportsDir = Annotated[Path, typer.Option(help="Folder of the reports.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON document instead.")
]

DEFAULT_REGISTRY = str(USUAL_REGISTRY)
DEFAULT_REPORTS = Path("reports")
# For the commands that predict with one model or another.
ModelPath = Annotated[
    Path | None, typer.Option(help="Folder of the model that predicts.")
]
ModelRegistryPath = Annotated[
    str | None,
    typer.Option(
        help="Registry whose current model predicts."
        f" Default: {DEFAULT_REGISTRY}."
    ),
]
# Which months are read, or trained and tested on.
Months = Annotated[
    str, typer.Option(help="Such as 2023-01..2023-04 or 2023-01,2023-03.")
]
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
Force = Annotated[
    bool,
    typer.Option("--force", help="Train again what was trained before."),
]


def _printable(text: str | None) -> str | None:
    """Refuse an id that nobody could find again in the history."""
    if text is None or (text.strip() and text.isprintable()):
        return text
    raise WrongUsageError(
        f"--request-id {text!r} is no id.",
        expected="printable text",
        remedy="leave it out, or give one for each request.",
    )


RequestId = Annotated[
    str | None,
    typer.Option(
        help="Of this request, such as a scheduler's id of its run: asked"
        " again with it, the registry changes once. Default: a new one.",
        callback=_printable,
    ),
]
Legacy = Annotated[
    bool,
    typer.Option(
        "--legacy", help="The legacy mode: 2023-01 and 2023-02, 80/20."
    ),
]


def settings_and_lake(data_base_path: str | None) -> "tuple[Settings, Lake]":
    """
    Return the settings, and the lake that a command works on.

    Raises
    ------
    WrongUsageError
        If it is neither a folder nor a place in a store.
    """
    from taxi_fare.core.settings import load_settings
    from taxi_fare.lake.place import lake_place

    settings = load_settings()
    place = data_base_path or settings.default_lake
    return settings, lake_place(place, settings)


def open_registry(place: str) -> "ModelRegistry":
    """
    Open the registry that an option names.

    Raises
    ------
    DataMissingError
        If there is none.
    """
    from taxi_fare.core.settings import load_settings
    from taxi_fare.registry.opening import open_existing

    return open_existing(place, load_settings())


def window_request(
    lake: "Lake",
    *,
    test_month: str | None,
    train_months: str | None,
    skip_missing: bool,
) -> "WindowRequest":
    """
    Understand which months are trained and tested on.

    Raises
    ------
    WrongUsageError
        If one is no month.
    """
    from taxi_fare.run.window import WindowRequest

    return WindowRequest(
        lake,
        test_month=None if test_month is None else parse_month(test_month),
        train_months=some_months(train_months),
        skip_missing=skip_missing,
    )


def some_months(text: str | None) -> tuple[Month, ...] | None:
    """
    Return the months that were named; None for the default.

    An empty text is a mistake, not a wish for the default.
    """
    return None if text is None else tuple(parse_months(text))


def model_choice(
    registry: str | None, *, path: Path | None, legacy: bool = False
) -> "ModelChoice":
    """
    Return which model is meant, and refuse to guess.

    Raises
    ------
    WrongUsageError
        If more than one of them is given, or the path is no folder.
    """
    from taxi_fare.run.models import ModelChoice

    if path is not None and str(path).startswith(("s3a:", "s3:")):
        raise WrongUsageError(
            "--model-path names a place in a store.",
            expected="a folder of this machine",
            remedy="name the registry with --model-registry-path: its current"
            " model is used; `taxi-fare registry rollback --to` changes it.",
        )
    given = {
        "--model-path": path is not None,
        "--model-registry-path": registry is not None,
        "--legacy": legacy,
    }
    names = [name for name, is_given in given.items() if is_given]
    if len(names) > 1:
        raise WrongUsageError(
            f"{' and '.join(names)} are given.",
            expected="at most one of them",
            remedy="leave the others out.",
        )
    return ModelChoice(registry, path, legacy)
