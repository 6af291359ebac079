"""``taxi-fare zones``: what is known of the taxi zones."""

from dataclasses import asdict
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.logging_options import LoggedTyper
from taxi_fare.cli.show import new_console, print_json

app = LoggedTyper(
    name="zones",
    help="The taxi zones: their shapes for the maps of the app.",
    no_args_is_help=True,
)

Source = Annotated[
    str | None,
    typer.Option(
        help="Archive with the shapes: a file or an address. Default: the"
        " TLC's."
    ),
]


@app.command()
def fetch(source: Source = None, json: options.Json = False) -> None:
    """Fetch the shapes of the zones, which the app draws on its maps."""
    from taxi_fare.core.extras import require_extra
    from taxi_fare.core.settings import load_settings

    require_extra("zones", package="geopandas", option="zones fetch")
    from taxi_fare.workflows import zones as workflow

    found = workflow.fetch_shapes(source, load_settings().source)
    if json:
        print_json(asdict(found) | {"file": str(found.file)})
    else:
        new_console(soft_wrap=True).print(
            f"{found.zones} zones have a shape now: {found.file}"
        )
