"""How much memory the driver's JVM may take."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

_MIB, _GIB = 1 << 20, 1 << 30
# More made 9 million trips no faster, and took what there was.
_FEWEST, _MOST = 2 * _GIB, 6 * _GIB


def driver_memory(setting: str, *, root: Path = Path("/")) -> str:
    """
    Return the setting, or for ``auto`` what this process can spare.

    Parameters
    ----------
    root : Path, optional
        Of the file system in which limits are looked for.

    Returns
    -------
    str
        As Spark reads it, such as ``8g``.
    """
    if setting != "auto":
        return setting
    memory = available_memory(root=root)
    # Leave room for Python, the file cache and the JVM's own overhead.
    share = min(_MOST, max(_FEWEST, memory * 6 // 10))
    # Within a narrow limit the process would be killed for those 2 GiB.
    share = min(share, memory * 8 // 10)
    return f"{share // _GIB}g" if share >= _GIB * 2 else f"{share // _MIB}m"


def available_memory(*, root: Path = Path("/")) -> int:
    """
    Return how many bytes this process may take: the machine's, or fewer.

    Parameters
    ----------
    root : Path, optional
        Of the file system in which limits are looked for.
    """
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([physical, *memory_limits(root)])


def memory_limits(root: Path) -> Iterator[int]:
    """Yield the limits in bytes that cgroups set for this process, if any."""
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except OSError:
        return  # not Linux
    for line in lines:
        hierarchy, controllers, group = line.split(":", 2)
        if hierarchy == "0":
            yield from _above(root / "sys/fs/cgroup", group, "memory.max")
        elif "memory" in controllers.split(","):
            yield from _above(
                root / "sys/fs/cgroup/memory", group, "memory.limit_in_bytes"
            )


def _above(mounted: Path, group: str, name: str) -> Iterator[int]:
    """Read a limit of a group and of those that it lies in."""
    # A container may see its group as the root, or by the host's name that
    # is not mounted, or as `/../..`: what there is counts.
    names = [x for x in PurePosixPath(group).parts if x not in {"/", ".."}]
    for depth in range(len(names) + 1):
        try:
            text = (mounted.joinpath(*names[:depth]) / name).read_text("utf-8")
        except OSError:
            continue
        if text.strip().isdecimal():  # or "max"
            yield int(text)
