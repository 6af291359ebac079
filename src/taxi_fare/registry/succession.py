"""Which models were in production, one after the other."""

from collections.abc import Iterable
from typing import Protocol


class Change(Protocol):
    """What is asked of an entry of the history."""

    @property
    def event(self) -> str:
        """What happened."""

    @property
    def model_id(self) -> str:
        """The version that it happened to."""


def succession(history: Iterable[Change]) -> list[str]:
    """Return what was current, the oldest first, without what was undone."""
    line: list[str] = []
    for entry in history:
        if entry.event == "rolled_back" and entry.model_id in line:
            line = line[: 1 + line.index(entry.model_id)]
        elif entry.event in {"promoted", "rolled_back"}:
            line.append(entry.model_id)
    return line
