"""``taxi-fare doctor``: what this machine has and lacks."""

import typer

from taxi_fare.cli.options import (
    DEFAULT_REGISTRY,
    DataBasePath,
    Json,
    RegistryPath,
    lake_of,
)
from taxi_fare.cli.show import print_json, show_findings
from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.settings import load_settings
from taxi_fare.workflows.doctor import examine


def doctor(
    data_base_path: DataBasePath = None,
    model_registry_path: RegistryPath = DEFAULT_REGISTRY,
    json: Json = False,
) -> None:
    """Tell what this machine has and lacks, with the fix for each."""
    settings = load_settings()
    findings = examine(
        lake_of(data_base_path, settings), model_registry_path, settings
    )
    if json:
        print_json([finding.to_document() for finding in findings])
    else:
        show_findings(findings)
    if any(finding.status == "lacking" for finding in findings):
        raise typer.Exit(EnvironmentLackError.exit_code)
