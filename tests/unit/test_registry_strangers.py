"""What else may lie in a registry's folder, and what a system refuses."""

import errno
import logging
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from taxi_fare.core import files, locks
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.by_hand import roll_back
from taxi_fare.registry.in_folder import state as folder_state
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.opening import open_existing
from taxi_fare.run.models import ModelChoice, choose_model
from taxi_fare.scoring.predictor import FarePredictor

STATE = "model_registry.json"
Put = Callable[[Path], object]


def _file(path: Path) -> None:
    path.write_text("not of the registry")


def _folder(path: Path) -> None:
    path.mkdir()
    _file(path / "file")


def _link(path: Path) -> None:
    path.symlink_to(path.parents[1] / "elsewhere", target_is_directory=True)


def _version_of_another_registry(path: Path) -> None:
    """A manifest that names another version is no proof."""
    versions = path.parent
    shutil.copytree(versions / "model-2", path)


STRANGERS: dict[str, Put] = {
    "Thumbs.db": _file,
    ".DS_Store": _file,
    ".removed-model-0": _file,
    ".staging-model-9": _file,
    "new\nline\x1b[31m": _file,
    "@eaDir": _folder,
    "lost+found": _folder,
    "backup of model-2": _version_of_another_registry,
    "elsewhere": _link,
    "nowhere": lambda path: path.symlink_to("nothing"),
}


@pytest.fixture
def root(tmp_path: Path, registry_steps: ModuleType) -> Path:
    """Three models, and the folder that a link leads to."""
    root = tmp_path / "registry"
    for number in (1, 2, 3):
        registry_steps.commit(root, f"model-{number}")
    _folder(root / "elsewhere")
    return root


@pytest.mark.parametrize("name", STRANGERS)
@pytest.mark.parametrize("change", ["train", "roll back", "begin"])
def test_what_is_not_ours_is_passed_over(
    name: str,
    change: str,
    root: Path,
    registry_steps: ModuleType,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a warning; it stays, and every change is made as without it."""
    if change == "begin":
        shutil.rmtree(root / "versions" / "model-3")
        shutil.copytree(root / "versions", root / "others")
        shutil.rmtree(root)
        (root / "versions").mkdir(parents=True)
        _folder(root / "elsewhere")
        if name.startswith("backup"):
            return
    stranger = root / "versions" / name
    STRANGERS[name](stranger)
    with caplog.at_level(logging.WARNING):
        if change == "roll back":
            registry_steps.rollback(root)
        else:
            for number in (4, 5):
                registry_steps.commit(root, f"model-{number}")
    registry = FolderRegistry(root, registry_steps.SETTINGS)
    expected = "model-2" if change == "roll back" else "model-5"
    assert registry.read().current == expected
    assert (root / "current").readlink() == Path("versions") / expected
    assert stranger.is_symlink() or stranger.exists()
    assert (root / "elsewhere" / "file").exists()
    assert f"the registry did not make it: {name!r}" in caplog.text
    assert name not in registry.versions.names()


def test_an_unknown_version_has_a_time_of_grace(
    root: Path, registry_steps: ModuleType
) -> None:
    """One whose recording was killed, or that was restored: ours, not old."""
    versions = root / "versions"
    for number in (4, 5):
        registry_steps.commit(root, f"model-{number}")
    unknown = versions / "model-9"
    shutil.copytree(versions / "model-5", unknown)
    manifest = unknown / "manifest.json"
    manifest.write_text(manifest.read_text().replace("model-5", "model-9"))
    FolderRegistry(root, RegistrySettings(keep_versions=3)).recover()
    assert unknown.is_dir()
    FolderRegistry(root, registry_steps.SETTINGS).recover()
    assert not unknown.exists()


IN_THE_WAY: dict[str, tuple[str, Put]] = {
    "current is a folder": ("current", _folder),
    "current is a file": ("current", _file),
    "candidate is a folder": ("candidate", _folder),
    "the lock is a folder": (".lock", _folder),
    "the lock is a link": (".lock", _link),
    "the state is a link": (STATE, _link),
    "the state is a folder": (STATE, _folder),
}


@pytest.mark.parametrize("case", IN_THE_WAY)
def test_what_is_in_the_way_is_told_before_anything_changes(
    case: str, root: Path, registry_steps: ModuleType
) -> None:
    """Exit 6, by train and rollback, however often it is tried."""
    name, put = IN_THE_WAY[case]
    state = (root / STATE).read_bytes()
    (root / name).unlink(missing_ok=True)
    put(root / name)
    if name == STATE and case.endswith("link"):
        (root / "elsewhere").rename(root / "folder")
        (root / STATE).unlink()
        (root / "kept.json").write_bytes(state)
        (root / STATE).symlink_to("kept.json")
    before = sorted(root.rglob("*"))
    for step in ("promote", "rollback", "rollback"):
        with pytest.raises(TaxiFareError) as error:
            registry_steps.STEPS[step](root)
        assert error.value.exit_code == 6
        assert name in str(error.value)
    assert sorted(root.rglob("*")) == before
    if name != STATE:
        assert (root / STATE).read_bytes() == state


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, 7),
        (errno.EROFS, 7),
        (errno.EACCES, 7),
        (errno.EDQUOT, 7),
        (errno.EIO, 7),
    ],
)
def test_what_the_system_refuses_changes_nothing(
    number: int,
    code: int,
    root: Path,
    registry_steps: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """While the state is written: the words, the exit code, and no version."""
    before = (root / STATE).read_bytes()

    def refuse(path: Path) -> None:
        """Stand in for a disk."""
        if path.name.startswith(f".{STATE}"):
            raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(files, "flush_to_disk", refuse)
    for step in ("promote", "rollback"):
        with pytest.raises(TaxiFareError, match="Nothing was changed") as told:
            registry_steps.STEPS[step](root)
        assert told.value.exit_code == code
        assert os.strerror(number) in str(told.value)
    assert (root / STATE).read_bytes() == before
    versions = FolderRegistry(root, registry_steps.SETTINGS).versions
    assert versions.names() == {"model-1", "model-2", "model-3"}
    assert not list(root.glob(f".{STATE}*"))


@pytest.mark.parametrize("place", ["rmtree", "point_link", "remove_leftovers"])
def test_what_fails_after_a_change_is_a_warning(
    place: str,
    root: Path,
    registry_steps: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The state holds, whatever becomes of links and old versions."""

    def refuse(*arguments: object, **options: object) -> None:
        """Stand in for a file system without links, or a held file."""
        if not options.get("ignore_errors"):
            raise PermissionError(errno.EPERM, "not permitted")

    module = shutil if place == "rmtree" else folder_state
    with monkeypatch.context() as patch:
        patch.setattr(module, place, refuse)
        registry_steps.commit(root, "model-4")
        registry_steps.rollback(root)
        registry_steps.rollback(root)
    assert "Not tidied up yet" in caplog.text
    registry = FolderRegistry(root, registry_steps.SETTINGS)
    assert registry.read().current == "model-2"
    assert (root / "current").readlink() == Path("versions/model-2")


@pytest.mark.parametrize("place", ["link", "loop", "gone", "folder"])
def test_everybody_follows_the_state(
    place: str, root: Path, portable_version: Path, registry_steps: ModuleType
) -> None:
    """Not a link that a killed process left, or that somebody turned."""
    settings = registry_steps.SETTINGS
    link = root / "current"
    good = root / "versions" / "model-3"
    shutil.rmtree(good)
    shutil.copytree(portable_version, good)
    link.unlink()
    if place == "folder":
        shutil.copytree(root / "versions" / "model-2", link)
    elif place != "gone":
        link.symlink_to("versions/model-2" if place == "link" else "current")
    for path in (root, link, str(link)):
        assert FarePredictor.load(path).model_id == "literal"
    for choice in (ModelChoice(path=link), ModelChoice(path=root)):
        assert choose_model(choice, settings).folder == good
    # Opening mends the link, where it is one.
    open_existing(root, settings_of(settings))
    if place != "folder":
        assert link.readlink() == Path("versions/model-3")


def settings_of(registry: RegistrySettings) -> object:
    """Return settings that hold nothing else."""

    class Holder:
        """As much of the settings as is asked for."""

    Holder.registry = registry  # type: ignore[attr-defined]
    return Holder()


def test_a_registry_that_nobody_may_write_to_is_read(
    root: Path, registry_steps: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its links stay as they are, its state is followed."""
    (root / "current").unlink()
    (root / "current").symlink_to("versions/model-1")

    def refuse(*arguments: object, **options: object) -> None:
        """Stand in for a read-only file system."""
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(locks.FileLock, "acquire", refuse)
    registry = FolderRegistry(root, registry_steps.SETTINGS)
    assert registry.read().current == "model-3"
    assert (root / "current").readlink() == Path("versions/model-1")
    with pytest.raises(TaxiFareError) as error:
        roll_back(registry, run_id="r", reason="for a test")
    assert error.value.exit_code == 7


def test_a_file_is_no_registry(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Nor is what is below one, or a link to nothing."""
    _file(tmp_path / "file")
    (tmp_path / "link").symlink_to("nothing")
    for place in ("file", "file/below", "link"):
        with pytest.raises(TaxiFareError) as error:
            FolderRegistry(tmp_path / place, registry_steps.SETTINGS).recover()
        assert error.value.exit_code == 6
