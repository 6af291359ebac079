"""Examine what this machine has and lacks."""

import platform
import socket
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from taxi_fare.core.errors import EnvironmentLackError, TaxiFareError
from taxi_fare.core.provenance import library_versions
from taxi_fare.core.settings import (
    CONF_FILE,
    Settings,
    configuration_file,
)
from taxi_fare.core.spark.jars import jars_folder, kept_jars
from taxi_fare.core.spark.java import find_java
from taxi_fare.core.spark.session import is_local
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.place import AnyLake
from taxi_fare.registry.opening import open_registry
from taxi_fare.run.models import check_model, current_model
from taxi_fare.run.shared_folder import require_shared
from taxi_fare.training.recipes import chosen_recipe

_MASTER, _WORKERS = "Spark master", "Spark workers"
_SCHEME = "spark://"
_PATIENCE_SECONDS = 3.0


@dataclass(frozen=True)
class Finding:
    """
    One thing that was looked at.

    Parameters
    ----------
    status : {'ok', 'empty', 'lacking'}
        Empty is normal on a new machine; lacking stops commands.
    remedy : str
        What to do about it; empty when nothing.
    """

    name: str
    status: Literal["ok", "empty", "lacking"]
    found: str
    remedy: str = ""

    def to_document(self) -> dict[str, str]:
        """Return the finding for ``--json``."""
        return asdict(self)


def diagnose(
    lake: AnyLake, *, registry: str, settings: Settings
) -> list[Finding]:
    """Look at everything that the commands need."""
    versions = library_versions()
    python = f"{versions.pop('python')} at {sys.executable}"
    libraries = ", ".join(f"{name} {each}" for name, each in versions.items())
    return [
        Finding("Python", "ok", f"{python} on {platform.platform()}"),
        Finding("Libraries", "ok", libraries),
        _java(),
        _master(settings.master),
        _workers(settings),
        _configuration(),
        _jars(settings),
        _lake(lake),
        _registry(registry, settings),
    ]


def _java() -> Finding:
    try:
        java = find_java()
    except EnvironmentLackError as error:
        remedy = "install Java 17 or newer, or pip install 'taxi-fare[java]'"
        return Finding("Java", "lacking", error.summary, remedy)
    return Finding(
        "Java", "ok", f"Java {java.version} at {java.home}, {java.why}"
    )


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
    packages = recipe.record.worker_packages
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
    missing = recipe.record.missing_packages()
    if missing:
        found = f"{recipe.name} needs {', '.join(missing)}"
        return Finding(_WORKERS, "lacking", found, recipe.record.remedy)
    found = f"run this Python for {recipe.name}, which has what it needs"
    return Finding(_WORKERS, "ok", found)


def _configuration() -> Finding:
    file = configuration_file()
    if file is not None:
        return Finding("Configuration", "ok", str(file))
    return Finding(
        "Configuration",
        "empty",
        f"no {CONF_FILE} in {Path.cwd()}: built-in defaults are used",
    )


def _jars(settings: Settings) -> Finding:
    jars = kept_jars(settings.spark)
    folder = jars_folder(settings.spark)
    name = "Jars for s3a://"
    if jars:
        return Finding(name, "ok", f"{len(jars)} in {folder}")
    return Finding(
        name, "empty", f"none in {folder}", "taxi-fare doctor --fetch-jars"
    )


def _lake(lake: AnyLake) -> Finding:
    try:
        catalog = read_catalog(lake)
    except TaxiFareError as error:
        return Finding("Lake", "lacking", error.summary, error.remedy)
    broken = "; ".join(
        f"{month}: {why}" for month, why in catalog.unreadable.items()
    )
    months = ", ".join(map(str, catalog.months)) or "no month"
    found = f"{months} in {lake}"
    if broken:
        remedy = "ingest these months again"
        return Finding("Lake", "lacking", f"{found}; {broken}", remedy)
    if not catalog.months:
        return Finding("Lake", "empty", found, "taxi-fare ingest --months …")
    return Finding("Lake", "ok", found)


def _registry(place: str, settings: Settings) -> Finding:
    try:
        require_shared(place, settings)
    except TaxiFareError as error:
        return Finding("Registry", "lacking", error.summary, error.remedy)
    try:
        current = current_model(open_registry(place, settings))
        model = check_model(current) if current else None
    except TaxiFareError as error:
        return Finding("Registry", "lacking", error.summary, error.remedy)
    if model is None:
        found = f"no model in {place}"
        return Finding("Registry", "empty", found, "taxi-fare train")
    found = f"current model {model.model_id}, files whole"
    return Finding("Registry", "ok", found)
