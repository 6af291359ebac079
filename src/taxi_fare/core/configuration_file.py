"""The file with the settings: where it is, and what it says."""

import os
import tomllib
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from taxi_fare.core.checkout import project_file

CONF_FILE = "conf/taxi_fare.toml"
CONF_VARIABLE = "TAXI_FARE_CONF"


def configuration_file() -> Path | None:
    """Find the configuration file."""
    named = os.environ.get(CONF_VARIABLE)
    return Path(named) if named else project_file(CONF_FILE)


def read_configuration(file: Path | Traversable) -> dict[str, Any]:
    """
    Read it; some editors begin it with a mark.

    Raises
    ------
    ValueError
        If it cannot be read, or is no TOML: with the file and the reason.
    """
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if isinstance(error, UnicodeDecodeError):
            reason = "its text is not in UTF-8"
        raise ValueError(f"{file}: {reason}") from error
