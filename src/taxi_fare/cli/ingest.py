"""``taxi-fare ingest``: raw months into the lake."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli.bars import download_bar
from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.show import print_json, show_ingest
from taxi_fare.core.months import parse_months

Months = Annotated[
    str, typer.Option(help="Such as 2023-01..2023-04 or 2023-01,2023-03.")
]
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
    months: Months,
    source: Source = None,
    data_base_path: DataBasePath = None,
    keep_rejected: KeepRejected = False,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    raw_dir: RawDir = Path("data/raw"),
    json: Json = False,
) -> None:
    """Download raw months, check and clean them, write them to the lake."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.ingest import IngestOptions
    from taxi_fare.workflows.ingest import ingest as run_ingest

    settings = load_settings()
    result = run_ingest(
        parse_months(months),
        lake=lake_of(data_base_path, settings),
        source=source,
        options=IngestOptions(
            keep_rejected=keep_rejected,
            reports_dir=reports_dir,
            raw_dir=raw_dir,
            show_download=download_bar,
        ),
        settings=settings,
    )
    if json:
        print_json(result.to_document())
    else:
        show_ingest(result)
