"""Where log lines go: to stderr, and to a file when one is named."""

import logging
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from taxi_fare.core.logs.lines import LogFormat, line_formatter

DEFAULT_LOG_FILE = "logs/taxi_fare.log"
# Libraries that tell every step they take.
_CHATTY = ("py4j", "httpx", "httpcore", "matplotlib", "XGBoost-PySpark")
_PY4J_MODULES = {"java_gateway", "clientserver"}
_logger = logging.getLogger(__name__)


def get_logger(name: str) -> logging.Logger:
    """
    Return a logger that writes in the project's format.

    Parameters
    ----------
    name : str
        Usually ``__name__``.

    Returns
    -------
    logging.Logger
        Writes to stderr as soon as this is called.
    """
    if _stderr_handler() is None:
        configure_logging()
    return logging.getLogger(name)


def configure_logging(
    log_format: LogFormat = "text", *, level: int | str = logging.INFO
) -> None:
    """
    Send log lines to stderr; called again, only change how they look.

    Parameters
    ----------
    log_format : {'text', 'json'}, optional
        Lines for people, or one JSON object a line.
    level : int or str, optional
        Lines below this level are not written.

    Examples
    --------
    >>> configure_logging("json", level="WARNING")
    >>> configure_logging()
    """
    root = logging.getLogger()
    handler = _stderr_handler()
    if handler is None:
        handler = _StderrHandler()
        root.addHandler(handler)
        for chatty in _CHATTY:
            logging.getLogger(chatty).setLevel(logging.WARNING)
    handler.log_format = log_format
    handler.setFormatter(line_formatter(log_format, last_words_alone=True))
    root.setLevel(level)


def current_log_format() -> LogFormat:
    """Tell what lines on stderr look like."""
    handler = _stderr_handler()
    return "text" if handler is None else handler.log_format


def configure_file_logging(
    path: Path | str = DEFAULT_LOG_FILE,
) -> logging.Handler:
    """
    Write log lines to a file as well, in the format of those on stderr.

    Parameters
    ----------
    path : Path or str, optional
        The file to append to; its folder is created when missing.

    Returns
    -------
    logging.Handler
        The handler, so that a caller can remove it again.
    """
    logger = get_logger("")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    handler = _LogFile(path, encoding="utf-8")
    handler.addFilter(_is_no_echo)
    handler.setFormatter(line_formatter(current_log_format()))
    logger.addHandler(handler)
    return handler


def close_log_files() -> None:
    """Stop writing log lines to any file."""
    root = logging.getLogger()
    for handler in root.handlers[:]:
        if isinstance(handler, _LogFile):
            root.removeHandler(handler)
            handler.close()


class _StderrHandler(logging.StreamHandler[TextIO]):
    """Writes to whatever ``sys.stderr`` is at that moment."""

    log_format: LogFormat = "text"

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        self.addFilter(_is_no_echo)

    def emit(self, record: logging.LogRecord) -> None:
        self.stream = sys.stderr
        super().emit(record)


class _LogFile(logging.FileHandler):
    """A file that was asked for here, and can be closed here."""

    _given_up = False

    def emit(self, record: logging.LogRecord) -> None:
        if not self._given_up:
            super().emit(record)

    # Logging's own name for it.
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """Go on without the file, which a run can do, and say so once."""
        error = sys.exception()
        if not isinstance(error, OSError):
            super().handleError(record)
            return
        self._given_up = True
        _logger.warning(
            "No more lines are written to the log file %s: %s",
            self.baseFilename,
            error.strerror,
        )

    def close(self) -> None:
        # What could not be written will not be written now.
        with suppress(OSError):
            super().close()


def _stderr_handler() -> _StderrHandler | None:
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _StderrHandler):
            return handler
    return None


def _is_no_echo(record: logging.LogRecord) -> bool:
    """Py4J logs the traceback of what it raises, even of a Ctrl-C."""
    return record.module not in _PY4J_MODULES
