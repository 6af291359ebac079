"""``taxi-fare serve``: the HTTP service."""

from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.core.extras import require_extra

Host = Annotated[
    str,
    typer.Option(
        help="Address to listen on. Others than this machine reach the service"
        " with 0.0.0.0: set TAXI_FARE_API_KEYS then."
    ),
]
Port = Annotated[
    int,
    typer.Option(min=0, max=65535, help="Port; 0: one that is free."),
]


def serve(
    *,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    model_registry_path: options.RegistryPath = options.DEFAULT_REGISTRY,
) -> None:
    """Serve prices over HTTP, by the model in production; without Spark."""
    require_extra("serve", package="fastapi", option="serve")
    from taxi_fare.core.lean import without_pandas
    from taxi_fare.core.settings import load_settings
    from taxi_fare.registry.opening import open_or_new

    settings = load_settings()
    # It may not be there yet; a misspelt one would be waited for for ever.
    open_or_new(model_registry_path, settings)
    with without_pandas():
        from taxi_fare.serving.server import run_server
    run_server(model_registry_path, settings, host=host, port=port)
