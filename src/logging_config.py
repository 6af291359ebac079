"""The description's import: ``from logging_config import get_logger``."""

from taxi_fare.core.logs import (
    PipelineLogger,
    configure_file_logging,
    get_logger,
)

__all__ = ["PipelineLogger", "configure_file_logging", "get_logger"]
