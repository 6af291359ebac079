"""``model_registry.json``: read, written under a lock, mirrored by links."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from taxi_fare.core.errors import RegistryConflictError, TemporaryError
from taxi_fare.core.files import remove_leftovers, write_json
from taxi_fare.core.registry_files import SLOTS, STATE_FILE, VERSIONS
from taxi_fare.core.sections import RegistrySettings
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
        if not any((root / VERSIONS).glob("[!.]*")):
            return RegistryState()
        raise missing_state(str(path)) from None
    return parse_state(content, str(path))


def write_state(root: Path, state: RegistryState) -> None:
    """Replace the state of a registry."""
    write_json(root / STATE_FILE, state.to_document())


@contextmanager
def locked(root: Path, settings: RegistrySettings) -> Iterator[None]:
    """
    Keep other processes from writing; the system ends it with the process.

    Raises
    ------
    TemporaryError
        If another process holds it longer than that.
    """
    wait_seconds = settings.lock_wait_seconds
    lock = FileLock(root / _LOCK_FILE, timeout=wait_seconds)
    try:
        lock.acquire()
    except Timeout as error:
        raise TemporaryError(
            f"Another process has been writing to {root} for more than"
            f" {wait_seconds:g} seconds.",
            expected="a change of the registry to take less than a second",
            remedy="run the command again; `fuser -v"
            f" {root / _LOCK_FILE}` tells which process it is.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def mirror(root: Path, state: RegistryState) -> None:
    """
    Make the links ``current`` and ``candidate`` say what the state says.

    Raises
    ------
    RegistryConflictError
        If something that is no link bears the name of a slot.
    """
    for slot in SLOTS:
        model_id, link = getattr(state, slot), root / slot
        require_link(link, maker="the registry")
        target = Path(VERSIONS) / model_id if model_id else None
        point_link(link, target)
    # Only who holds the lock writes it: what is left needs not grow old.
    remove_leftovers(root / STATE_FILE, age_seconds=0)


def require_link(path: Path, *, maker: str) -> None:
    """Refuse a folder where a link is made, which nobody may replace."""
    if path.exists() and not path.is_symlink():
        raise RegistryConflictError(
            f"{path} is a folder.",
            expected=f"a link that {maker} makes itself",
            remedy="move the folder away.",
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
