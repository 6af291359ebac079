"""Put the commands together, and run one of them."""

import os
import re
import sys
from collections.abc import Sequence

import typer

from taxi_fare import __version__
from taxi_fare.cli import (
    backtest,
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
    serve,
    train,
    train_legacy,
    tune,
    watch,
    zones,
)
from taxi_fare.cli.endings import exit_code_of
from taxi_fare.cli.lineage import lineage
from taxi_fare.cli.logging_options import LoggedTyper, command_logging
from taxi_fare.core.addresses import NOTIFY_URLS, refuse_secret

_EXIT_CODES = """
Exit codes: 0 done, 1 unexpected error, 2 wrong usage, 3 data missing,
4 data refused, 5 model refused by a gate, 6 registry damaged,
7 something is not installed, or the S3 store cannot be used,
8 the watch found what --fail-on names,
75 what may pass by itself: worth another attempt.
"""
_OPTION = re.compile(r"(--?[a-z][a-z-]*)(=|$)")
# Why a person went back: the words are the person's.
_FREE_TEXT = "--reason"
# Variables with a place in them that are no settings.
_PLACES = {
    *("JAVA_HOME", "SPARK_HOME", "SPARK_LOCAL_DIRS", "XDG_CACHE_HOME"),
    *("PYSPARK_PYTHON", "TMPDIR"),
}

app = LoggedTyper(
    name="taxi-fare",
    help="Predict what a New York yellow-taxi rider pays in total, month by"
    " month, with Apache Spark.",
    epilog=_EXIT_CODES,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# By what they are for, as --help shows them.
_COMMANDS = {
    "Every month": (
        *(ingest.ingest, pipeline.pipeline, train.train, predict.predict),
        *(watch.watch, check.app),
    ),
    "Look and explore": (
        *(demo.demo, quote.quote, eda.eda, prepare.prepare, compare.compare),
        *(tune.tune, backtest.backtest),
    ),
    "Operate": (
        *(registry.app, serve.serve, dashboard.dashboard, zones.app),
        doctor.doctor,
    ),
    "Legacy mode": (train_legacy.train_legacy,),
}
for _panel, _commands in _COMMANDS.items():
    for _command in _commands:
        if isinstance(_command, typer.Typer):
            app.add_typer(_command, rich_help_panel=_panel)
        else:
            app.command(rich_help_panel=_panel)(_command)
# Whose commands have two words.
_GROUPS = {
    str(each.info.name) for each in (check.app, registry.app, zones.app)
}


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

        def command() -> object:
            """Look before anything can repeat what was given."""
            _refuse_secrets(arguments)
            with lineage(arguments, groups=_GROUPS):
                return app(
                    args=list(arguments),
                    prog_name="taxi-fare",
                    # Typer draws wrong usage itself, in a box for people.
                    standalone_mode=log_format == "text",
                )

        code = exit_code_of(command)
    if code == 0:
        _make_missed_archive()
    return code


def _make_missed_archive() -> None:
    """Let the next command that starts Spark start it faster."""
    if "taxi_fare.core.spark.class_archive" not in sys.modules:
        return  # No Spark was started.
    from taxi_fare.core.spark.class_archive import missed

    if missed():
        from taxi_fare.core.spark.archive_maker import start_making

        start_making()


def _refuse_secrets(arguments: Sequence[str]) -> None:
    """Refuse keys in any option or variable that takes an address."""
    for name in sorted(os.environ):
        is_place = name.startswith("TAXI_FARE_") or name in _PLACES
        if is_place and name != NOTIFY_URLS:
            refuse_secret(os.environ[name], name)
    option = ""
    for word in arguments:
        found = _OPTION.match(word)
        if option != _FREE_TEXT and not (found and found[1] == _FREE_TEXT):
            value = word.removeprefix(found[0]) if found else word
            refuse_secret(value, option or (found and found[1]) or "A word")
        option = found[1] if found and not found[2] else ""
