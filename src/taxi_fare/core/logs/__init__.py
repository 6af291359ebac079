"""The project's logging, under the specification's names."""

from taxi_fare.core.logs.lines import DATE_FORMAT, LOG_FORMAT, LogFormat
from taxi_fare.core.logs.output import (
    close_log_files,
    configure_file_logging,
    configure_logging,
    current_log_format,
    get_logger,
)
from taxi_fare.core.logs.pipeline_logger import PipelineLogger

__all__ = [
    "DATE_FORMAT",
    "LOG_FORMAT",
    "LogFormat",
    "PipelineLogger",
    "close_log_files",
    "configure_file_logging",
    "configure_logging",
    "current_log_format",
    "get_logger",
]
