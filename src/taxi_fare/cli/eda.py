"""``taxi-fare eda``: look at the months of the lake."""

from typing import Annotated

import typer

from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_exploration import show_eda
from taxi_fare.core.months import parse_months

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
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    json: Json = False,
) -> None:
    """Explore months: figures, a sample as CSV, and drawings as SVG."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.eda import EdaRequest, explore

    settings = load_settings()
    request = EdaRequest(
        lake=lake_of(data_base_path, settings),
        # An empty text is a mistake, not a wish for the default.
        months=None if months is None else tuple(parse_months(months)),
        reports=reports_dir,
    )
    document = explore(request, settings)
    if json:
        print_json(document.to_document())
    else:
        show_eda(document, reports=reports_dir)
