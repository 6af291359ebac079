"""``taxi-fare watch``: a month against what production knows."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import trip_bar
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_watch import show_watch
from taxi_fare.core.errors import AlarmError
from taxi_fare.core.extras import require_extra
from taxi_fare.core.months import parse_month

WatchMonth = Annotated[
    str, typer.Option("--month", help="Month to look at, such as 2023-06.")
]
MetricsFile = Annotated[
    Path | None,
    typer.Option(
        help="Write the figures there, as node_exporter's textfile collector"
        " reads them (extra `metrics`)."
    ),
]
Notify = Annotated[
    str | None,
    typer.Option(
        help="Whom to tell: addresses of apprise, such as"
        " json://host/path (extra `notify`). What holds keys belongs in the"
        " variable TAXI_FARE_NOTIFY_URLS, which is the default."
    ),
]
NotifyOn = Annotated[
    Literal["look", "act", "always"],
    typer.Option(help="From which verdict on somebody is told."),
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
    metrics_file: MetricsFile = None,
    notify: Notify = None,
    notify_on: NotifyOn = "look",
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Compare a month with what production knows: drift and accuracy."""
    from taxi_fare.registry.opening import open_or_new
    from taxi_fare.reports.watch.metrics import write_metrics
    from taxi_fare.run.notice import addresses_in, tell
    from taxi_fare.workflows import watch as workflow

    wanted = parse_month(month)
    settings, lake = options.settings_and_lake(data_base_path)
    addresses = notify or addresses_in(settings)
    if metrics_file is not None:
        require_extra(
            "metrics", package="prometheus_client", option="--metrics-file"
        )
    if addresses:
        require_extra("notify", package="apprise", option="--notify")
    registry = open_or_new(model_registry_path, settings)
    request = workflow.WatchRequest(lake, registry, reports_dir, wanted)
    with trip_bar() as on_trips:
        result = workflow.watch(request, settings, on_trips=on_trips)
    print_result(result, json=json, show=show_watch, reports=reports_dir)
    if metrics_file is not None:
        write_metrics(metrics_file, result)
    tell(result, addresses, on=notify_on)
    if fail_on is not None and result.at_least(fail_on):
        raise AlarmError(
            f"The verdict on {result.month} is {result.verdict!r}.",
            expected=f"better than --fail-on {fail_on}",
            remedy="; ".join(result.reasons),
        )
