"""Where the artefacts are that the app shows."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from taxi_fare.core.addresses import refuse_secret
from taxi_fare.core.checkout import CHECKOUT
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.core.store.client import is_store_url
from taxi_fare.core.usual_places import USUAL_REGISTRY
from taxi_fare.registry.opening import full_place

REGISTRY_VARIABLE = "TAXI_FARE_APP_REGISTRY"
REPORTS_VARIABLE = "TAXI_FARE_APP_REPORTS"
USUAL_REPORTS = Path("reports")


@dataclass(frozen=True)
class Places:
    """
    The two places that the app reads.

    Parameters
    ----------
    registry : Path or str
        Absolute; may be missing. Or an address in a store.
    reports : Path
        Absolute; may be missing.
    """

    registry: Path | str
    reports: Path

    @property
    def legacy_model(self) -> Path | None:
        """The model of the legacy mode, beside the registry's folder."""
        if isinstance(self.registry, str):
            return None
        return self.registry.parent / "ex05_spark_model"

    def options(self, *, registry: bool, reports: bool = True) -> str:
        """
        Return what a command needs to write to these folders.

        Parameters
        ----------
        registry : bool
            Whether the command takes a registry.
        reports : bool, optional
            Whether it takes a folder of reports.

        Returns
        -------
        str
            Options, each with a blank before it; empty when the command
            would write there anyway.
        """
        here, text = Path.cwd(), ""
        if registry and self.registry != here / USUAL_REGISTRY:
            text += f" --model-registry-path {quote(str(self.registry))}"
        if reports and self.reports != here / USUAL_REPORTS:
            text += f" --reports-dir {quote(str(self.reports))}"
        return text


def find_places(
    arguments: Sequence[str] = (),
    *,
    environment: Mapping[str, str] | None = None,
    folders: Sequence[Path] | None = None,
) -> Places:
    """
    Decide which registry and reports are shown.

    Parameters
    ----------
    arguments : sequence of str
        Options after ``--`` on the command line: they win.
    environment : mapping, optional
        Comes next; default: the process's.
    folders : sequence of Path, optional
        The first of them that has one of the two usual folders gives the
        rest. Default: the working directory, then the checkout. Both usual
        folders come from the same place: figures of one and a registry of
        another would not belong together.

    Returns
    -------
    Places
        Absolute paths; an address where the registry is in a store.

    Raises
    ------
    WrongUsageError
        If there are other arguments, or an address of another kind.
    """
    variables = os.environ if environment is None else environment
    for name in (REGISTRY_VARIABLE, REPORTS_VARIABLE):
        refuse_secret(variables.get(name, ""), name)
    for word in arguments:
        refuse_secret(word, "An option of the app")
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument(
        "--model-registry-path", default=variables.get(REGISTRY_VARIABLE)
    )
    parser.add_argument(
        "--reports-dir", default=variables.get(REPORTS_VARIABLE)
    )
    try:
        given, unknown = parser.parse_known_args(list(arguments))
    except argparse.ArgumentError as error:
        raise _wrong(str(error)) from error
    if unknown:
        raise _wrong(f"unknown: {' '.join(unknown)}")
    base = _base(_usual_folders() if folders is None else folders)
    registry = given.model_registry_path or base / USUAL_REGISTRY
    reports = given.reports_dir or base / USUAL_REPORTS
    place = full_place(registry)
    return Places(
        place if is_store_url(place) else Path(place),
        Path(reports).absolute(),
    )


def _usual_folders() -> list[Path]:
    return [Path.cwd(), *([CHECKOUT] if CHECKOUT else [])]


def _base(folders: Sequence[Path]) -> Path:
    for folder in folders:
        if (folder / USUAL_REGISTRY).is_dir() or (
            folder / USUAL_REPORTS
        ).is_dir():
            return folder
    return folders[-1]


def _wrong(found: str) -> WrongUsageError:
    return WrongUsageError(
        f"The app cannot be started like this: {found}.",
        expected="--model-registry-path PLACE and --reports-dir DIR, after --",
        remedy="correct the command line.",
    )
