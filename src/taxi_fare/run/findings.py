"""What `doctor` finds, whatever it looks at."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from taxi_fare.core.errors import TaxiFareError

_logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Finding:
    """
    One thing that was looked at.

    Parameters
    ----------
    status : {'ok', 'empty', 'lacking'}
        Empty is normal on a new machine; lacking stops commands.
    remedy : str
        What to do about it; empty when nothing.
    """

    name: str
    status: Literal["ok", "empty", "lacking"]
    found: str
    remedy: str = ""

    def to_document(self) -> dict[str, str]:
        """Return the finding for ``--json``."""
        return asdict(self)


# A finding without its name: status, what was found, what to do about it.
Found = tuple[Literal["ok", "empty", "lacking"], str, str]


def find_all(looks: Mapping[str, Callable[[], Found]]) -> list[Finding]:
    """Look at some things, by their names."""
    return [Finding(name, *_looked(look)) for name, look in looks.items()]


def _looked(look: Callable[[], Found]) -> Found:
    try:
        return look()
    except TaxiFareError as error:
        return "lacking", error.summary, error.remedy
    except Exception as error:
        # Whatever is wrong with one thing, the others are looked at.
        _logger.debug("doctor", exc_info=error)
        found = f"cannot be looked at: {type(error).__name__}: {error}"
        return "lacking", found, "correct what it says"
