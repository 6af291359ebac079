"""Options that several commands share, and how their text is understood."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.workflows.model_choice import USUAL_REGISTRY

DataBasePath = Annotated[
    str | None,
    typer.Option(
        help="Lake: the folder with YYYY/MM/*.parquet."
        " Default: DATA_BASE_PATH, else data/nyc-interim/yellow."
    ),
]
RegistryPath = Annotated[
    str,
    typer.Option(
        "--model-registry-path",
        help="Registry: a folder, or s3a://bucket/prefix.",
    ),
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


def lake_folder(option: str | None, settings: Settings) -> Path:
    """
    Return the lake that a command works on.

    Parameters
    ----------
    option : str or None
        What ``--data-base-path`` says.
    settings : Settings
        Where the default comes from.

    Returns
    -------
    Path
        A folder, which may be missing.

    Raises
    ------
    EnvironmentLackError
        If the lake is not a folder.
    """
    text = option or settings.default_lake
    if "://" in text and not text.startswith("file://"):
        raise EnvironmentLackError(
            f"The lake {text} is on an object store.",
            expected="a folder: this version reads and writes local lakes"
            " only",
            remedy="name one with --data-base-path or DATA_BASE_PATH.",
        )
    return Path(text.removeprefix("file://"))


def check_one_model(
    path: Path | None, registry: str | None, *, legacy: bool = False
) -> None:
    """
    Refuse to guess which of several models is meant.

    Parameters
    ----------
    path : Path or None
        As given.
    registry : str or None
        As given.
    legacy : bool, optional
        As given.

    Raises
    ------
    WrongUsageError
        If more than one of them is given.
    """
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
