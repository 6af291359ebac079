"""``taxi-fare ingest``: raw months into the lake."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import download_bar
from taxi_fare.cli.show import print_result, show_ingest
from taxi_fare.core.months import parse_months

Source = Annotated[
    str | None,
    typer.Option(
        help="Folder or base URL of the raw months. Default: the TLC's."
    ),
]
KeepRejected = Annotated[
    bool,
    typer.Option(
        "--keep-rejected",
        help="Write rejected trips, with the reason, beside the lake.",
    ),
]
RawDir = Annotated[
    Path, typer.Option(help="Folder that downloaded months are kept in.")
]


def ingest(
    *,
    months: options.Months,
    source: Source = None,
    data_base_path: options.DataBasePath = None,
    keep_rejected: KeepRejected = False,
    reports_dir: options.ReportsDir = options.DEFAULT_REPORTS,
    raw_dir: RawDir = Path("data/raw"),
    json: options.Json = False,
) -> None:
    """Download raw months, check and clean them, write them to the lake."""
    from taxi_fare.workflows import ingest as workflow

    settings, lake = options.settings_and_lake(data_base_path)
    result = workflow.ingest(
        parse_months(months),
        lake=lake,
        source=source,
        options=workflow.IngestOptions(
            keep_rejected=keep_rejected,
            reports_dir=reports_dir,
            raw_dir=raw_dir,
            show_download=download_bar,
        ),
        settings=settings,
    )
    print_result(result, json=json, show=show_ingest)
