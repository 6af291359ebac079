"""What a log line looks like: to people, and to machines."""

import json
import logging
import time
from typing import Any, Literal

from pythonjsonlogger.defaults import unknown_default
from pythonjsonlogger.json import JsonFormatter

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
        The description's format, or one JSON object a line with
        ``timestamp`` (ISO 8601, UTC, milliseconds), ``level``, ``logger``,
        ``message``, ``exc_info`` and the record's own fields.
    """
    if log_format == "json":
        return _JsonLines()
    if last_words_alone:
        return _TextWithLastWords(LOG_FORMAT, DATE_FORMAT)
    return logging.Formatter(LOG_FORMAT, DATE_FORMAT)


class _TextWithLastWords(logging.Formatter):
    """For a terminal: what ends a command is for the person who typed it."""

    def format(self, record: logging.LogRecord) -> str:
        if not hasattr(record, "exit_code"):
            return super().format(record)
        if record.exc_info:
            return self.formatException(record.exc_info)
        return record.getMessage()


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
