"""One model under a fixed name: replaced at once, whatever happens."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.registry.model_folder import damaged_files
from taxi_fare.registry.single_model import SingleModel


def _model(path: Path) -> str:
    return (path / "metadata" / "part-00000").read_text()


def test_the_name_can_be_loaded_and_explains_itself(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Spark finds metadata/ below the name; the manifest lists its files."""
    registry_steps.replace_single(tmp_path, "model-1")
    place = SingleModel(tmp_path / "single", registry_steps.SETTINGS)
    assert _model(place.path) == "model-1"
    manifest = place.manifest()
    assert manifest is not None
    assert manifest["model_id"] == "model-1"
    assert list(manifest["files"]) == ["metadata/part-00000"]
    assert damaged_files(place.path) == []


def test_the_model_before_stays_for_whoever_reads_it(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """The one before that is removed."""
    for number in (1, 2, 3):
        registry_steps.replace_single(tmp_path, f"model-{number}")
    kept = {path.name for path in (tmp_path / ".single").glob("[!.]*")}
    assert kept == {"model-2", "model-3"}
    assert _model(tmp_path / "single") == "model-3"


def test_there_may_be_no_model_yet(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """And asking creates nothing."""
    place = SingleModel(tmp_path / "single", registry_steps.SETTINGS)
    assert place.manifest() is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_somebody_else_is_not_replaced(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """It is refused before anything is trained."""
    (tmp_path / "single").mkdir()
    place = SingleModel(tmp_path / "single", registry_steps.SETTINGS)
    with pytest.raises(RegistryConflictError, match="is a folder"):
        place.manifest()


@pytest.mark.parametrize(
    ("step", "old"), [("replace_first", None), ("replace_next", "model-1")]
)
def test_killed_before_any_change_the_old_or_the_new_model_is_there(
    step: str, old: str | None, tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Never half a model; the next run replaces it and tidies up."""
    before = tmp_path / "before"
    before.mkdir()
    if old is not None:
        registry_steps.replace_single(before, old)
    answer = subprocess.run(
        [sys.executable, registry_steps.__file__, step, tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    moments = len(json.loads(answer.stdout))
    assert moments > 5
    seen = set()
    for moment in range(1, moments + 1):
        root = tmp_path / str(moment)
        path = root / "single"
        seen.add(_model(path) if path.exists() else None)
        if path.exists():
            assert damaged_files(path) == []
        registry_steps.replace_single(root, "model-9")
        assert _model(path) == "model-9"
        assert list((root / ".single").glob(".[!l]*")) == []
    assert seen == {old, "model-2"}
