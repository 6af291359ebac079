"""Examine what this machine has and lacks."""

import platform
import sys
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError, TaxiFareError
from taxi_fare.core.provenance import library_versions
from taxi_fare.core.settings import (
    CONF_FILE,
    Settings,
    configuration_file,
)
from taxi_fare.core.spark.jars import jars_folder, kept_jars
from taxi_fare.core.spark.java import find_java
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.place import Lake
from taxi_fare.registry.opening import open_registry
from taxi_fare.run.shared_folder import require_shared
from taxi_fare.workflows.cluster_findings import examine_cluster
from taxi_fare.workflows.finding import Finding


def examine(lake: Lake, *, registry: str, settings: Settings) -> list[Finding]:
    """Look at everything that the commands need."""
    versions = library_versions()
    python = f"{versions.pop('python')} at {sys.executable}"
    libraries = ", ".join(f"{name} {each}" for name, each in versions.items())
    return [
        Finding("Python", "ok", f"{python} on {platform.platform()}"),
        Finding("Libraries", "ok", libraries),
        _java(),
        *examine_cluster(settings),
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
        return Finding("Java", "lacking", str(error).splitlines()[0], remedy)
    return Finding(
        "Java", "ok", f"Java {java.version} at {java.home}, {java.why}"
    )


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


def _lake(lake: Lake) -> Finding:
    try:
        catalog = read_catalog(lake)
    except TaxiFareError as error:
        found, *lines = str(error).splitlines()
        return Finding("Lake", "lacking", found, " ".join(lines).strip())
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
        found, *_, remedy = str(error).splitlines()
        remedy = remedy.partition(": ")[2]
        return Finding("Registry", "lacking", found, remedy)
    try:
        registry = open_registry(place, settings)
        current = registry.read().current
        damaged = registry.versions.damaged_files(current) if current else []
    except TaxiFareError as error:
        remedy = "see docs/runbook.md"
        return Finding("Registry", "lacking", str(error), remedy)
    if current is None:
        found = f"no model in {place}"
        return Finding("Registry", "empty", found, "taxi-fare train")
    if damaged:
        found = f"{current} is damaged: {', '.join(damaged)}"
        return Finding(
            "Registry", "lacking", found, "taxi-fare registry rollback"
        )
    return Finding("Registry", "ok", f"current model {current}, files whole")
