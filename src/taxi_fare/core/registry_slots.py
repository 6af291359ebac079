"""Which version a registry, or a slot of one, stands for by its state."""

from pathlib import Path
from typing import Literal

from taxi_fare.core.documents import Part, Refusal, parse_document
from taxi_fare.core.errors import DataMissingError, RegistryConflictError
from taxi_fare.core.registry_files import (
    CURRENT,
    SLOTS,
    STATE_FILE,
    VERSIONS,
)

STATE_REFUSAL = Refusal(
    expected="the file as the registry wrote it",
    remedy="restore it from a backup, or move the folder away to start"
    " anew. Nothing was changed.",
    error=RegistryConflictError,
)


class _State(Part):
    """As much of a registry's state as says what its slots hold."""

    schema_version: Literal[1] = 1
    slots: dict[str, str | None]


def version_named(content: bytes, *, place: str, slot: str) -> str | None:
    """
    Return the version that a state names for a slot.

    Raises
    ------
    RegistryConflictError
        If the state is damaged.
    """
    state = parse_document(content, _State, place=place, refusal=STATE_REFUSAL)
    return state.slots.get(slot)


def version_behind(path: Path) -> Path | None:
    """
    Return the version that the folder of a registry, or a slot, stands for.

    The state says so: a link may be what a killed process has left.

    Returns
    -------
    Path or None
        None for any other path.

    Raises
    ------
    DataMissingError
        If the slot is empty.
    RegistryConflictError
        If the state is damaged.
    """
    root, slot = path, CURRENT
    if path.name in SLOTS and (path.parent / STATE_FILE).is_file():
        root, slot = path.parent, path.name
    state = root / STATE_FILE
    if not state.is_file():
        return None
    name = version_named(state.read_bytes(), place=str(state), slot=slot)
    if name is None:
        raise DataMissingError(
            f"There is no model in {path}: {STATE_FILE} names none.",
            expected=f"a registry with a {slot} model",
            remedy="train one with `taxi-fare train`, or name another.",
        )
    return root / VERSIONS / name
