"""What a command reads and writes, for whoever wants to be told of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Usage:
    """
    Months, models and files of one command, by their places.

    Parameters
    ----------
    read, written : dict of str to (str or None)
        Whole paths, or addresses; with what tells this state of it from
        another, where that is known.
    """

    read: dict[str, str | None] = field(default_factory=dict)
    written: dict[str, str | None] = field(default_factory=dict)


# A process runs one command: threads of it are a part of that.
_noting: list[Usage] = []


@contextmanager
def noting() -> Iterator[Usage]:
    """Note what is used while the block runs."""
    usage = Usage()
    _noting.append(usage)
    try:
        yield usage
    finally:
        _noting.remove(usage)


def note_read(place: object, version: str | None = None) -> None:
    """Note that something was read; nothing happens where nobody asks."""
    for usage in _noting:
        _note(usage.read, place, version)


def note_written(place: object, version: str | None = None) -> None:
    """Note that something was written."""
    for usage in _noting:
        _note(usage.written, place, version)


def _note(
    noted: dict[str, str | None], place: object, version: str | None
) -> None:
    text = str(place)
    # Links stay: a registry's `current` is turned meanwhile.
    name = text if "://" in text else str(Path(text).absolute())
    noted[name] = version or noted.get(name)
