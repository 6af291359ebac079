"""Mirror the registry's decisions in MLflow; a run never depends on it."""

import logging
import os
import subprocess
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from taxi_fare.core.addresses import holds_secret
from taxi_fare.core.errors import TemporaryError, WrongUsageError
from taxi_fare.core.extras import require_extra
from taxi_fare.core.locks import locked
from taxi_fare.core.processes import own_python_path, run_to_end
from taxi_fare.core.settings import Settings
from taxi_fare.core.usual_places import cache_folder
from taxi_fare.core.visible import visible
from taxi_fare.registry.opening import open_existing

if TYPE_CHECKING:
    from taxi_fare.mirroring.catch_up import Mirrored

ADDRESS = "MLFLOW_TRACKING_URI"
_EXPERIMENT = "MLFLOW_EXPERIMENT_NAME"
# MLflow's own take minutes to give up, and tell its makers of each call.
_PATIENCE = {
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
}
_logger = logging.getLogger(__name__)


def mirror(place: Path | str, settings: Settings) -> "Mirrored":
    """
    Tell MLflow every decision of a registry that it does not know.

    Parameters
    ----------
    place : Path or str
        The registry: a folder, or its address in a store.
    settings : Settings
        What things are called there.

    Returns
    -------
    Mirrored
        What was told; nothing, if it knew all.

    Raises
    ------
    WrongUsageError
        If no MLflow is named, or its address has keys in it.
    EnvironmentLackError
        If the package is not installed.
    TemporaryError
        If MLflow does not answer, or another process tells it just now.

    Examples
    --------
    >>> mirror("models/registry", load_settings())
    Traceback (most recent call last):
        ...
    WrongUsageError: No MLflow is named.
    """
    _require_address()
    require_extra("mlflow", package="mlflow", option="an MLflow mirror")
    registry = open_existing(place, settings)
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    # Only where it is installed, and asked for.
    from taxi_fare.mirroring.catch_up import CatchUp  # noqa: PLC0415
    from taxi_fare.mirroring.tracker import (  # noqa: PLC0415
        Tracker,
        mlflow_errors,
    )

    experiment = os.environ.get(_EXPERIMENT) or settings.mirror.experiment
    with _alone(settings), mlflow_errors():
        tracker = Tracker(experiment, settings.mirror.registered_model)
        return CatchUp(registry, tracker).run()


def follow_decision(place: Path | str, settings: Settings) -> None:
    """
    Mirror what was just decided, if an MLflow is named.

    A process of its own does it, which has so many seconds: whatever becomes
    of it is told, and changes nothing here.
    """
    if not os.environ.get(ADDRESS):
        return
    seconds = settings.mirror.seconds
    try:
        answer = _in_own_process(place, seconds)
    except subprocess.TimeoutExpired:
        trouble = f"no end within {seconds:g} s"
    except OSError as error:
        trouble = error.strerror or str(error)
    else:
        if answer.returncode == 0:
            _logger.info("Mirrored to MLflow")
            return
        trouble = _last_words(answer.stderr)
    _logger.warning(
        "MLflow does not know this decision yet (%s): run `taxi-fare registry"
        " mirror` later",
        trouble,
    )


def _in_own_process(
    place: Path | str, seconds: float
) -> "subprocess.CompletedProcess[str]":
    return run_to_end(
        [
            *(sys.executable, "-m", "taxi_fare", "registry", "mirror"),
            *("--log-format", "text", "--model-registry-path", str(place)),
        ],
        variables=os.environ
        | {
            "PYTHONPATH": own_python_path(),
            # It is a part of the command that was just told of.
            "OPENLINEAGE_DISABLED": "true",
        },
        seconds=seconds,
    )


def _last_words(stderr: str) -> str:
    """Return the error of the other process in one line."""
    lines = [line for line in stderr.splitlines() if line.strip()]
    at = [place for place, line in enumerate(lines) if "| ERROR" in line]
    found = lines[at[-1]].rpartition("| ")[2] if at else "it ended"
    return visible(found)[:300]


def _require_address() -> None:
    named = os.environ.get(ADDRESS)
    if not named:
        raise WrongUsageError(
            "No MLflow is named.",
            expected=f"{ADDRESS}, such as http://mlflow:5000",
            remedy=f"set {ADDRESS} to where your tracking server is.",
        )
    if holds_secret(named):
        raise WrongUsageError(
            f"{ADDRESS} has something before an @: keys in it would be shown"
            " wherever the address is.",
            expected="an address without @",
            remedy="put the user and the password into"
            " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.",
        )


def _alone(settings: Settings) -> AbstractContextManager[None]:
    """Keep two from telling the same decision twice."""
    folder = cache_folder("taxi-fare")
    folder.mkdir(parents=True, exist_ok=True)
    return locked(
        folder / "mirror.lock",
        wait_seconds=settings.mirror.seconds,
        refusal=TemporaryError(
            "Another process tells MLflow just now.",
            expected="one at a time",
            remedy="run it again in a minute.",
        ),
    )
