"""Where Spark may write temporary files on this machine."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.usual_places import cache_folder, is_writable

_MIB = 1 << 20
# Libraries of Spark are unpacked there; trips that do not fit into memory
# are written there.
_FEWEST_BYTES, _ENOUGH_BYTES = 64 * _MIB, 1024 * _MIB
_VARIABLE = "SPARK_LOCAL_DIRS"


def temporary_folder() -> Path:
    """
    Return a folder with space in which libraries may be loaded.

    The one for temporary files (``TMPDIR``, ``/tmp``) unless it lacks one of
    the two, or cannot be written to.

    Raises
    ------
    EnvironmentLackError
        If there is none.
    """
    fits: dict[Path, int] = {}
    troubles = []
    for folder in dict.fromkeys(_candidates()):
        trouble = _trouble(folder)
        if trouble:
            troubles.append(f"{folder} {trouble}")
            continue
        fits[folder] = _free_bytes(folder)
        if fits[folder] >= _ENOUGH_BYTES:
            return folder
    if fits:
        return max(fits, key=lambda folder: fits[folder])
    raise EnvironmentLackError(
        f"Spark has no folder for temporary files: {'; '.join(troubles)}.",
        expected=f"one with {_FEWEST_BYTES // _MIB} MiB in which programs may"
        " run",
        remedy="let TMPDIR name one.",
    )


def require_local_folders() -> None:
    """
    Refuse a ``SPARK_LOCAL_DIRS`` of which Spark can use no folder.

    Raises
    ------
    EnvironmentLackError
        With the variable.
    """
    named = os.environ.get(_VARIABLE)
    if not named:
        return
    folders = [Path(each.strip()).absolute() for each in named.split(",")]
    troubles = {each: _no_space_in(each) for each in folders}
    if all(troubles.values()):
        told = "; ".join(f"{each} {why}" for each, why in troubles.items())
        raise EnvironmentLackError(
            f"{_VARIABLE}: {told}.",
            expected="a folder for Spark's temporary files, with"
            f" {_FEWEST_BYTES // _MIB} MiB",
            remedy="correct or unset it.",
        )


def _candidates() -> Iterator[Path]:
    with suppress(FileNotFoundError):
        yield Path(tempfile.gettempdir()).absolute()
    yield from (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - as Python does
    with suppress(OSError, EnvironmentLackError):
        kept = cache_folder("taxi-fare/temporary")
        kept.mkdir(parents=True, exist_ok=True)
        yield kept


def _trouble(folder: Path) -> str:
    if not folder.is_dir():
        return "is no folder"
    # Not every system tells.
    noexec = getattr(os, "ST_NOEXEC", 0)
    if os.statvfs(folder).f_flag & noexec:
        return "is mounted noexec"
    return _no_space_in(folder)


def _no_space_in(folder: Path) -> str:
    """Say why nothing can be written; nothing if it can."""
    if not is_writable(folder):
        return "cannot be written to"
    if _free_bytes(folder) < _FEWEST_BYTES:
        return f"has {_free_bytes(folder) // _MIB} MiB free"
    return ""


def _free_bytes(folder: Path) -> int:
    """Look at the folder, or at the one in which it would be made."""
    there = next(x for x in (folder, *folder.parents) if x.is_dir())
    found = os.statvfs(there)
    return found.f_bavail * found.f_frsize
