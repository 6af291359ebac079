"""``taxi-fare prepare``: a feature table, written for reuse."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli.options import DataBasePath, Json, lake_of
from taxi_fare.cli.show import print_json
from taxi_fare.cli.show_exploration import show_prepare
from taxi_fare.core.months import parse_months

Months = Annotated[
    str, typer.Option(help="Such as 2023-01..2023-04 or 2023-01,2023-03.")
]
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
    months: Months,
    sample_rows: SampleRows = None,
    output: Output = None,
    data_base_path: DataBasePath = None,
    json: Json = False,
) -> None:
    """Write the features of months' valid trips as one parquet file."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.prepare import PrepareRequest
    from taxi_fare.workflows.prepare import prepare as run_prepare

    settings = load_settings()
    request = PrepareRequest(
        lake=lake_of(data_base_path, settings),
        months=tuple(parse_months(months)),
        sample_rows=sample_rows,
        output=output,
    )
    document = run_prepare(request, settings)
    if json:
        print_json(document.to_document())
    else:
        show_prepare(document)
