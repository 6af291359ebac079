"""``taxi-fare dashboard``: the app, in a browser."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.core.checkout import shipped_file
from taxi_fare.core.errors import (
    DataMissingError,
    EnvironmentLackError,
    WrongUsageError,
)
from taxi_fare.core.usual_places import DEMO_FOLDER, USUAL_REGISTRY

APP_FILE = "streamlit_app/app.py"
_LIBRARIES = ("streamlit", "plotly")
_DEFAULT = "Default: that of the working directory, else of the checkout."

Port = Annotated[
    int, typer.Option(min=1, max=65_535, help="Port of the address.")
]
Host = Annotated[
    str,
    typer.Option(
        help="Who may open it: localhost is this machine alone, 0.0.0.0 the"
        " whole network."
    ),
]
Registry = Annotated[
    str | None,
    typer.Option(
        "--model-registry-path",
        help=f"Folder of the registry, or s3a://bucket/prefix. {_DEFAULT}",
    ),
]
Reports = Annotated[
    Path | None, typer.Option(help=f"Folder of the reports. {_DEFAULT}")
]


Demo = Annotated[
    bool,
    typer.Option(
        "--demo", help=f"Show what `taxi-fare demo` wrote to {DEMO_FOLDER}/."
    ),
]


def dashboard(
    port: Port = 8501,
    *,
    host: Host = "localhost",
    demo: Demo = False,
    model_registry_path: Registry = None,
    reports_dir: Reports = None,
) -> None:
    """Show models, errors and data in a browser, without Spark."""
    if demo:
        if model_registry_path or reports_dir:
            raise WrongUsageError(
                "--demo and a place of your own are both given.",
                expected="one of them",
                remedy="leave one out.",
            )
        model_registry_path, reports_dir = _demo_places()
    command = streamlit_command(
        _app_file(),
        port=port,
        host=host,
        places={
            "--model-registry-path": model_registry_path,
            "--reports-dir": reports_dir,
        },
    )
    sys.stdout.flush()
    sys.stderr.flush()
    # Ctrl-C and SIGTERM are Streamlit's from here on. The command is this
    # interpreter and options that were parsed; no shell sees it.
    os.execv(command[0], command)  # noqa: S606 - see above


def streamlit_command(
    app: Path, *, port: int, host: str, places: dict[str, Path | str | None]
) -> list[str]:
    """
    Return the command that starts the app.

    Parameters
    ----------
    places : dict of str to Path, str or None
        The app's own options; None leaves one out.

    Raises
    ------
    DataMissingError
        If a folder that was named is missing.
    """
    from taxi_fare.core.store.client import is_store_url

    own: list[str] = []
    for option, place in places.items():
        if place is not None:
            in_store = is_store_url(str(place))
            found = place if in_store else _existing(Path(place), option)
            own += [option, str(found)]
    return [
        *(sys.executable, "-m", "streamlit", "run", str(app)),
        f"--server.port={port}",
        f"--server.address={host}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
        "--",
        *own,
    ]


def _existing(folder: Path, option: str) -> Path:
    if not folder.is_dir():
        raise DataMissingError(
            f"There is no folder {folder}.",
            expected=f"what {option} names to be there",
            remedy="correct the option, or leave it out.",
        )
    return folder.absolute()


def _demo_places() -> tuple[str, Path]:
    """Return the registry and the reports of the demo."""
    reports = DEMO_FOLDER / "reports"
    if not reports.is_dir():
        raise DataMissingError(
            f"There is no demo in {DEMO_FOLDER.absolute()}.",
            expected="what `taxi-fare demo` writes there",
            remedy="run `taxi-fare demo` first, in this folder.",
        )
    return str(DEMO_FOLDER / USUAL_REGISTRY), reports


def _app_file() -> Path:
    lacking = [name for name in _LIBRARIES if find_spec(name) is None]
    if lacking:
        raise EnvironmentLackError(
            f"{' and '.join(lacking)} cannot be imported by {sys.executable}.",
            expected="the libraries of the app",
            remedy="run `pip install 'taxi-fare[app]'`, or `make env` in the"
            " checkout.",
        )
    file = shipped_file(APP_FILE)
    if file is None:
        raise EnvironmentLackError(
            f"{APP_FILE} is not there.",
            expected="a checkout of the project, or its wheel",
            remedy="install the package again.",
        )
    return file
