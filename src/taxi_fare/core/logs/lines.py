"""What a log line looks like: to people, and to machines."""

import json
import logging
import time
from copy import copy
from textwrap import dedent, indent
from typing import Any, Literal

from pythonjsonlogger.defaults import unknown_default
from pythonjsonlogger.json import JsonFormatter

from taxi_fare.core.visible import visible, visible_lines

LogFormat = Literal["text", "json"]

LOG_FORMAT = "%(asctime)s | %(levelname)-8s | %(name)-26s | %(message)s"
DATE_FORMAT = "%Y-%m-%d %H:%M:%S"
_JSON_NAMES = {"asctime": "timestamp", "levelname": "level", "name": "logger"}


def line_formatter(
    log_format: LogFormat, *, last_words_alone: bool = False
) -> logging.Formatter:
    """
    Return what makes lines of log records.

    Parameters
    ----------
    log_format : {'text', 'json'}
        The specification's format, or one JSON object a line with
        ``timestamp`` (ISO 8601, UTC, milliseconds), ``level``, ``logger``,
        ``message``, ``exc_info`` and the record's own fields.
    """
    if log_format == "json":
        return _JsonLines()
    if last_words_alone:
        return _TextWithLastWords(LOG_FORMAT, DATE_FORMAT)
    return _TextLines(LOG_FORMAT, DATE_FORMAT)


class _TextLines(logging.Formatter):
    """One line a record, whatever is in it; a traceback is set in below."""

    def format(self, record: logging.LogRecord) -> str:
        """Make it without the traceback that another handler has left."""
        bare = copy(record)
        bare.exc_info, bare.exc_text = None, None
        line = super().format(bare)
        if not record.exc_info:
            return line
        return f"{line}\n{self.formatException(record.exc_info)}"

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Escape it; an error's own lines become sentences of one."""
        if hasattr(record, "exit_code"):
            record.message = " ".join(record.message.split())
        return visible(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802
        """Let none of its lines begin like a record."""
        return indent(visible_lines(super().formatException(ei)), "    ")


class _TextWithLastWords(_TextLines):
    """For a terminal: what ends a command is for the person who typed it."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "exit_code"):
            return super().format(record)
        if record.exc_info:
            return dedent(self.formatException(record.exc_info))
        return visible_lines(record.getMessage())


class _JsonLines(JsonFormatter):
    """One JSON object a line, in ASCII, whatever is in it."""

    # How logging.Formatter writes ``asctime``.
    converter = staticmethod(time.gmtime)
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self) -> None:
        super().__init__(
            [*_JSON_NAMES, "message"],
            rename_fields=_JSON_NAMES,
            json_default=unknown_default,
            json_serializer=_dumps,
        )


def _dumps(line: dict[str, Any], **options: Any) -> str:
    try:
        return json.dumps(line, allow_nan=False, **options)
    except Exception:
        # NaN, a key that is no text, a loop: as text rather than not at all.
        plain = {
            key: value
            if value is None or isinstance(value, (str, int))
            else unknown_default(value)
            for key, value in line.items()
        }
        return json.dumps(plain, **options)
