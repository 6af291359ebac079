"""``model_registry.json``: read, written under a lock, mirrored by links."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taxi_fare.core import locks
from taxi_fare.core.errors import RegistryConflictError, TemporaryError
from taxi_fare.core.files import remove_leftovers, write_json
from taxi_fare.core.registry_files import SLOTS, STATE_FILE, VERSIONS
from taxi_fare.registry.in_folder.versions import FolderVersions
from taxi_fare.registry.records import RegistryState
from taxi_fare.registry.state import missing_state, parse_state

_LOCK_FILE = ".lock"


def read_state(root: Path) -> RegistryState:
    """
    Read the state of a registry, an empty one when there is no file.

    Raises
    ------
    RegistryConflictError
        If the file is damaged, or missing while there are versions.
    """
    path = root / STATE_FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        is_lost = path.is_symlink() or FolderVersions(root / VERSIONS).names()
        if not is_lost:
            return RegistryState()
        raise missing_state(str(path)) from None
    return parse_state(content, str(path))


def write_state(root: Path, state: RegistryState) -> None:
    """Replace the state of a registry."""
    write_json(root / STATE_FILE, state.to_document())


@contextmanager
def locked(root: Path, *, wait_seconds: float) -> Iterator[None]:
    """
    Keep other processes from writing; the system ends it with the process.

    Raises
    ------
    TemporaryError
        If another process holds it longer than that.
    """
    refusal = TemporaryError(
        f"Another process has been writing to {root} for more than"
        f" {wait_seconds:g} seconds.",
        expected="a change of the registry to take less than a second",
        remedy="run the command again; `fuser -v"
        f" {root / _LOCK_FILE}` tells which process it is.",
    )
    with locks.locked(
        root / _LOCK_FILE, wait_seconds=wait_seconds, refusal=refusal
    ):
        yield


def require_changeable(root: Path) -> None:
    """
    Find out, before a change, whether every name is the registry's own.

    Raises
    ------
    RegistryConflictError
        If the state is a link, or a slot is none.
    """
    for slot in SLOTS:
        require_link(root / slot, maker="the registry")
    if (root / STATE_FILE).is_symlink():
        raise RegistryConflictError(
            f"{root / STATE_FILE} is a link.",
            expected="a file, which each change replaces",
            remedy="move the file to the place of the link.",
        )


def is_mirrored(root: Path, state: RegistryState) -> bool:
    """Tell whether the links say what the state says."""
    return all(
        (link.readlink() if link.is_symlink() else None) == target
        for link, target in _links(root, state).items()
    )


def mirror(root: Path, state: RegistryState) -> None:
    """Make the links ``current`` and ``candidate`` say what the state says."""
    for link, target in _links(root, state).items():
        require_link(link, maker="the registry")
        point_link(link, target)
    # Only who holds the lock writes it: what is left needs not grow old.
    remove_leftovers(root / STATE_FILE, age_seconds=0)


def _links(root: Path, state: RegistryState) -> dict[Path, Path | None]:
    held = {slot: getattr(state, slot) for slot in SLOTS}
    return {
        root / slot: Path(VERSIONS) / model_id if model_id else None
        for slot, model_id in held.items()
    }


def require_link(path: Path, *, maker: str) -> None:
    """Refuse what is no link where one is made: nobody may replace it."""
    if path.exists() and not path.is_symlink():
        raise RegistryConflictError(
            f"{path} is a {'folder' if path.is_dir() else 'file'}.",
            expected=f"a link that {maker} makes itself",
            remedy="move it away. Nothing was changed.",
        )


def point_link(link: Path, target: Path | None) -> None:
    """Make a link point beside it, at once; None removes the link."""
    if target is None:
        link.unlink(missing_ok=True)
        return
    if link.is_symlink() and link.readlink() == target:
        return
    # One name for all processes, which the lock keeps apart.
    temporary = link.with_name(f".{link.name}.taxi-fare.new")
    temporary.unlink(missing_ok=True)
    temporary.symlink_to(target)
    temporary.replace(link)
