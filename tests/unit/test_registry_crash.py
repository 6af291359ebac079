"""A registry that is killed anywhere, or written by many at once."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from taxi_fare.registry.in_folder.registry import FolderRegistry


def _check_whole(root: Path, steps: ModuleType) -> FolderRegistry:
    """Read and recover; the truth, the links and the files must agree."""
    registry = FolderRegistry(root, steps.SETTINGS)
    before = registry.read()
    registry.recover()
    state = registry.read()
    assert state == before
    for slot, model_id in state.slots.to_document().items():
        link = root / slot
        if model_id is None:
            assert not link.is_symlink()
            continue
        assert link.readlink() == Path("versions") / model_id
        assert (link / "metadata" / "part-00000").read_text() == model_id
        assert registry.versions.damaged_files(model_id) == []
    assert registry.versions.names() <= state.named(recent=3)
    assert list((root / "versions").glob(".*")) == []
    assert sorted(path.name for path in root.glob(".*")) == [".lock"]
    return registry


@pytest.mark.parametrize(
    ("step", "old", "new"),
    [
        ("first", None, "model-1"),
        ("promote", "model-4", "model-5"),
        ("keep", "model-4", "model-4"),
        ("rollback", "model-4", "model-3"),
    ],
)
def test_killed_before_any_change_the_registry_stays_whole(
    step: str, old: str, new: str, tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Old model or new model, never neither; and the step can be repeated."""
    before = tmp_path / "before"
    before.mkdir()
    if old is not None:
        for number in range(1, 5):
            registry_steps.commit(before, f"model-{number}")
    answer = subprocess.run(
        [sys.executable, registry_steps.__file__, step, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    moments = int(answer.stdout)
    assert moments > 5
    generation = 0 if old is None else 4
    seen = set()
    for moment in range(1, moments + 1):
        root = tmp_path / str(moment)
        # Before anybody tidies up: what Spark would load.
        link = root / "current"
        if old is not None or link.is_symlink():
            model = (link / "metadata" / "part-00000").read_text()
            assert model in {old, new}
        registry = _check_whole(root, registry_steps)
        current = registry.read().current
        assert current in {old, new}
        seen.add(registry.read().generation)
        if registry.read().generation == generation:
            registry_steps.STEPS[step](root)
            assert _check_whole(root, registry_steps).read().current == new
    assert seen == {generation, generation + 1}


def test_many_processes_at_once_lose_nothing(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Eight runs of which two are equal: seven decisions, in a row."""
    keys = [f"key-{min(number, 6)}" for number in range(8)]
    processes = [
        subprocess.Popen(
            [
                sys.executable,
                registry_steps.__file__,
                "commit",
                tmp_path,
                f"model-{number}",
                key,
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number, key in enumerate(keys)
    ]
    answers = [json.loads(each.communicate()[0]) for each in processes]
    state = _check_whole(tmp_path, registry_steps).read()
    assert state.generation == 7
    assert sorted(each.run_key for each in state.history) == sorted(set(keys))
    assert state.current == state.history[-1].model_id
    # Both equal runs were told the same decision.
    assert answers[6] == answers[7]
