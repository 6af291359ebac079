"""The files of a version: those that its manifest names, and no other."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path, PurePath

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.files import opened, read_bounded
from taxi_fare.core.registry_files import MANIFEST

# Larger than a manifest or a part of a model ever was.
LARGEST_BYTES = 2**30
# What Spark loads of a version.
_PIPELINE = ("metadata/", "stages/")
CHANGED = "changed"
_MISSING = "missing"
_UNREADABLE = "cannot be read"
_EMPTY = "an empty folder"
# As many names as a sentence can hold.
_SHOWN = 3

# By name, with slashes: empty for a file, else what it is instead.
Found = Mapping[str, str]
# SHA-256 by name, as a manifest has them.
Named = Mapping[str, str]


@dataclass(frozen=True)
class Damage:
    """What is wrong with one file of a version."""

    file: str
    how: str = _UNREADABLE

    def __str__(self) -> str:
        """Say it; a name may look like another, or steer a terminal."""
        return f"{ascii(self.file)[1:-1]} ({self.how})"


class DamagedModelError(RegistryConflictError):
    """
    The files of a model are not those that were registered.

    Parameters
    ----------
    damage : sequence of Damage
        What is wrong; the first few are told.
    """

    def __init__(self, name: str, damage: Sequence[Damage]) -> None:
        told = ", ".join(map(str, damage[:_SHOWN]))
        more = len(damage) - _SHOWN
        super().__init__(
            f"The model {name} is damaged: {told}"
            f"{f' and {more} more' if more > 0 else ''}.",
            expected="the files that its manifest names, unchanged, and"
            " nothing else",
            remedy="run `taxi-fare registry rollback`, or name another model;"
            " or remove what the manifest does not name, and restore the rest"
            " from a backup; or train again with --force.",
        )
        self.damage = list(damage)


def unexplained(
    name: str, *, place: str, why: Exception
) -> RegistryConflictError:
    """Return the error of a model whose manifest cannot be read."""
    return RegistryConflictError(
        f"The model {name} cannot be explained: {why}",
        expected=f"a readable {place}",
        remedy="run `taxi-fare registry rollback`, restore the folder, or"
        " name another model.",
    )


def compare_files(
    named: Named, *, found: Found, digest: Callable[[str], str]
) -> list[Damage]:
    """
    Compare what a manifest names with what is there.

    Names are compared letter by letter, and nothing is opened by a name that
    only the manifest knows.

    Parameters
    ----------
    digest : callable
        Returns the SHA-256 of what was found under a name.

    Returns
    -------
    list of Damage
        Empty for a whole version.
    """
    expected, folders = {*named, MANIFEST}, _folders(named)
    odd = [
        Damage(name, kind or "not in its manifest")
        for name, kind in sorted(found.items())
        if (kind or name not in expected)
        # Of a folder that was emptied, its files are missing.
        and (kind, name in folders) != (_EMPTY, True)
    ]
    lost = [Damage(name, _MISSING) for name in named if name not in found]
    for name, told in named.items():
        if found.get(name) != "":
            continue
        try:
            if digest(name) != told:
                lost.append(Damage(name, CHANGED))
        except (OSError, ValueError):
            lost.append(Damage(name))
    return odd + lost


def compare_folder(folder: Path, named: Named) -> list[Damage]:
    """Compare what a manifest names with a folder."""
    return compare_files(
        named,
        found=_in_folder(folder),
        digest=lambda name: _digest(folder / name),
    )


def found_objects(sizes: Mapping[str, int], *, named: Named) -> Found:
    """Say what the objects of a version are, by their names below it."""
    folders = _folders(named)
    return {
        name: "also a folder" if name in folders else _too_large(size)
        for name, size in sizes.items()
        # Other clients leave an empty object for a folder.
        if size or name not in folders
    }


def read_named(folder: Path, name: str, *, named: Named) -> bytes:
    """
    Read a file that must be what its manifest says: these very bytes.

    Raises
    ------
    DamagedModelError
        If it is not.
    """
    try:
        content = read_bounded(folder / name, at_most=LARGEST_BYTES)
    except (OSError, ValueError):
        raise DamagedModelError(folder.name, [Damage(name)]) from None
    if sha256(content).hexdigest() != named.get(name):
        raise DamagedModelError(folder.name, [Damage(name, CHANGED)])
    return content


@contextmanager
def pipeline_copy(folder: Path, named: Named) -> Iterator[Path]:
    """
    Give a private copy of a pipeline model that was compared.

    Spark loads whatever a folder lists: of the copy, that is what was
    verified, though somebody should change the version meanwhile.

    Raises
    ------
    DamagedModelError
        If it has changed since it was compared.
    """
    with tempfile.TemporaryDirectory(prefix="taxi-fare-") as place:
        for name in named:
            if name.startswith(_PIPELINE):
                target = Path(place, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(read_named(folder, name, named=named))
        yield Path(place)


def _in_folder(folder: Path) -> dict[str, str]:
    """List a folder without opening or following anything in it."""
    found: dict[str, str] = {}
    waiting = [""]
    while waiting:
        place = waiting.pop()
        try:
            with os.scandir(folder / place) as listed:
                entries = list(listed)
            if place and not entries:
                found[place] = _EMPTY
            for each in entries:
                name = f"{place}/{each.name}" if place else each.name
                if each.is_dir(follow_symlinks=False):
                    waiting.append(name)
                else:
                    found[name] = _kind(each)
        except FileNotFoundError:
            pass  # removed meanwhile: what it lacks is missing
        except OSError:
            found[place or "."] = _UNREADABLE
    return found


def _folders(named: Named) -> set[str]:
    return {str(each) for name in named for each in PurePath(name).parents}


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "a link"
    if not entry.is_file(follow_symlinks=False):
        return "no file"
    return _too_large(entry.stat(follow_symlinks=False).st_size)


def _too_large(size: int) -> str:
    return f"{size:,} bytes" if size > LARGEST_BYTES else ""


def _digest(path: Path) -> str:
    with opened(path, at_most=LARGEST_BYTES) as stream:
        return file_digest(stream, "sha256").hexdigest()
