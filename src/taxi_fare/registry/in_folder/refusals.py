"""What the system refuses a registry, told before anything was changed."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taxi_fare.core.errors import (
    EnvironmentLackError,
    RegistryConflictError,
    TaxiFareError,
)
from taxi_fare.core.registry_files import STATE_FILE, VERSIONS

# Something else bears a name of the registry.
_IN_THE_WAY = {
    errno.EEXIST,
    errno.EISDIR,
    errno.ELOOP,
    errno.ENOTDIR,
    errno.ENOTEMPTY,
}
# The disk or its permissions; what is not listed is a bug.
_LACKING = {
    errno.EACCES,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EIO,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOLCK,
    errno.ENOSPC,
    errno.ENOSYS,
    errno.ENOTSUP,
    errno.EPERM,
    errno.EROFS,
    errno.ESTALE,
}


@contextmanager
def telling_refusals(root: Path) -> Iterator[None]:
    """
    Turn what the system refuses into an error for people.

    Raises
    ------
    RegistryConflictError
        If something else bears a name of the registry.
    EnvironmentLackError
        If the registry cannot be read or written to.
    """
    try:
        yield
    except OSError as error:
        told = _told(root, error)
        if told is None:
            raise
        raise told from error


def _told(root: Path, error: OSError) -> TaxiFareError | None:
    place = error.filename or root
    if error.errno in _IN_THE_WAY:
        return RegistryConflictError(
            f"{place} is in the way of the registry: {error.strerror}.",
            expected=f"{STATE_FILE} and .lock to be files of the registry,"
            f" {VERSIONS}/ its folder",
            remedy="move it away. Nothing was changed.",
        )
    if error.errno in _LACKING:
        return EnvironmentLackError(
            f"The registry {root} cannot be used: {error.strerror} ({place}).",
            expected="a folder that this user may read and write, with space"
            " left",
            remedy="correct the permissions or make room, then run it again."
            " Nothing was changed.",
        )
    return None
