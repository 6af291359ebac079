"""Put the commands together, and run one of them."""

from collections.abc import Sequence

import typer

from taxi_fare import __version__
from taxi_fare.cli import (
    check,
    compare,
    dashboard,
    demo,
    doctor,
    eda,
    ingest,
    pipeline,
    predict,
    prepare,
    quote,
    registry,
    train,
    train_legacy,
)
from taxi_fare.cli.endings import exit_code_of
from taxi_fare.cli.logging_options import LoggedTyper, command_logging

_EXIT_CODES = """
Exit codes: 0 done, 1 unexpected error, 2 wrong usage, 3 data missing,
4 data refused, 5 model refused by a gate, 6 registry damaged,
7 something is not installed, or the S3 store cannot be used,
75 what may pass by itself: worth another attempt.
"""

app = LoggedTyper(
    name="taxi-fare",
    help="Predict what a New York yellow-taxi rider pays in total, month by"
    " month, with Apache Spark.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(ingest.ingest)
app.command()(eda.eda)
app.command()(prepare.prepare)
app.command()(pipeline.pipeline)
app.command()(train.train)
app.command()(train_legacy.train_legacy)
app.command()(compare.compare)
app.command()(predict.predict)
app.command()(quote.quote)
app.command()(dashboard.dashboard)
app.add_typer(check.app)
app.add_typer(registry.app)
app.command()(doctor.doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"taxi-fare {__version__}")
        raise typer.Exit


@app.callback()
def _before_any_command(
    version: bool = typer.Option(
        False,
        "--version",
        callback=_print_version,
        is_eager=True,
        help="Print the version and exit.",
    ),
) -> None:
    """Take the options of the program itself."""


def run(arguments: Sequence[str]) -> int:
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
