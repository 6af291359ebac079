"""``taxi-fare registry compare``: two versions on one month."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import trip_bar
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_evidence import show_versions

Version = Annotated[
    str, typer.Argument(help="Whole name of a version: see `history`.")
]
ComparedMonth = Annotated[
    str, typer.Option("--month", help="Month of the trips, such as 2023-06.")
]


def compare_versions(
    first: Version,
    second: Version,
    *,
    month: ComparedMonth,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    data_base_path: options.DataBasePath = None,
    json: options.Json = False,
) -> None:
    """Score two versions on the same month, and say how sure it is."""
    from taxi_fare.core.months import parse_month
    from taxi_fare.registry.opening import open_existing
    from taxi_fare.workflows import compare_versions as workflow

    wanted = parse_month(month)
    settings, lake = options.settings_and_lake(data_base_path)
    registry = open_existing(model_registry_path, settings)
    request = workflow.VersionsRequest(lake, registry, first, second, wanted)
    with trip_bar() as on_trips:
        result = workflow.compare_versions(
            request, settings, on_trips=on_trips
        )
    print_result(result, json=json, show=show_versions)
