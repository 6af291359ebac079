"""Put the commands together, and turn errors into exit codes."""

import signal
import sys
from collections.abc import Sequence

import typer

from taxi_fare import __version__
from taxi_fare.cli import demo, doctor, ingest, registry, train
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.logging_config import configure_logging

_EXIT_CODES = """
Exit codes: 0 done, 1 unexpected error, 2 wrong usage, 3 data missing,
4 data refused, 5 model refused by a gate, 6 registry locked or changed,
7 something is not installed.
"""
# 128 and the number of the signal, as shells count.
_INTERRUPTED = 128 + signal.SIGINT
_TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
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
app.command()(train.train)
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
    configure_logging()


def run(arguments: Sequence[str]) -> int:
    """
    Run one command.

    Parameters
    ----------
    arguments : sequence of str
        The command and its options.

    Returns
    -------
    int
        Exit code.
    """
    try:
        app(args=list(arguments), prog_name="taxi-fare")
    except TaxiFareError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        print(
            f"The system refused: {error.strerror or error}{place}.\n"
            "  What to do: check the path, its permissions and the space"
            " left.",
            file=sys.stderr,
        )
        return 1
    except SystemExit as exit_:
        if exit_.code in {_INTERRUPTED, _TERMINATED}:
            print(
                "Interrupted. Nothing half-written is left; the same command"
                " starts again.",
                file=sys.stderr,
            )
        return exit_.code if isinstance(exit_.code, int) else 1
    return 0
