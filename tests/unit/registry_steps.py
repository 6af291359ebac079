"""Steps on a registry for tests that kill them, or take them at once.

Run as ``python registry_steps.py STEP ROOT [FAULT]``: without a JVM, and
without the threads of a test session, so that it may fork.
"""

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.by_hand import roll_back
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.single_model import SingleModel
from taxi_fare.registry.state import RegistryChangedError

# As a monthly run wrote it, with figures that do not matter.
MANIFEST = json.loads(
    (Path(__file__).parents[1] / "data/documents/manifest.json").read_text()
) | {"metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9, "rows": 10}}
# What a killed process leaves is removed by the next, and not a day later.
SETTINGS = RegistrySettings(
    keep_versions=3, lock_wait_seconds=30, abandoned_after_hours=1e-9
)
# What changes a folder; `open` is counted when it is for writing.
CHANGES = {
    "os.mkdir",
    "os.remove",
    "os.rename",
    "os.rmdir",
    "os.symlink",
}


def entry(
    model_id: str,
    event: str = "promoted",
    *,
    run_key: str | None = None,
    request_id: str | None = None,
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
            "request_id": request_id,
        }
    )


def commit(
    root: Path,
    model_id: str,
    event: str = "promoted",
    *,
    force: bool = False,
    **ids: str | None,
) -> HistoryEntry:
    """Record a version the way the monthly run does."""
    registry = FolderRegistry(root, SETTINGS)
    registry.recover()
    while True:
        current = registry.read().current
        decision = entry(model_id, event, **ids)
        with registry.staging(model_id) as folder:
            (folder / "metadata").mkdir()
            (folder / "metadata" / "part-00000").write_text(model_id)
            try:
                return registry.commit(
                    folder,
                    manifest=MANIFEST | {"model_id": model_id},
                    entry=decision,
                    expected_current=current,
                    force=force,
                )
            except RegistryChangedError:
                continue


def rollback(root: Path, request_id: str | None = None) -> None:
    """Go back to the model before."""
    roll_back(
        FolderRegistry(root, SETTINGS),
        run_id="back",
        reason="for a test",
        request_id=request_id,
    )


def force(root: Path, model_id: str) -> HistoryEntry:
    """Train again what was trained, as each attempt of a request does."""
    return commit(
        root, model_id, run_key="key-4", request_id="asked", force=True
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
    "force_as_asked": lambda root: force(root, "model-5"),
    "rollback_as_asked": lambda root: rollback(root, "asked"),
    "replace_first": lambda root: replace_single(root, "model-2"),
    "replace_next": lambda root: replace_single(root, "model-2"),
}


# What becomes of a change: the process is killed before it; the system
# refuses it; the system refuses it and all that come after it.
FAULTS = ("kill", "refuse_once", "refuse_from_then_on")


def struck_everywhere(step: str, root: Path, fault: str = "kill") -> list[int]:
    """
    Strike at a step before its first change, its second, and so on.

    Each try works on a copy of ``root / "before"``, which becomes
    ``root / "1"``, ``root / "2"`` …; nothing strikes at the last one. Returns
    how each ended: 0, an exit code, or minus a signal.
    """
    codes: list[int] = []
    while len(codes) < 1_000:
        copy = root / str(len(codes) + 1)
        shutil.copytree(root / "before", copy, symlinks=True)
        child = os.fork()
        if child == 0:
            struck = _strike(len(codes) + 1, copy, fault=fault)
            code = _taken(STEPS[step], copy)
            os._exit(code if struck else _WHOLE)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        codes.append(0 if code == _WHOLE else code)
        if code == _WHOLE:
            return codes
    raise AssertionError("the step never ended")


_WHOLE = 99  # nothing was left to strike at


def _taken(step: Callable[[Path], object], root: Path) -> int:
    """Return the exit code of the command line."""
    try:
        step(root)
    except TaxiFareError as error:
        return error.exit_code
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _strike(moment: int, root: Path, *, fault: str) -> list[str]:
    """Return what was struck at, which is filled while the step goes on."""
    count, struck = 0, list[str]()

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal count
        writes = event == "open" and _is_writing(arguments, root)
        if event not in CHANGES and not writes:
            return
        count += 1
        if count == moment or (struck and fault == "refuse_from_then_on"):
            struck.append(event)
            if fault == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    sys.addaudithook(hook)
    return struck


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
        place = Path(sys.argv[2])
        print(struck_everywhere(sys.argv[1], place, *sys.argv[3:]))
