"""What `taxi-fare doctor` says about one thing."""

from dataclasses import asdict, dataclass
from typing import Literal


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
