"""Steps on a registry for tests that kill them, or take them at once.

Run as ``python registry_steps.py STEP ROOT [N]``: without a JVM, and without
the threads of a test session, so that it may fork.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.rollback import roll_back
from taxi_fare.registry.single_model import SingleModel
from taxi_fare.registry.state import RegistryChangedError

# As a monthly run wrote it, with figures that do not matter.
MANIFEST = json.loads(
    (Path(__file__).parents[1] / "data/documents/manifest.json").read_text()
) | {"metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9, "rows": 10}}
SETTINGS = RegistrySettings(keep_versions=3, lock_wait_seconds=30)
# What changes a folder; `open` is counted when it is for writing.
CHANGES = {
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
}


def entry(
    model_id: str, event: str = "promoted", *, run_key: str | None = None
) -> HistoryEntry:
    """Return a decision with figures that do not matter."""
    return HistoryEntry.model_validate(
        {
            "run_id": f"run-{model_id}",
            "run_key": run_key or f"key-{model_id}",
            "model_id": model_id,
            "timestamp": "2026-01-01T00:00:00+00:00",
            "event": event,
            "reason": "for a test",
            "train_months": ["2023-01", "2023-02"],
            "test_month": "2023-03",
            "metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9},
            "simulated": True,
        }
    )


def commit(
    root: Path,
    model_id: str,
    event: str = "promoted",
    *,
    run_key: str | None = None,
    force: bool = False,
) -> HistoryEntry:
    """Record a version the way the monthly run does."""
    registry = FolderRegistry(root, SETTINGS)
    registry.recover()
    while True:
        current = registry.read().current
        with registry.staging(model_id) as folder:
            (folder / "metadata").mkdir()
            (folder / "metadata" / "part-00000").write_text(model_id)
            try:
                return registry.commit(
                    folder,
                    manifest=MANIFEST | {"model_id": model_id},
                    entry=entry(model_id, event, run_key=run_key),
                    expected_current=current,
                    force=force,
                )
            except RegistryChangedError:
                continue


def rollback(root: Path) -> None:
    """Go back to the model before."""
    roll_back(
        FolderRegistry(root, SETTINGS), run_id="back", reason="for a test"
    )


def replace_single(root: Path, model_id: str) -> None:
    """Replace the one model under a fixed name, as the legacy mode does."""
    place = SingleModel(root / "single", SETTINGS)
    with place.staging(model_id) as folder:
        (folder / "metadata").mkdir()
        (folder / "metadata" / "part-00000").write_text(model_id)
        place.publish(folder, MANIFEST | {"model_id": model_id})


STEPS: dict[str, Callable[[Path], object]] = {
    "first": lambda root: commit(root, "model-1"),
    "promote": lambda root: commit(root, "model-5"),
    "keep": lambda root: commit(root, "model-5", "kept"),
    "rollback": rollback,
    "replace_first": lambda root: replace_single(root, "model-2"),
    "replace_next": lambda root: replace_single(root, "model-2"),
}


def killed_everywhere(step: str, root: Path) -> int:
    """
    Kill a step before its first change, its second, and so on.

    Each try works on a copy of ``root / "before"``, which becomes
    ``root / "1"``, ``root / "2"`` …; the last one is not killed.
    """
    for moment in range(1, 1_000):
        copy = root / str(moment)
        shutil.copytree(root / "before", copy, symlinks=True)
        child = os.fork()
        if child == 0:
            _die_before(moment, copy)
            STEPS[step](copy)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status == 0:
            return moment
        assert os.WTERMSIG(status) == signal.SIGKILL, status
    raise AssertionError("the step never ended")


def _die_before(moment: int, root: Path) -> None:
    count = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        writes = event == "open" and _is_writing(arguments, root)
        if event in CHANGES or writes:
            count += 1
            if count == moment:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _is_writing(arguments: tuple[object, ...], root: Path) -> bool:
    path, _, flags = arguments
    return (
        isinstance(flags, int)
        and bool(flags & (os.O_WRONLY | os.O_RDWR))
        and str(path).startswith(str(root))
    )


if __name__ == "__main__":
    if sys.argv[1] == "commit":
        done = commit(Path(sys.argv[2]), sys.argv[3], run_key=sys.argv[4])
        print(json.dumps(done.to_document()))
    else:
        print(killed_everywhere(sys.argv[1], Path(sys.argv[2])))
