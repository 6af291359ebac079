"""How a command ends: its last words on stderr, and its exit code."""

import logging
import signal
from collections.abc import Callable

import typer

from taxi_fare.core.errors import TaxiFareError

# 128 and the number of the signal, as shells count.
_INTERRUPTED = 128 + signal.SIGINT
_TERMINATED = 128 + signal.SIGTERM
_logger = logging.getLogger(__name__)


def exit_code_of(command: Callable[[], object]) -> int:
    """
    Run a command and say why it failed, if it did.

    The words are logged with the exit code: text on stderr shows them alone,
    a JSON line and a log file show them with everything else.

    Parameters
    ----------
    command : callable
        Returns an exit code or None, or raises.

    Returns
    -------
    int
        Exit code.
    """
    try:
        code = command()
    except TaxiFareError as error:
        return _fail(str(error), error.exit_code)
    except typer.TyperException as error:
        words = error.format_message() or "No command was given."
        return _fail(words, error.exit_code)
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        return _fail(
            f"The system refused: {error.strerror or error}{place}.\n"
            "  What to do: check the path, its permissions and the space"
            " left.",
            1,
        )
    except SystemExit as exit_:
        code = exit_.code if isinstance(exit_.code, int) else 1
    except Exception as error:
        words = f"Unexpected error: {type(error).__name__}: {error}"
        _logger.critical(words, exc_info=True, extra={"exit_code": 1})
        return 1
    if code in {_INTERRUPTED, _TERMINATED}:
        _fail(
            "Interrupted. Nothing half-written is left; the same command"
            " starts again.",
            code,
        )
    return code if isinstance(code, int) else 0


def _fail(words: str, code: int) -> int:
    _logger.error(words, extra={"exit_code": code})
    return code
