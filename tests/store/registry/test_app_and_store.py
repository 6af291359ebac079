"""The app and a registry in a store: there, or a copy for who has no key."""

import subprocess
import sys
from pathlib import Path
from types import ModuleType

import obstore
import pytest

from fare_app.artefacts import DamagedError
from fare_app.models import read_registry, read_version, version_folder
from fare_app.places import Places, find_places
from taxi_fare.core.settings import Settings
from taxi_fare.core.store.client import open_store
from taxi_fare.registry.model_folder import damaged_files
from taxi_fare.registry.opening import open_registry

PROGRAMS = Path(__file__).parents[3] / "deploy" / "containers"


def _call(name: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(PROGRAMS / name), *words],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_the_bucket_is_made_once(
    store_settings: Settings, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second call, and a bucket that was there, are no error."""
    for name in (bucket, f"new-{bucket}", f"new-{bucket}"):
        monkeypatch.setenv("MINIO_BUCKET_INTERIM", name)
        done = _call("make_bucket.py")
        assert done.returncode == 0, done.stderr
    registry = open_registry(f"s3a://new-{bucket}/registry", store_settings)
    assert registry.read().history == ()


def test_the_app_reads_the_copy(
    store_settings: Settings, url: str, steps: ModuleType, tmp_path: Path
) -> None:
    """State and versions are those of the store, now and after a change."""
    registry = open_registry(url, store_settings)
    places = Places(tmp_path / "copy", tmp_path / "reports")
    for model in ("model-1", "model-2"):
        steps.commit(registry, model)
        done = _call("copy_registry.py", url, str(places.registry))
        assert done.returncode == 0, done.stderr
        assert read_registry(places) == registry.read()
        version = read_version(model, places)
        assert version is not None
        assert version["model_id"] == model


def test_the_app_reads_the_store_itself(
    store_settings: Settings, url: str, steps: ModuleType, tmp_path: Path
) -> None:
    """State, manifests, and a folder to load the model from."""
    registry = open_registry(url, store_settings)
    steps.commit(registry, "model-1")
    places = find_places(
        ["--model-registry-path", url], environment={}, folders=[tmp_path]
    )
    assert read_registry(places) == registry.read()
    version = read_version("model-1", places)
    assert version == registry.versions.manifest("model-1")
    assert read_version("model-0", places) is None
    assert damaged_files(version_folder("model-1", places)) == []


def test_a_store_without_keys_is_named(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a file that cannot be read: the page goes on."""
    for name in ("MINIO_ACCESS_KEY", "MINIO_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(DamagedError, match="MINIO_ACCESS_KEY"):
        read_registry(Places(f"{url}/elsewhere", tmp_path))


def test_a_damaged_model_is_not_copied(
    store_settings: Settings, url: str, steps: ModuleType, tmp_path: Path
) -> None:
    """The copy stays as it was, and the message names the file."""
    registry, copy = open_registry(url, store_settings), tmp_path / "copy"
    steps.commit(registry, "model-1")
    assert _call("copy_registry.py", url, str(copy)).returncode == 0
    before = _files(copy)
    steps.commit(registry, "model-2")
    bucket, _, prefix = url.removeprefix("s3a://").partition("/")
    part = "versions/model-2/metadata/part-00000"
    store = open_store(f"s3a://{bucket}", store_settings)
    obstore.put(store, f"{prefix}/{part}", b"other bytes")
    done = _call("copy_registry.py", url, str(copy))
    assert done.returncode == 6
    assert "Traceback" not in done.stderr
    assert "metadata/part-00000" in done.stderr
    assert _files(copy) == before


def _files(folder: Path) -> dict[Path, bytes]:
    return {
        each: each.read_bytes() for each in folder.rglob("*") if each.is_file()
    }
