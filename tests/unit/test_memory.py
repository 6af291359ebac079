"""The driver's memory: the machine's, or what a cgroup allows."""

import os
from pathlib import Path

import pytest

from taxi_fare.core.spark.memory import driver_memory, memory_limits

GIB = 1 << 30
UNLIMITED = 9223372036854771712  # of version 1, in whole pages


def _root(folder: Path, groups: str, **limits: int | str) -> Path:
    """Make the files that Linux would show; ``__`` is a slash."""
    (folder / "proc" / "self").mkdir(parents=True)
    (folder / "proc" / "self" / "cgroup").write_text(groups)
    for name, limit in limits.items():
        version = 1 if name.startswith("memory") else 2
        file = "memory.limit_in_bytes" if version == 1 else "memory.max"
        place = folder / "sys/fs/cgroup" / name.replace("__", "/").strip("/")
        place.mkdir(parents=True, exist_ok=True)
        (place / file).write_text(f"{limit}\n")
    return folder


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of 16 GiB."""
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 16 * GIB // 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__)


@pytest.mark.parametrize(
    ("groups", "limits", "memory"),
    [
        # Version 2: a container that sees its own group as the root.
        ("0::/\n", {"__": 8 * GIB}, "4g"),
        ("0::/\n", {"__": "max"}, "6g"),
        # A service: its own limit, or that of what it lies in.
        ("0::/a.slice/b\n", {"a.slice__b": 6 * GIB}, "3g"),
        ("0::/a.slice/b\n", {"a.slice": 6 * GIB, "a.slice__b": "max"}, "3g"),
        ("0::/a/b\n", {"a": 4 * GIB, "a__b": 12 * GIB}, "2g"),
        # Names of the host, or above the root: what is mounted counts.
        ("0::/docker/abc\n", {"__": 8 * GIB}, "4g"),
        ("0::/../../kube\n", {"__": 8 * GIB}, "4g"),
        # Version 1, alone and beside version 2.
        ("4:cpu,memory:/x\n", {"memory__x": 8 * GIB}, "4g"),
        ("4:memory:/x\n", {"memory__x": UNLIMITED}, "6g"),
        ("4:memory:/x\n", {"memory": 8 * GIB, "memory__x": UNLIMITED}, "4g"),
        ("4:memory:/x\n0::/\n", {"memory__x": 8 * GIB}, "4g"),
        # Another group than this process's.
        ("0::/a\n", {"b": 1 * GIB}, "6g"),
        # A narrow one: the JVM alone must not fill it.
        ("0::/\n", {"__": 2 * GIB}, "1638m"),
        ("0::/\n", {"__": 1 * GIB}, "819m"),
        # More than the machine has.
        ("0::/\n", {"__": 64 * GIB}, "6g"),
    ],
)
def test_a_cgroup_limits_what_auto_takes(
    tmp_path: Path, groups: str, limits: dict[str, int | str], memory: str
) -> None:
    """60 % of the smaller of machine and limit, at least 2 GiB if it can."""
    root = _root(tmp_path, groups, **limits)
    assert driver_memory("auto", root=root) == memory


def test_without_cgroups_the_machine_counts(tmp_path: Path) -> None:
    """macOS has no /proc."""
    assert list(memory_limits(tmp_path)) == []
    assert driver_memory("auto", root=tmp_path) == "6g"


def test_a_number_of_the_settings_stays(tmp_path: Path) -> None:
    """Whoever gives one knows the machine."""
    root = _root(tmp_path, "0::/\n", __=GIB)
    assert driver_memory("3g", root=root) == "3g"
