"""``--log-format`` and ``--log-file``, which every command has."""

import inspect
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import typer

from taxi_fare.cli.missing_options import WholeTruthCommand
from taxi_fare.cli.whole_help import WholeHelpGroup
from taxi_fare.core.configuration_file import (
    configuration_file,
    read_configuration,
)
from taxi_fare.core.errors import TaxiFareError, WrongUsageError
from taxi_fare.core.logs import (
    LogFormat,
    close_log_files,
    configure_file_logging,
    configure_logging,
)

Command = TypeVar("Command", bound=Callable[..., Any])

_FORMAT_OPTION = "--log-format"
# What these print is no log line: no need to read the settings for it.
_NO_LOG = {"-h", "--help", "--version"}
_PANEL = "Logging"
_VARIABLES = "TAXI_FARE_LOGGING"

_Format = Annotated[
    LogFormat | None,
    typer.Option(
        _FORMAT_OPTION,
        help="Log lines for people, or one JSON object a line."
        " Default: what the settings say, else text.",
        rich_help_panel=_PANEL,
    ),
]
_File = Annotated[
    Path | None,
    typer.Option(
        "--log-file",
        help="Write log lines to the end of this file as well.",
        rich_help_panel=_PANEL,
    ),
]
_ADDED = tuple(
    inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option
    )
    for name, option in (("log_format", _Format), ("log_file", _File))
)


class LoggedTyper(typer.Typer):
    """
    A Typer whose commands all take the options for logging.

    Entry files put the command before their arguments: options of the
    program, which stand before the command, could not be given to them.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(cls=WholeHelpGroup, **options)

    def command(
        self, *arguments: Any, **options: Any
    ) -> Callable[[Command], Command]:
        """Register a command, like Typer's own method."""
        options.setdefault("cls", WholeTruthCommand)
        register = super().command(*arguments, **options)

        def decorate(function: Command) -> Command:
            """Register it with the two options, and return it without."""
            register(_with_logging(function))
            return function

        return decorate


@contextmanager
def command_logging(arguments: Sequence[str]) -> Iterator[LogFormat]:
    """Log as a command asks for while the block runs."""
    log_format = _asked_format(arguments)
    configure_logging(log_format)
    logging.captureWarnings(log_format == "json")
    try:
        yield log_format
    finally:
        logging.captureWarnings(False)
        close_log_files()


def _asked_format(arguments: Sequence[str]) -> LogFormat:
    words = [word for each in arguments for word in each.split("=", 1)]
    asked = [
        value for name, value in pairwise(words) if name == _FORMAT_OPTION
    ]
    known: tuple[LogFormat, ...] = get_args(LogFormat)
    for log_format in known:
        if asked[-1:] == [log_format]:
            return log_format
    if _NO_LOG.intersection(arguments) or not _settings_name_a_format():
        return "text"
    from taxi_fare.core.settings import load_settings

    try:
        return load_settings(tell=False).logging.format
    except TaxiFareError:
        return "text"  # a command tells it; help must do without settings


def _settings_name_a_format() -> bool:
    """Look without reading them all, which takes longer than an answer may."""
    if any(name.upper().startswith(_VARIABLES) for name in os.environ):
        return True
    file = configuration_file()
    try:
        given = read_configuration(file) if file else {}
    except ValueError:
        return False
    section = given.get("logging", {})
    return "json" in str(section)


def _with_logging(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the command with two parameters more, which Typer finds."""

    @wraps(function)
    def command(
        log_format: LogFormat | None, log_file: Path | None, **options: Any
    ) -> Any:
        _start_logging(log_format, log_file)
        return function(**options)

    theirs = inspect.signature(function, eval_str=True)
    # What Typer reads; mypy does not know that functions may have it.
    command.__signature__ = theirs.replace(  # type: ignore[attr-defined]
        parameters=(*theirs.parameters.values(), *_ADDED)
    )
    return command


def _start_logging(log_format: LogFormat | None, file: Path | None) -> None:
    from taxi_fare.core.settings import load_settings

    settings = load_settings(tell=False).logging
    configure_logging(log_format or settings.format, level=settings.level)
    path = file or settings.file
    if not path:
        return
    try:
        configure_file_logging(path)
    except OSError as error:
        raise WrongUsageError(
            f"The log file {str(path)!r} cannot be written:"
            f" {error.strerror or error}.",
            expected="a file in a folder that may be written to",
            remedy="correct --log-file, or file in section [logging] of the"
            " settings.",
        ) from error
