"""What the model registry holds, and what it refuses."""

import json
from pathlib import Path
from types import ModuleType

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from taxi_fare.core.errors import (
    ModelRefusedError,
    RegistryConflictError,
    TaxiFareError,
    TemporaryError,
    WrongUsageError,
)
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.core.version_files import Damage
from taxi_fare.registry.by_hand import (
    promote,
    promote_despite_gates,
    roll_back,
)
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry, RegistryState
from taxi_fare.registry.state import RegistryChangedError

STATE = "model_registry.json"


@pytest.fixture
def registry(tmp_path: Path) -> FolderRegistry:
    """A registry that keeps the versions of three decisions."""
    return FolderRegistry(
        tmp_path, RegistrySettings(keep_versions=3, lock_wait_seconds=0.2)
    )


def _models(root: Path) -> set[str]:
    return {path.name for path in (root / "versions").iterdir()}


def test_reading_creates_nothing(tmp_path: Path) -> None:
    """To look at a registry that is not there is no reason to make one."""
    root = tmp_path / "none"
    state = FolderRegistry(root, RegistrySettings()).read()
    assert (state.current, state.candidate, state.history) == (None, None, ())
    assert not root.exists()


def test_a_promoted_model_is_current(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """The JSON says so, the link follows, the manifest explains it."""
    registry_steps.commit(tmp_path, "model-1")
    state = json.loads((tmp_path / STATE).read_text())
    assert state["slots"] == {"current": "model-1", "candidate": None}
    assert state["generation"] == 1
    assert state["history"][0]["event"] == "promoted"
    assert (tmp_path / "current").readlink() == Path("versions/model-1")
    assert not (tmp_path / "candidate").is_symlink()
    manifest = registry.versions.manifest("model-1")
    assert set(manifest["files"]) == {"metadata/part-00000"}
    assert registry.versions.damaged_files("model-1") == []


@pytest.mark.parametrize("event", ["kept", "refused"])
def test_a_model_that_is_not_promoted_is_the_candidate(
    event: str,
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
) -> None:
    """It can be looked at, and the current model stays; a later one takes
    its place, and a promotion empties the slot."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", event)
    state = registry.read()
    assert (state.current, state.candidate) == ("model-1", "model-2")
    assert (tmp_path / "candidate").readlink() == Path("versions/model-2")
    registry_steps.commit(tmp_path, "model-3")
    state = registry.read()
    assert (state.current, state.candidate) == ("model-3", None)
    assert not (tmp_path / "candidate").is_symlink()


def test_a_run_is_found_by_its_key(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """The latest of equal runs is found; a rollback has no key."""
    assert registry.find_run("key") is None
    registry_steps.commit(tmp_path, "model-1", run_key="key")
    registry_steps.commit(tmp_path, "model-2", run_key="key", force=True)
    registry_steps.rollback(tmp_path)
    found = registry.find_run("key")
    assert found is not None
    assert found.model_id == "model-2"


def test_an_equal_run_is_recorded_once(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """The second is told what the first decided; force records it again."""
    registry_steps.commit(tmp_path, "model-1", run_key="key")
    told = registry_steps.commit(tmp_path, "model-2", run_key="key")
    assert told.model_id == "model-1"
    assert registry.read().generation == 1
    assert _models(tmp_path) == {"model-1"}
    registry_steps.commit(tmp_path, "model-2", run_key="key", force=True)
    assert registry.read().current == "model-2"


def test_a_decision_against_another_model_is_not_recorded(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """What was compared with must still be current; nothing is left."""
    registry_steps.commit(tmp_path, "model-1")
    before = (tmp_path / STATE).read_bytes()
    with (
        pytest.raises(RegistryChangedError, match="current model is model-1"),
        registry.staging("model-2") as folder,
    ):
        registry.commit(
            folder,
            manifest={},
            entry=registry_steps.entry("model-2"),
            expected_current=None,
        )
    assert (tmp_path / STATE).read_bytes() == before
    assert _models(tmp_path) == {"model-1"}


def test_keys_of_another_version_survive_a_rewrite(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """In the state, in its slots and in its history; slots get no link."""
    registry_steps.commit(tmp_path, "model-1")
    newer = json.loads((tmp_path / STATE).read_bytes())
    newer["pinned"] = ["model-1"]
    newer["slots"]["shadow"] = "model-0"
    newer["history"][0]["evidence"] = {"days": 30}
    (tmp_path / STATE).write_text(json.dumps(newer))
    registry_steps.commit(tmp_path, "model-2")
    after = json.loads((tmp_path / STATE).read_bytes())
    assert after["pinned"] == newer["pinned"]
    assert after["slots"]["shadow"] == "model-0"
    assert after["history"][0] == newer["history"][0]
    assert len(after["history"]) == 2
    assert not (tmp_path / "shadow").exists()


def test_rollback_goes_back_one_model_at_a_time(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Twice goes back two; then there is none before."""
    for number in (1, 2, 3):
        registry_steps.commit(tmp_path, f"model-{number}")
    registry_steps.rollback(tmp_path)
    assert registry.read().current == "model-2"
    registry_steps.rollback(tmp_path)
    assert (tmp_path / "current").readlink() == Path("versions/model-1")
    latest = registry.read().history[-1]
    assert (latest.event, latest.compared_with) == ("rolled_back", "model-2")
    assert latest.metrics == {"rmse": 5.0, "mae": 2.0, "r2": 0.9}
    with pytest.raises(RegistryConflictError, match="no model before"):
        registry_steps.rollback(tmp_path)


def test_rollback_to_a_named_version(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """A candidate can be made current by hand, and leaves its slot."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", "kept")
    state = roll_back(registry, run_id="r", reason="by hand", to="model-2")
    assert (state.current, state.candidate) == ("model-2", None)
    registry_steps.rollback(tmp_path)
    assert registry.read().current == "model-1"


@pytest.mark.parametrize(
    "told",
    [
        ("model-3", "is the current model already", 6),
        ("model-9", "no version model-9", 2),
        ("../../etc", "no version", 2),
        ("", "is empty", 2),
        (" ", "is empty", 2),
        ("model-", "model-1, model-2, model-3 begin with it", 2),
        ("MODEL-1", "no version", 2),
        ("model-1/", "no version", 2),
        ("model-0", "no version model-0 any more: it was pruned", 6),
    ],
)
def test_rollback_refuses_what_is_no_other_version(
    told: tuple[str, str, int],
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
) -> None:
    """The message lists what can be gone back to; nothing changes."""
    to, message, code = told
    for number in range(4):
        registry_steps.commit(tmp_path, f"model-{number}")
    with pytest.raises(TaxiFareError, match=message) as error:
        roll_back(registry, run_id="r", reason="why", to=to)
    assert error.value.exit_code == code
    assert ": model-1, model-2 (current: model-3)" in str(error.value)
    assert registry.read().generation == 4


@pytest.mark.parametrize("reason", ["", "  ", "\n\t"])
@pytest.mark.parametrize("version", [None, "model-1"])
def test_nothing_is_changed_by_hand_without_a_reason(
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
    reason: str,
    version: str | None,
) -> None:
    """A blank one says nothing to whoever reads the history."""
    for number in (1, 2):
        registry_steps.commit(tmp_path, f"model-{number}")
    with pytest.raises(WrongUsageError, match="There is no reason"):
        roll_back(registry, run_id="r", reason=reason, to=version)
    for change in (promote, promote_despite_gates):
        with pytest.raises(WrongUsageError, match="There is no reason"):
            change(registry, "model-1", run_id="r", reason=reason)
    assert registry.read().generation == 2


def test_a_rollback_that_is_asked_for_again_is_no_second_one(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Also when others changed the registry meanwhile; unless it differs."""
    for number in (1, 2, 3):
        registry_steps.commit(tmp_path, f"model-{number}")
    registry_steps.rollback(tmp_path, "asked")
    registry_steps.commit(tmp_path, "model-4")
    state = roll_back(registry, run_id="r", reason="why", request_id="asked")
    done = state.find_run(None, request_id="asked")
    assert done is not None
    assert (done.model_id, done.compared_with) == ("model-2", "model-3")
    assert (state.current, state.generation) == ("model-4", 5)
    with pytest.raises(WrongUsageError, match="asked went back to model-2"):
        roll_back(
            registry,
            run_id="r",
            reason="why",
            to="model-3",
            request_id="asked",
        )
    # A training of the same id is another request.
    registry_steps.commit(tmp_path, "model-5", request_id="asked")
    assert registry.read().current == "model-5"


def test_a_forced_run_is_forced_once_for_each_request(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Without an id, and with another one, it is forced again."""
    registry_steps.commit(tmp_path, "model-0", run_key="key-4")
    for model_id in ("model-1", "model-2"):
        told = registry_steps.force(tmp_path, model_id)
        assert told.model_id == "model-1"
    for number, request in ((3, None), (4, None), (5, "other")):
        registry_steps.commit(
            tmp_path,
            f"model-{number}",
            run_key="key-4",
            request_id=request,
            force=True,
        )
    assert registry.read().current == "model-5"
    # Other months or settings are another change, whoever asks.
    registry_steps.commit(tmp_path, "model-6", request_id="asked", force=True)
    assert registry.read().current == "model-6"


def test_twice_goes_back_two_after_a_year_of_kept_months(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Then the next one was pruned, and is named; nothing is skipped."""
    for number in range(5):
        registry_steps.commit(tmp_path, f"model-{number}")
    for month in range(12):
        registry_steps.commit(tmp_path, f"kept-{month}", "kept")
    for model_id in ("model-3", "model-2"):
        registry_steps.rollback(tmp_path)
        assert registry.read().current == model_id
    with pytest.raises(RegistryConflictError, match="model-1 any more: it w"):
        registry_steps.rollback(tmp_path)
    assert registry.read().current == "model-2"


def test_rollback_refuses_a_damaged_version(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """A model that would not load does not go into production."""
    for number in (1, 2):
        registry_steps.commit(tmp_path, f"model-{number}")
    (tmp_path / "versions/model-1/metadata/part-00000").write_text("x")
    with pytest.raises(RegistryConflictError, match="part-00000"):
        registry_steps.rollback(tmp_path)
    assert registry.read().current == "model-2"


def test_rollback_of_nothing_creates_nothing(tmp_path: Path) -> None:
    """A wrong path is told, not made into a registry."""
    registry = FolderRegistry(tmp_path / "none", RegistrySettings())
    with pytest.raises(RegistryConflictError, match="no model before"):
        roll_back(registry, run_id="r", reason="why")
    assert not (tmp_path / "none").exists()


def test_damaged_files_are_named(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """A changed file, a missing one, a manifest that is no JSON."""
    registry_steps.commit(tmp_path, "model-1")
    file = tmp_path / "versions/model-1/metadata/part-00000"
    file.write_text("other bytes")
    damaged = registry.versions.damaged_files("model-1")
    assert damaged == [Damage("metadata/part-00000", "changed")]
    file.unlink()
    damaged = registry.versions.damaged_files("model-1")
    assert damaged == [Damage("metadata/part-00000", "missing")]
    (tmp_path / "versions/model-1/manifest.json").write_text("{")
    damaged = registry.versions.damaged_files("model-1")
    assert damaged == [Damage("manifest.json", "cannot be read")]


def test_old_versions_are_pruned(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Slots, three recent decisions and the model to go back to stay."""
    registry_steps.commit(tmp_path, "first")
    registry_steps.commit(tmp_path, "second")
    for number in range(5):
        registry_steps.commit(tmp_path, f"kept-{number}", "kept")
    assert _models(tmp_path) == {
        "first",
        "second",
        "kept-2",
        "kept-3",
        "kept-4",
    }
    assert len(registry.read().history) == 7


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"schema_version": 1, "slots": 3}',
        '{"schema_version": 1, "history": [{"run_id": "r"}]}',
        '{"schema_version": 1, "generation": 1, "generation": 2}',
        '{"schema_version": 1, "pinned": NaN}',
    ],
)
def test_a_damaged_state_file_is_told_and_nothing_is_lost(
    content: str,
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
) -> None:
    """Neither reading nor recovering touches the versions."""
    registry_steps.commit(tmp_path, "model-1")
    (tmp_path / STATE).write_text(content)
    for act in (registry.read, registry.recover):
        with pytest.raises(RegistryConflictError, match="is damaged"):
            act()
    assert (tmp_path / STATE).read_text() == content
    assert _models(tmp_path) == {"model-1"}


def test_a_missing_state_file_is_told_and_nothing_is_lost(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Versions without the truth are not taken for leftovers."""
    registry_steps.commit(tmp_path, "model-1")
    (tmp_path / STATE).unlink()
    with pytest.raises(RegistryConflictError, match="is missing"):
        registry.recover()
    assert _models(tmp_path) == {"model-1"}


def test_a_folder_in_the_place_of_a_link_is_left_alone(
    registry: FolderRegistry, tmp_path: Path
) -> None:
    """It may be the model of another program."""
    (tmp_path / "current").mkdir()
    with pytest.raises(RegistryConflictError, match="current is a folder"):
        registry.recover()
    assert (tmp_path / "current").is_dir()


def test_links_are_made_again_from_the_truth(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """A link that was removed or turned is repaired on the next opening."""
    registry_steps.commit(tmp_path, "model-1")
    (tmp_path / "current").unlink()
    (tmp_path / "candidate").symlink_to("versions/nothing")
    registry.recover()
    assert (tmp_path / "current").readlink() == Path("versions/model-1")
    assert not (tmp_path / "candidate").is_symlink()


def test_what_others_put_into_the_registry_stays(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Only what a killed process of the project has left is removed."""
    registry_steps.commit(tmp_path, "model-1")
    theirs = [
        *(tmp_path / ".current.new", tmp_path / ".candidate.new"),
        *(tmp_path / f".{STATE}.old.tmp", tmp_path / f".{STATE}.d"),
    ]
    for each in theirs:
        each.mkdir()
    left = tmp_path / f".{STATE}.1-0123abcd.taxi-fare.tmp"
    left.write_text("half")
    (tmp_path / ".current.taxi-fare.new").symlink_to("versions/half")
    registry_steps.commit(tmp_path, "model-2")
    assert all(each.is_dir() for each in theirs)
    assert not left.exists()
    assert not (tmp_path / ".current.taxi-fare.new").is_symlink()
    assert (tmp_path / "current").readlink() == Path("versions/model-2")


def test_a_lock_that_is_held_is_told(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """After the patience of the settings, with what to do."""
    registry_steps.commit(tmp_path, "model-1")
    with (
        FileLock(tmp_path / ".lock"),
        pytest.raises(TemporaryError, match=r"0\.2 seconds"),
    ):
        registry.recover()
    registry.recover()
    assert registry.read().current == "model-1"


def test_what_a_living_process_writes_is_left_alone(
    registry: FolderRegistry, tmp_path: Path
) -> None:
    """Another process tidies up while a model is being saved."""
    registry.recover()
    with registry.staging("model-1") as folder:
        (folder / "half").write_text("a model")
        FolderRegistry(tmp_path, RegistrySettings()).recover()
        assert (folder / "half").read_text() == "a model"
    assert not folder.exists()


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["promoted", "kept", "refused", "rolled_back"]),
        st.integers(0, 30),
    ),
    max_size=30,
)


@given(EVENTS)
def test_any_history_leaves_a_consistent_state(
    events: list[tuple[str, int]],
) -> None:
    """Every entry counts one generation; what is named is never pruned."""
    state = RegistryState()
    for number, (event, choice) in enumerate(events):
        model_id = f"model-{number}"
        if event == "rolled_back":
            known = [entry.model_id for entry in state.history]
            others = [name for name in known if name != state.current]
            if not others:
                continue
            model_id = others[choice % len(others)]
        state = state.after(_entry(model_id, event))
        assert state.generation == len(state.history)
        assert state.current is None or state.current != state.candidate
        assert state.before_current() != state.current or not state.current
        names = {state.current, state.candidate, state.before_current()}
        assert names - {None} <= state.named(recent=1)
    assert RegistryState.model_validate(state.to_document()) == state


@given(EVENTS)
def test_any_history_leaves_what_rollbacks_go_back_to(
    events: list[tuple[str, int]],
) -> None:
    """Pruned after each decision, as many stay as are remembered."""
    state, there = RegistryState(), set[str]()
    for number, (event, _) in enumerate(events):
        if event == "rolled_back":
            target = state.before_current()
            if target not in there:
                continue
            state = state.after(_entry(str(target), event))
        else:
            state = state.after(_entry(f"model-{number}", event))
            there.add(f"model-{number}")
        there &= state.named(recent=3)
    promoted = [
        each.model_id for each in state.history if each.event == "promoted"
    ]
    back = sum(each.event == "rolled_back" for each in state.history)
    if back:
        return
    for expected in promoted[-3:-1][::-1]:
        target = state.before_current()
        assert target == expected
        assert target in there
        state = state.after(_entry(expected, "rolled_back"))
        there &= state.named(recent=3)


def _entry(model_id: str, event: str) -> HistoryEntry:
    return HistoryEntry.model_validate(
        {
            "run_id": "r",
            "run_key": None,
            "model_id": model_id,
            "timestamp": "2023-07-02T08:00:00+00:00",
            "event": event,
            "reason": "",
            "train_months": [],
            "test_month": "2023-03",
            "metrics": {"rmse": 1.0, "mae": 1.0, "r2": 0.5},
            "simulated": False,
        }
    )


def test_a_person_promotes_with_a_reason(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """It is recorded as such; the same request changes nothing again."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", "kept")
    for _ in range(2):
        state = promote(
            registry,
            "model-2",
            run_id="by-hand",
            reason="better at night",
            request_id="asked",
        )
        assert (state.current, state.candidate) == ("model-2", None)
    entry = state.history[-1]
    assert len(state.history) == 3
    assert (entry.event, entry.decided_by) == ("promoted", "person")
    assert (entry.reason, entry.compared_with) == (
        "better at night",
        "model-1",
    )
    assert entry.run_key is None
    written = json.loads((tmp_path / STATE).read_text())["history"]
    assert written[-1]["decided_by"] == "person"
    assert "decided_by" not in written[0]
    assert state.before_current() == "model-1"
    back = roll_back(registry, run_id="back", reason="too dear")
    assert back.current == "model-1"
    assert back.history[-1].decided_by == "person"


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_person_says_why(
    reason: str,
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
) -> None:
    """Without a reason nothing changes."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", "kept")
    with pytest.raises(WrongUsageError, match="no reason"):
        promote(registry, "model-2", run_id="by-hand", reason=reason)
    assert registry.read().current == "model-1"


def test_a_version_that_missed_a_gate_is_refused(
    registry: FolderRegistry, registry_steps: ModuleType, tmp_path: Path
) -> None:
    """Unless a person says that it is known."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", "refused")
    manifest = registry.versions.path("model-2") / "manifest.json"
    document = json.loads(manifest.read_text())
    document["gates"][0]["passed"] = False
    manifest.write_text(json.dumps(document))
    with pytest.raises(ModelRefusedError, match="missed 1 of"):
        promote(registry, "model-2", run_id="by-hand", reason="try it")
    assert registry.read().current == "model-1"
    state = promote_despite_gates(
        registry, "model-2", run_id="by-hand", reason="known"
    )
    assert state.current == "model-2"


@pytest.mark.parametrize("name", ["", "model", "model-9"])
def test_only_a_whole_name_is_promoted(
    name: str,
    registry: FolderRegistry,
    registry_steps: ModuleType,
    tmp_path: Path,
) -> None:
    """A part of one, or another, names none."""
    registry_steps.commit(tmp_path, "model-1")
    registry_steps.commit(tmp_path, "model-2", "kept")
    with pytest.raises(WrongUsageError):
        promote(registry, name, run_id="by-hand", reason="try it")
    assert registry.read().current == "model-1"
