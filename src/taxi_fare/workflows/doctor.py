"""Examine what this machine has and lacks."""

import platform
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from taxi_fare.core.configuration_file import CONF_FILE, configuration_file
from taxi_fare.core.provenance import library_versions
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.causes import LOOPBACK_REMEDY
from taxi_fare.core.spark.class_archive import class_archive
from taxi_fare.core.spark.environment import jvm_variables, variables_read
from taxi_fare.core.spark.folders import (
    require_local_folders,
    temporary_folder,
)
from taxi_fare.core.spark.jars import jar_sums, jars_folder, unfit_jars
from taxi_fare.core.spark.java import find_java
from taxi_fare.core.spark.master import (
    START_IT,
    is_local,
    is_standalone,
    unreachable,
)
from taxi_fare.core.spark.network import LOOPBACK, loopback_trouble
from taxi_fare.core.spark.session import spark_master
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.place import AnyLake
from taxi_fare.registry.opening import open_registry
from taxi_fare.run.findings import Finding, Found, find_all
from taxi_fare.run.models import check_model, current_model
from taxi_fare.run.shared_folder import require_shared
from taxi_fare.training.recipes import chosen_recipe


def diagnose(
    lake: AnyLake, *, registry: str, settings: Settings
) -> list[Finding]:
    """Look at everything that the commands need."""
    looks: dict[str, Callable[[], Found]] = {
        "Python": _python,
        "Libraries": _libraries,
        "Java": _java,
        "Variables": lambda: _variables(settings),
        "Temporary files": _temporary_files,
        "Spark's classes": lambda: _classes(settings),
        "Spark master": lambda: _master(settings.master),
        "Spark workers": lambda: _workers(settings),
        "Configuration": _configuration,
        "Jars for s3a://": lambda: _jars(settings),
        "Lake": lambda: _lake(lake),
        "Registry": lambda: _registry(registry, settings),
    }
    return find_all(looks)


def _python() -> Found:
    version = library_versions()["python"]
    where = f"{sys.executable} on {platform.platform()}"
    return "ok", f"{version} at {where}", ""


def _libraries() -> Found:
    versions = library_versions()
    del versions["python"]
    named = (f"{name} {version}" for name, version in versions.items())
    return "ok", ", ".join(named), ""


def _java() -> Found:
    java = find_java()
    return "ok", f"Java {java.version} at {java.home}, {java.why}", ""


def _variables(settings: Settings) -> Found:
    # Of a spark-submit that is named, it is reached.
    notes = jvm_variables({"spark.master": spark_master(settings)}).notes
    read = variables_read()
    told = [*notes, f"Spark and Java read {read}" if read else ""]
    found = "; ".join(filter(None, told))
    return "ok", found or "none that Spark would trip over", ""


def _temporary_files() -> Found:
    require_local_folders()
    folder = temporary_folder()
    free = shutil.disk_usage(folder).free / 2**30
    return "ok", f"{folder}, {free:.1f} GiB free", ""


def _classes(settings: Settings) -> Found:
    policy = settings.spark.class_archive
    if policy == "off":
        return "ok", "read from the jars, as spark.class_archive says", ""
    archive = class_archive(find_java())
    if archive.is_whole():
        size = archive.file.stat().st_size >> 20
        return "ok", f"{size} MiB in {archive.file}, to start faster", ""
    why = archive.hindrance()
    if not why and policy == "auto":
        why = "it is made after the first command that starts Spark"
    found = f"no archive yet: {why or 'spark.class_archive is use'}"
    return "empty", found, "taxi-fare doctor --make-archive"


def _master(url: str) -> Found:
    if trouble := loopback_trouble():
        found = f"{LOOPBACK} cannot be reached: {trouble}"
        return "lacking", found, LOOPBACK_REMEDY
    if not is_standalone(url):
        return "ok", url, ""
    why = unreachable(url)
    if why is None:
        return "ok", f"{url} answers", ""
    return "lacking", f"{url} does not answer: {why}", START_IT


def _workers(settings: Settings) -> Found:
    recipe = chosen_recipe(settings)
    packages = recipe.record.worker_packages
    if not packages:
        return "ok", f"need nothing but Spark for {recipe.name}", ""
    if not is_local(settings.master):
        python = ".".join(map(str, sys.version_info[:2]))
        found = (
            f"each needs Python {python} at {sys.executable} with"
            f" {', '.join(packages)} for {recipe.name}; a run looks first"
        )
        return "ok", found, ""
    missing = recipe.record.missing_packages()
    if missing:
        found = f"{recipe.name} needs {', '.join(missing)}"
        return "lacking", found, recipe.record.remedy
    found = f"run this Python for {recipe.name}, which has what it needs"
    return "ok", found, ""


def _configuration() -> Found:
    file = configuration_file()
    if file is not None:
        return "ok", str(file), ""
    found = f"no {CONF_FILE} in {Path.cwd()}: built-in defaults are used"
    return "empty", found, ""


def _jars(settings: Settings) -> Found:
    folder, names = jars_folder(settings.spark), list(jar_sums())
    remedy = "taxi-fare doctor --fetch-jars"
    if not any((folder / name).exists() for name in names):
        return "empty", f"none in {folder}", remedy
    if unfit := unfit_jars(folder):
        found = (
            f"{len(unfit)} of {len(names)} in {folder} are missing or"
            f" damaged, such as {unfit[0]}"
        )
        return "lacking", found, remedy
    return "ok", f"{len(names)} in {folder}, as they should be", ""


def _lake(lake: AnyLake) -> Found:
    catalog = read_catalog(lake)
    broken = "; ".join(
        f"{month}: {why}" for month, why in catalog.unreadable.items()
    )
    months = ", ".join(map(str, catalog.months)) or "no month"
    found = f"{months} in {lake}"
    if broken:
        return "lacking", f"{found}; {broken}", "ingest these months again"
    if not catalog.months:
        return "empty", found, "taxi-fare ingest --months …"
    return "ok", found, ""


def _registry(place: str, settings: Settings) -> Found:
    require_shared(place, settings)
    current = current_model(open_registry(place, settings))
    if current is None:
        return "empty", f"no model in {place}", "taxi-fare train"
    model = check_model(current)
    return "ok", f"current model {model.model_id}, files whole", ""
