"""Run a command of an app."""

from collections.abc import Sequence

import typer

from taxi_fare.cli.endings import exit_code_of
from taxi_fare.cli.logging_options import command_logging


def run_app(app: typer.Typer, arguments: Sequence[str]) -> int:
    """Run one command."""
    with command_logging(arguments) as log_format:
        return exit_code_of(
            lambda: app(
                args=list(arguments),
                prog_name="taxi-fare",
                # Typer draws wrong usage itself, in a box for people.
                standalone_mode=log_format == "text",
            )
        )
