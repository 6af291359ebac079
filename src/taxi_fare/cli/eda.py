"""``taxi-fare eda``: look at the months of the lake."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_exploration import show_eda

Months = Annotated[
    str | None,
    typer.Option(
        help="Such as 2023-01..2023-04 or 2023-01,2023-03."
        " Default: every month of the lake that can be read."
    ),
]


def eda(
    *,
    months: Months = None,
    data_base_path: options.DataBasePath = None,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    json: options.Json = False,
) -> None:
    """Explore months: figures, a sample as CSV, and drawings as SVG."""
    from taxi_fare.workflows.eda import EdaRequest, explore

    settings, lake = options.settings_and_lake(data_base_path)
    request = EdaRequest(
        lake, months=options.some_months(months), reports=reports_dir
    )
    document = explore(request, settings)
    print_result(document, json=json, show=show_eda, reports=reports_dir)
