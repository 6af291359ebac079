"""``taxi-fare doctor``: what this machine has and lacks."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.show import print_json, show_findings
from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.months import parse_month

FetchJars = Annotated[
    bool,
    typer.Option(
        "--fetch-jars",
        help="Fetch the jars for s3a:// first, to work without a network"
        " later.",
    ),
]
MakeArchive = Annotated[
    bool,
    typer.Option(
        "--make-archive",
        help="First keep the classes that Spark loads in an archive (half a"
        " minute, 200 MB in the user's cache): commands start faster.",
    ),
]


For = Annotated[
    str | None,
    typer.Option(
        "--for",
        help="Also tell what training for this test month needs of this"
        " machine: trips, memory, disk, time. Nothing is read but the ends of"
        " the months' files.",
    ),
]


def doctor(
    *,
    for_month: For = None,
    data_base_path: options.DataBasePath = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    fetch_jars: FetchJars = False,
    make_archive: MakeArchive = False,
    json: options.Json = False,
) -> None:
    """Tell what this machine has and lacks, with the fix for each."""
    from taxi_fare.core.spark.jars import fetch_jars as fetch
    from taxi_fare.run.window_needs import diagnose_window
    from taxi_fare.workflows.doctor import diagnose

    month = None if for_month is None else parse_month(for_month)
    settings, lake = options.settings_and_lake(data_base_path)
    if fetch_jars:
        fetch(settings.spark)
    if make_archive:
        from taxi_fare.core.spark.archive_maker import ensure_archive

        ensure_archive()
    findings = diagnose(lake, registry=model_registry_path, settings=settings)
    if month is not None:
        findings += diagnose_window(lake, month, settings)
    if json:
        print_json([finding.to_document() for finding in findings])
    else:
        show_findings(findings)
    if any(finding.status == "lacking" for finding in findings):
        raise typer.Exit(EnvironmentLackError.exit_code)
