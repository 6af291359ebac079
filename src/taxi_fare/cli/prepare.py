"""``taxi-fare prepare``: a feature table, written for reuse."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_exploration import show_prepare
from taxi_fare.core.months import parse_months

SampleRows = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Draw so many valid trips, the same ones each time."
        " Default: all of them.",
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        help="File to write. Default: data/features/FIRST_LAST.parquet,"
        " with _sampleN when trips are drawn."
    ),
]


def prepare(
    *,
    months: options.Months,
    sample_rows: SampleRows = None,
    output: Output = None,
    data_base_path: options.DataBasePath = None,
    json: options.Json = False,
) -> None:
    """Write the features of months' valid trips as one parquet file."""
    from taxi_fare.workflows import prepare as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    request = workflow.PrepareRequest(
        lake,
        months=tuple(parse_months(months)),
        sample_rows=sample_rows,
        output=output,
    )
    document = workflow.prepare(request, settings)
    print_result(document, json=json, show=show_prepare)
