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


def _strike(
    step: str,
    root: Path,
    steps: ModuleType,
    *,
    fault: str = "kill",
    models: int = 4,
) -> list[int]:
    """Strike at each change of a step in turn; return how each try ended."""
    before = root / "before"
    before.mkdir()
    for number in range(1, 1 + models):
        steps.commit(before, f"model-{number}")
    answer = subprocess.run(
        [sys.executable, steps.__file__, step, root, fault],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert "Traceback" not in answer.stderr
    codes: list[int] = json.loads(answer.stdout)
    assert len(codes) > 5
    return codes


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
    moments = len(
        _strike(step, tmp_path, registry_steps, models=4 if old else 0)
    )
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


@pytest.mark.parametrize("step", ["force_as_asked", "rollback_as_asked"])
@pytest.mark.parametrize(
    "fault", ["kill", "refuse_once", "refuse_from_then_on"]
)
def test_a_request_that_is_repeated_is_one_change(
    step: str, fault: str, tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Whatever became of the first attempt; and no error followed a change."""
    codes = _strike(step, tmp_path, registry_steps, fault=fault)
    changed = set()
    for moment, code in enumerate(codes, start=1):
        root = tmp_path / str(moment)
        registry = FolderRegistry(root, registry_steps.SETTINGS)
        generation = registry.read().generation
        changed.add(generation)
        if fault != "kill":
            assert (code, generation) in {(0, 5), (7, 4)}
            _check_whole(root, registry_steps)
        if step == "force_as_asked":
            # Each attempt of a run has a name of its own.
            told = registry_steps.force(root, "model-6")
            assert told.model_id == registry.read().current
        else:
            registry_steps.rollback(root, "asked")
            assert registry.read().current == "model-3"
        state = _check_whole(root, registry_steps).read()
        asked = [each.request_id for each in state.history]
        assert (state.generation, asked.count("asked")) == (5, 1)
    assert changed == {4, 5}


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
