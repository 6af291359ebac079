"""Where things are when nothing says otherwise."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from taxi_fare.core.errors import EnvironmentLackError

USUAL_REGISTRY = Path("models/registry")
DEMO_FOLDER = Path("demo")
LEGACY_MODEL = Path("models/ex05_spark_model")


def cache_folder(name: str) -> Path:
    """
    Return where something is kept that can be made again.

    In ``XDG_CACHE_HOME``, else in the home folder, else, where that is not
    known or cannot be written to, in a folder of this user's for temporary
    files.
    """
    named = os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named).absolute() / name
    # A user id may have no entry among the users, and no HOME either.
    with suppress(RuntimeError):
        kept = Path.home().absolute() / ".cache" / name
        if kept.is_dir() or is_writable(kept):
            return kept
    return _own_temporary_folder() / ".cache" / name


def home_folder() -> Path:
    """Return the home folder, or one among temporary files if need be."""
    with suppress(RuntimeError):
        if is_writable(Path.home()):
            return Path.home()
    return _own_temporary_folder()


def is_named_user() -> bool:
    """Tell whether the system has an entry for this process's user."""
    if os.name != "posix":
        return True
    import pwd  # noqa: PLC0415 - Windows has none

    with suppress(KeyError):
        return bool(pwd.getpwuid(os.getuid()))
    return False


def is_writable(folder: Path) -> bool:
    """Tell whether a folder can be written to, or made."""
    folder = folder.absolute()
    there = next(x for x in (folder, *folder.parents) if os.path.lexists(x))
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def is_nobody_elses(path: Path) -> bool:
    """Tell whether only this user, or the system's, can have written it."""
    if os.name != "posix":
        return True
    found = path.lstat()
    owned = found.st_uid in {os.getuid(), 0} and not path.is_symlink()
    return owned and not found.st_mode & 0o022


def _own_temporary_folder() -> Path:
    """Make a folder that nobody else could put programs into."""
    name = f"taxi-fare-{os.getuid()}"
    folder = Path(tempfile.gettempdir()).absolute() / name
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_nobody_elses(folder):
        raise EnvironmentLackError(
            f"{folder} is not this user's own folder.",
            expected="a place for what is kept between runs",
            remedy="let HOME or XDG_CACHE_HOME name a folder that can be"
            " written to.",
        )
    return folder
