"""How a command ends: its last words on stderr, and its exit code."""

import logging
import sys
from collections.abc import Callable

import typer

from taxi_fare.core.errors import RETRYABLE, UNEXPECTED, TaxiFareError
from taxi_fare.core.interruption import INTERRUPTED, interruption
from taxi_fare.core.visible import visible

_logger = logging.getLogger(__name__)


def exit_code_of(command: Callable[[], object]) -> int:
    """
    Run a command and say why it failed, if it did.

    The words are logged with the exit code, whether another attempt may end
    in another way, the kind of error and the month it is about: text on
    stderr shows the words alone, a JSON line and a log file show them with
    everything else.

    Parameters
    ----------
    command : callable
        Returns an exit code or None, or raises.

    Raises
    ------
    ModuleNotFoundError
        If a package is not installed: ``taxi_fare.__main__`` may know an
        environment that has it.
    """
    try:
        code = _with_its_result(command)
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 1
    except ModuleNotFoundError:
        raise
    except Exception as error:
        code = interruption()
        if code is None:
            return _failed(error)
    if code in INTERRUPTED:
        _fail(
            "Interrupted. Nothing half-written is left; the same command"
            " starts again.",
            code=code,
        )
    return code if isinstance(code, int) else 0


def _with_its_result(command: Callable[[], object]) -> object:
    """Run a command; it has ended when what it printed is out."""
    try:
        return command()
    finally:
        sys.stdout.flush()


def _failed(error: Exception) -> int:
    """Say what failed, and return the exit code of that."""
    error = _of_spark(error) or error
    match error:
        case TaxiFareError():
            return _fail(str(error), code=error.exit_code, error=error)
        case typer.TyperException():
            words = error.format_message() or "No command was given."
            return _fail(words, code=error.exit_code, error=error)
        case OSError():
            place = f" ({error.filename})" if error.filename else ""
            found = visible(f"{error.strerror or error}{place}")
            words = (
                f"The system refused: {found}.\n"
                "  What to do: check the path, its permissions and the space"
                " left."
            )
            return _fail(words, code=UNEXPECTED, error=error)
    words = f"Unexpected error: {type(error).__name__}: {error}"
    extra = _told(UNEXPECTED, error)
    _logger.critical(words, exc_info=error, extra=extra)
    return UNEXPECTED


def _of_spark(error: Exception) -> TaxiFareError | None:
    """Find out whether it is Spark's machine that failed, wherever it did."""
    if "pyspark" not in sys.modules or isinstance(error, TaxiFareError):
        return None
    from taxi_fare.core.spark.faults import known_fault

    return known_fault(error)


def _fail(words: str, *, code: int, error: Exception | None = None) -> int:
    _logger.error(words, extra=_told(code, error))
    return code


def _told(code: int, error: Exception | None) -> dict[str, object]:
    """Return what a scheduler looks at, and what tells errors apart."""
    # A signal says nothing about the command.
    retryable = code in RETRYABLE or code in INTERRUPTED
    told: dict[str, object] = {"exit_code": code, "retryable": retryable}
    if error is not None:
        told["error"] = type(error).__name__
    month = getattr(error, "month", None)
    return told if month is None else told | {"month": month}
