"""Examine, before anything is read, what a window needs of this machine."""

import math
import os
import shutil

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.months import Month, sliding_window
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.folders import temporary_folder
from taxi_fare.core.spark.master import is_local
from taxi_fare.core.spark.memory import available_memory
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.place import AnyLake
from taxi_fare.run.findings import Finding, Found, find_all
from taxi_fare.run.needs import Needs, reckon
from taxi_fare.run.window import RunData, WindowRequest, find_window
from taxi_fare.training.recipes import chosen_recipe

_GIB = 2**30
_PAGE = "docs/scale.md"
_LESS = (
    "train on fewer months (--train-months), with the algorithm xgboost, or"
    f" on a cluster ({_PAGE})"
)


def diagnose_window(
    lake: AnyLake, test_month: Month, settings: Settings
) -> list[Finding]:
    """Tell what training for a month takes, by footers alone."""
    length = settings.training.window_months
    window = sliding_window(test_month, length=length)
    there = read_catalog(lake).months
    if missing := [str(x) for x in window.months if x not in there]:
        found = f"{', '.join(missing)} cannot be read in {lake}"
        remedy = f"taxi-fare ingest --months {','.join(missing)}"
        return [Finding("Trips", "lacking", found, remedy)]
    request = WindowRequest(lake, test_month=test_month)
    try:
        data = find_window(request, settings)
    except TaxiFareError as error:
        return [Finding("Trips", "lacking", error.summary, error.remedy)]
    recipe = chosen_recipe(settings)
    needs = reckon(data, recipe)
    looks = {"Trips": lambda: _trips(data, needs)}
    if is_local(settings.master):
        looks |= {
            "Memory": lambda: _memory(needs, recipe.name),
            "Disk": lambda: _disk(needs),
            "Time": lambda: _time(needs, recipe.name),
        }
    else:
        looks["Cluster"] = lambda: ("ok", f"how much of one: {_PAGE}", "")
    return find_all(looks)


def _trips(data: RunData, needs: Needs) -> Found:
    months = ", ".join(data.parts.train_months)
    found = (
        f"{needs.train_rows:,} of {months} to train on,"
        f" {needs.test_rows:,} of {data.label} to test on"
    )
    return "ok", found, ""


def _memory(needs: Needs, recipe: str) -> Found:
    there = available_memory() / _GIB
    found = f"about {needs.memory_gib:.1f} GiB of {there:.1f} for {recipe}"
    fits = needs.memory_gib <= there
    return ("ok", found, "") if fits else ("lacking", found, _LESS)


def _disk(needs: Needs) -> Found:
    folder = temporary_folder()
    free = shutil.disk_usage(folder).free / _GIB
    found = f"about {needs.disk_gib:.1f} GiB of {free:.1f} free in {folder}"
    if needs.disk_gib <= free:
        return "ok", found, ""
    return "lacking", found, "let TMPDIR name a folder with more space"


def _time(needs: Needs, recipe: str) -> Found:
    processors = os.cpu_count() or 1
    minutes = math.ceil(needs.cpu_seconds / processors / 60)
    found = (
        f"about {minutes} min for {recipe} on {processors} processors like"
        f" those of {_PAGE}"
    )
    return "ok", found, ""
