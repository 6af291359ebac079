"""``taxi-fare watch``: a month against what production knows."""

from typing import Annotated, Literal

import typer

from taxi_fare.cli import options
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_watch import show_watch
from taxi_fare.core.errors import AlarmError
from taxi_fare.core.months import parse_month

WatchMonth = Annotated[
    str, typer.Option("--month", help="Month to look at, such as 2023-06.")
]
FailOn = Annotated[
    Literal["look", "act"] | None,
    typer.Option(
        help="End with exit code 8 where the verdict is this or worse."
        " Default: end with 0 whatever it is."
    ),
]


def watch(
    *,
    month: WatchMonth,
    fail_on: FailOn = None,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Compare a month with what production knows: drift and accuracy."""
    from taxi_fare.registry.opening import open_or_new
    from taxi_fare.workflows import watch as workflow

    wanted = parse_month(month)
    settings, lake = options.settings_and_lake(data_base_path)
    registry = open_or_new(model_registry_path, settings)
    request = workflow.WatchRequest(lake, registry, reports_dir, wanted)
    result = workflow.watch(request, settings)
    print_result(result, json=json, show=show_watch, reports=reports_dir)
    if fail_on is not None and result.at_least(fail_on):
        raise AlarmError(
            f"The verdict on {result.month} is {result.verdict!r}.",
            expected=f"better than --fail-on {fail_on}",
            remedy="; ".join(result.reasons),
        )
