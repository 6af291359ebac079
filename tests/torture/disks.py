"""Disks that are full: the lake's, the registry's, the reports', Spark's."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ground import Ground, Harm, documents_harmed, good
from stage import Stage
from tally import Tally

_ROOM = "size=256m"


def disks(stage: Stage) -> Iterator[Tally]:
    """Run a command on a full disk, then once more with room."""
    ground = stage.empty("disks", "folder")
    for name, words, size in (
        ("lake", ground.ingest(), "64k"),
        ("reports", ground.train(), "4k"),
        ("registry", (*ground.train(), "--force"), "48k"),
        ("spark", (*ground.train(), "--force"), "16k"),
    ):
        yield _full(ground, name, words, size)


@contextmanager
def _disk(folder: Path, size: str) -> Iterator[bool]:
    """Mount a small disk; False where that is not allowed."""
    folder.mkdir(exist_ok=True)
    mount = [
        "mount",
        "-t",
        "tmpfs",
        "-o",
        f"size={size}",
        "tmpfs",
        str(folder),
    ]
    done = subprocess.run(mount, capture_output=True, check=False)
    try:
        yield done.returncode == 0
    finally:
        subprocess.run(["umount", folder], capture_output=True, check=False)


def _full(
    ground: Ground, name: str, words: tuple[str, ...], size: str
) -> Tally:
    tally = Tally(f"disk of {name} full")
    folder = ground.home / name
    kept = ground.home / f"{name}-kept"
    ground.more["SPARK_LOCAL_DIRS"] = str(ground.home / "spark")
    (ground.home / "spark").mkdir(exist_ok=True)
    with _disk(folder, size) as mounted:
        if not mounted:
            tally.what += " (not tried: no disk can be mounted)"
            return tally
        ended = ground.run(*words)
        harm: Harm = ended.harm
        if ended.code not in {1, 7}:
            harm.append(("lost", f"exit {ended.code}: {ended.err}"))
        harm += documents_harmed(ground.home / "reports")
        harm += [
            ("half-written", f"{file}: {figures}")
            for file, figures in ground.months().items()
            if isinstance(figures, str)
        ]
        remount = ["mount", "-o", f"remount,{_ROOM}", str(folder)]
        subprocess.run(remount, check=True)
        again = ground.run(*words)
        harm += again.harm
        if again.code:
            harm.append(("lost", f"exit {again.code}: {again.err}"))
        tally.tried(size, harm)
        # The next attack goes on with what is there now.
        subprocess.run(["cp", "-a", folder, kept], check=True)
    subprocess.run(["rm", "-rf", folder], check=True)
    kept.rename(folder)
    good(ground.run("doctor"))
    return tally
