"""Run the service: one process, which ends when it has answered."""

import logging
from functools import partial
from typing import Any

import uvicorn

from taxi_fare.core.settings import Settings
from taxi_fare.serving.app import create_app
from taxi_fare.serving.connection import Connection

# What is running may take so long to end after SIGTERM.
_GRACE_SECONDS = 30
_logger = logging.getLogger(__name__)


def run_server(
    place: str, settings: Settings, *, host: str, port: int
) -> None:
    """
    Serve until told to end.

    Parameters
    ----------
    place : str
        The registry: a folder, or an address in a store.
    """
    _logger.info("Serving the current model of %s", place)
    connection: Any = partial(Connection, limits=settings.serving)
    uvicorn.run(
        create_app(place, settings),
        host=host,
        port=port,
        http=connection,
        # The project's own lines, in its formats.
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
