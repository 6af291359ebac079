"""Examine where Spark runs, and what a recipe needs there."""

import socket
import sys
from urllib.parse import urlsplit

from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import is_local
from taxi_fare.run.fit import worker_packages
from taxi_fare.training.recipes import chosen_recipe
from taxi_fare.training.xgboost import missing_packages
from taxi_fare.workflows.finding import Finding

_MASTER, _WORKERS = "Spark master", "Spark workers"
_SCHEME = "spark://"
_PATIENCE_SECONDS = 3.0


def examine_cluster(settings: Settings) -> list[Finding]:
    """Look at the master, and say what its workers need."""
    return [_master(settings.master), _workers(settings)]


def _master(url: str) -> Finding:
    # Spark has others (k8s://, yarn) with more to them than an address.
    if not url.startswith(_SCHEME):
        return Finding(_MASTER, "ok", url)
    # Standby masters are named after a comma; one of them is enough.
    faults = [_fault(each) for each in url.removeprefix(_SCHEME).split(",")]
    if None in faults:
        return Finding(_MASTER, "ok", f"{url} answers")
    return Finding(
        _MASTER,
        "lacking",
        f"{url} does not answer: {faults[0]}",
        "start the cluster (on one machine: deploy/local-cluster.sh up), or"
        " correct SPARK_MASTER",
    )


def _fault(address: str) -> str | None:
    try:
        parts = urlsplit(f"//{address}")
        if not parts.hostname or not parts.port:
            return f"{address} is not host:port"
        place = (parts.hostname, parts.port)
        with socket.create_connection(place, timeout=_PATIENCE_SECONDS):
            return None
    except (OSError, ValueError) as error:
        return str(error)


def _workers(settings: Settings) -> Finding:
    recipe = chosen_recipe(settings)
    packages = worker_packages(recipe)
    if not packages:
        found = f"need nothing but Spark for {recipe.name}"
        return Finding(_WORKERS, "ok", found)
    if not is_local(settings.master):
        python = ".".join(map(str, sys.version_info[:2]))
        found = (
            f"each needs Python {python} at {sys.executable} with"
            f" {', '.join(packages)} for {recipe.name}; a run looks first"
        )
        return Finding(_WORKERS, "ok", found)
    missing = missing_packages()
    if missing:
        found = f"{recipe.name} needs {', '.join(missing)}"
        remedy = "pip install 'taxi-fare[xgboost]'"
        return Finding(_WORKERS, "lacking", found, remedy)
    found = f"run this Python for {recipe.name}, which has what it needs"
    return Finding(_WORKERS, "ok", found)
