"""Options that several commands share, and how their text is understood."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.usual_places import USUAL_REGISTRY

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings
    from taxi_fare.lake.place import Lake

DataBasePath = Annotated[
    str | None,
    typer.Option(
        help="Lake: the folder, or s3a://bucket/prefix, with"
        " YYYY/MM/*.parquet. Default: DATA_BASE_PATH, else"
        " s3a://nyc-interim/yellow when MINIO_ACCESS_KEY is set, else"
        " data/nyc-interim/yellow."
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


def lake_of(option: str | None, settings: "Settings") -> "Lake":
    """
    Return the lake that a command works on.

    Raises
    ------
    WrongUsageError
        If it is neither.
    """
    from taxi_fare.lake.place import lake_place

    return lake_place(option or settings.default_lake, settings)


def check_one_model(
    path: Path | None, *, registry: str | None, legacy: bool = False
) -> None:
    """
    Refuse to guess which of several models is meant.

    Raises
    ------
    WrongUsageError
        If more than one of them is given, or the path is no folder.
    """
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
