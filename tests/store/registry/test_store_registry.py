"""What a registry in an S3 store does as one in a folder, and what more."""

import json
import logging
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import ModuleType
from typing import Any

import obstore
import pytest

from taxi_fare.core.errors import (
    EnvironmentLackError,
    RegistryConflictError,
    TemporaryError,
    WrongUsageError,
)
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.core.version_files import Damage
from taxi_fare.registry.by_hand import roll_back
from taxi_fare.registry.in_store.registry import StoreRegistry
from taxi_fare.registry.opening import open_registry
from taxi_fare.registry.state import RegistryChangedError
from taxi_fare.scoring.predictor import FarePredictor

OpenRegistry = Callable[..., StoreRegistry]
STATE = "models/registry/model_registry.json"
VERSIONS = "models/registry/versions"


def _keys(server: Any, bucket: str) -> set[str]:
    place = server.store(bucket)
    return {each["path"] for batch in obstore.list(place) for each in batch}


def _stage(registry: StoreRegistry, steps: ModuleType, model: str) -> Any:
    """Commit against the model that is current at this moment."""
    current = registry.read().current
    with registry.staging(model) as folder:
        (folder / "part").write_text(model)
        return registry.commit(
            folder,
            manifest={},
            entry=steps.entry(model),
            expected_current=current,
        )


def test_reading_writes_nothing(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry
) -> None:
    """To look at a registry that is not there is no reason to make one."""
    state = open_at(url).read()
    assert (state.current, state.history) == (None, ())
    assert _keys(any_server, bucket) == set()


def test_a_promoted_model_is_current(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """The JSON says so, the version is whole, the manifest explains it."""
    steps.commit(open_at(url), "model-1")
    content = obstore.get(any_server.store(bucket), STATE).bytes()
    state = json.loads(bytes(content))
    assert state["slots"] == {"current": "model-1", "candidate": None}
    assert (state["schema_version"], state["generation"]) == (1, 1)
    assert "pruned" not in state
    versions = open_at(url).versions
    assert versions.names() == {"model-1"}
    assert set(versions.manifest("model-1")["files"]) == {
        "metadata/part-00000"
    }
    assert versions.damaged_files("model-1") == []
    assert versions.url("model-1") == f"{url}/versions/model-1"


def test_a_version_without_manifest_does_not_exist(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """It is written last: what is there without it is half uploaded."""
    steps.commit(open_at(url), "model-1")
    store = any_server.store(bucket)
    obstore.put(store, f"{VERSIONS}/half/part", b"x")
    registry = open_at(url)
    assert registry.versions.names() == {"model-1"}
    with pytest.raises(WrongUsageError, match="no version half"):
        roll_back(registry, run_id="r", reason="why", to="half")


def test_a_damaged_object_is_found(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Other bytes or none: the manifest knows."""
    steps.commit(open_at(url), "model-1")
    store = any_server.store(bucket)
    path = f"{VERSIONS}/model-1/metadata/part-00000"
    obstore.put(store, path, b"other")
    damaged = open_at(url).versions.damaged_files("model-1")
    assert damaged == [Damage("metadata/part-00000", "changed")]
    obstore.delete(store, path)
    damaged = open_at(url).versions.damaged_files("model-1")
    assert damaged == [Damage("metadata/part-00000", "missing")]
    obstore.delete(store, f"{VERSIONS}/model-1/manifest.json")
    versions = open_at(url).versions
    damaged = versions.damaged_files("model-1")
    assert damaged == [Damage("manifest.json", "cannot be read")]
    with pytest.raises(RegistryConflictError, match="cannot be explained"):
        versions.manifest("model-1")


def test_an_object_that_no_manifest_names_is_found(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Spark would load it; what stands for a folder is no object of ours."""
    steps.commit(open_at(url), "model-1")
    steps.commit(open_at(url), "model-2")
    store = any_server.store(bucket)
    for name in ("metadata/part-00001", "metadata/.x", "x"):
        obstore.put(store, f"{VERSIONS}/model-1/{name}", b"other trees")
        versions = open_at(url).versions
        damage = Damage(name, "not in its manifest")
        assert versions.damaged_files("model-1") == [damage]
        for load in (
            partial(versions.path, "model-1"),
            partial(roll_back, open_at(url), run_id="r", reason="why"),
            partial(FarePredictor.load, f"{url}/versions/model-1"),
        ):
            with pytest.raises(RegistryConflictError) as why:
                load()
            assert f"is damaged: {damage}" in why.value.found
        assert versions.damaged_files("model-2") == []
        obstore.delete(store, f"{VERSIONS}/model-1/{name}")


def test_an_equal_run_is_recorded_once(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """The second is told what the first decided, and leaves nothing."""
    steps.commit(open_at(url), "model-1", run_key="key")
    before = _keys(any_server, bucket)
    told = steps.commit(open_at(url), "model-2", run_key="key")
    assert told.model_id == "model-1"
    assert open_at(url).read().generation == 1
    assert _keys(any_server, bucket) == before


def test_a_decision_against_another_model_is_not_recorded(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """What was compared with must still be current; nothing is left."""
    steps.commit(open_at(url), "model-1")
    before = _keys(any_server, bucket)
    registry = open_at(url)
    with (
        pytest.raises(RegistryChangedError, match="current model is model-1"),
        registry.staging("model-2") as folder,
    ):
        (folder / "part").touch()
        registry.commit(
            folder,
            manifest={},
            entry=steps.entry("model-2"),
            expected_current=None,
        )
    assert _keys(any_server, bucket) == before


def test_who_is_overtaken_after_the_upload_takes_it_back(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """A stale ETag loses; the loser decides anew or leaves nothing."""
    steps.commit(open_at(url), "model-1")
    slow, fast = open_at(url), open_at(url)
    replace = slow._state.replace

    def overtaken(*arguments: Any) -> bool:
        """Let another process promote just before the swap."""
        slow._state.replace = replace  # type: ignore[method-assign]
        _stage(fast, steps, "model-2")
        return replace(*arguments)

    slow._state.replace = overtaken  # type: ignore[method-assign]
    with pytest.raises(RegistryChangedError, match="model is model-2"):
        _stage(slow, steps, "model-3")
    state = open_at(url).read()
    assert (state.current, state.generation) == ("model-2", 2)
    assert open_at(url).versions.names() == {"model-1", "model-2"}
    keys = _keys(any_server, bucket)
    assert not any("model-3" in key for key in keys)


def test_who_is_overtaken_by_a_kept_model_goes_on(
    url: str, open_at: OpenRegistry, steps: Any
) -> None:
    """The current model is the same: the decision still holds."""
    steps.commit(open_at(url), "model-1")
    slow, fast = open_at(url), open_at(url)
    replace = slow._state.replace

    def overtaken(*arguments: Any) -> bool:
        """Let another process record a candidate just before the swap."""
        slow._state.replace = replace  # type: ignore[method-assign]
        steps.commit(fast, "model-2", "kept")
        return replace(*arguments)

    slow._state.replace = overtaken  # type: ignore[method-assign]
    _stage(slow, steps, "model-3")
    history = open_at(url).read().history
    names = [entry.model_id for entry in history]
    assert names == ["model-1", "model-2", "model-3"]
    assert open_at(url).read().current == "model-3"


def test_who_is_always_overtaken_gives_up(
    url: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Exit 75, and the reason."""
    steps.commit(open_at(url), "model-1")
    registry = open_at(url, lock_wait_seconds=0.2)
    registry._state.replace = (  # type: ignore[method-assign]
        lambda seen, after: False
    )
    with pytest.raises(TemporaryError, match="each time within"):
        _stage(registry, steps, "model-2")
    assert open_at(url).versions.names() == {"model-1"}


def test_no_two_states_have_the_same_e_tag(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """It is a hash of the content, which holds its generation."""
    store, seen = any_server.store(bucket), []

    def look() -> None:
        """Remember the ETag."""
        seen.append(obstore.head(store, STATE)["e_tag"])

    for number in (1, 2):
        steps.commit(open_at(url), f"model-{number}")
        look()
    for number, to in enumerate(("model-1", "model-2") * 2):
        roll_back(open_at(url), run_id=f"{number}", reason="same", to=to)
        look()
    assert len(set(seen)) == len(seen)


def test_rollback_goes_back_one_model_at_a_time(
    url: str, open_at: OpenRegistry, steps: Any
) -> None:
    """As in a folder; no file of a model changes."""
    for number in (1, 2, 3):
        steps.commit(open_at(url), f"model-{number}")
    steps.rollback(open_at(url))
    assert open_at(url).read().current == "model-2"
    steps.rollback(open_at(url))
    assert open_at(url).read().current == "model-1"
    with pytest.raises(RegistryConflictError, match="no model before"):
        steps.rollback(open_at(url))


def test_old_versions_are_given_up_and_never_come_back(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Their entry stays; a rollback to one that is going is refused."""
    for number in range(1, 6):
        steps.commit(open_at(url), f"model-{number}")
    state = open_at(url).read()
    assert state.pruned == ("model-1", "model-2")
    assert len(state.history) == 5
    assert open_at(url).versions.names() == {"model-3", "model-4", "model-5"}
    # As if its removal were not done yet, or had been cut short.
    store = any_server.store(bucket)
    path = f"{VERSIONS}/model-1/manifest.json"
    obstore.put(store, path, b'{"files": {}}')
    with pytest.raises(RegistryConflictError, match="no version model-1"):
        roll_back(open_at(url), run_id="r", reason="why", to="model-1")
    open_at(url).recover()
    assert open_at(url).versions.names() == {"model-3", "model-4", "model-5"}


def test_a_version_that_a_rollback_names_meanwhile_is_not_removed(
    url: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Whoever would have given it up loses, and decides again."""
    for number in (1, 2, 3):
        steps.commit(open_at(url), f"model-{number}")
    slow = open_at(url)
    replace = slow._state.replace

    def overtaken(*arguments: Any) -> bool:
        """Make the oldest version current just before it is given up."""
        slow._state.replace = replace  # type: ignore[method-assign]
        roll_back(open_at(url), run_id="r", reason="why", to="model-1")
        return replace(*arguments)

    slow._state.replace = overtaken  # type: ignore[method-assign]
    with pytest.raises(RegistryChangedError):
        _stage(slow, steps, "model-4")
    assert open_at(url).read().current == "model-1"
    assert open_at(url).versions.damaged_files("model-1") == []


def test_what_a_process_is_uploading_is_left_alone(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Only after registry.abandoned_after_hours is it given up."""
    steps.commit(open_at(url), "model-1")
    store = any_server.store(bucket)
    obstore.put(store, f"{VERSIONS}/half/part", b"x")
    obstore.put(store, "models/registry/uploads/half/part", b"x")
    steps.commit(open_at(url), "model-2")
    assert sum("/half/" in key for key in _keys(any_server, bucket)) == 2
    registry = open_at(url, abandoned_after_hours=1e-9)
    registry.recover()
    assert sum("/half/" in key for key in _keys(any_server, bucket)) == 0
    assert registry.read().pruned == ("half",)
    assert registry.read().current == "model-2"


def test_an_upload_that_was_given_up_is_not_recorded(
    url: str, open_at: OpenRegistry, steps: Any
) -> None:
    """A process that slept for too long is refused when it goes on."""
    steps.commit(open_at(url), "model-1")
    slow = open_at(url)
    replace = slow._state.replace

    def overtaken(*arguments: Any) -> bool:
        """Tidy up between upload and swap."""
        slow._state.replace = replace  # type: ignore[method-assign]
        open_at(url, abandoned_after_hours=1e-9).recover()
        return replace(*arguments)

    slow._state.replace = overtaken  # type: ignore[method-assign]
    with pytest.raises(TemporaryError, match="taken for abandoned"):
        _stage(slow, steps, "model-2")
    assert open_at(url).read().current == "model-1"


def test_a_damaged_or_missing_state_is_refused(
    url: str, any_server: Any, bucket: str, open_at: OpenRegistry, steps: Any
) -> None:
    """Nothing is changed, and nothing is started anew over models."""
    steps.commit(open_at(url), "model-1")
    store = any_server.store(bucket)
    obstore.put(store, STATE, b"{")
    before = _keys(any_server, bucket)
    for attempt in (open_at(url).read, open_at(url).recover):
        with pytest.raises(RegistryConflictError, match="is damaged: JSON"):
            attempt()
    obstore.delete(store, STATE)
    for attempt in (open_at(url).read, open_at(url).recover):
        with pytest.raises(RegistryConflictError, match="versions are there"):
            attempt()
    assert _keys(any_server, bucket) == before - {STATE}


def test_an_unreachable_store_while_tidying_is_no_failure(
    url: str,
    open_at: OpenRegistry,
    steps: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The decision is recorded; what is left is removed the next time."""
    for number in range(1, 4):
        steps.commit(open_at(url), f"model-{number}")
    registry = open_at(url)

    def refuse(keys: object) -> None:
        """Stand in for a store that goes away at that moment."""
        raise EnvironmentLackError("away")

    registry._objects.delete = refuse  # type: ignore[method-assign]
    with caplog.at_level(logging.WARNING):
        _stage(registry, steps, "model-4")
    assert "Not tidied up yet: away" in caplog.text
    assert open_at(url).read().current == "model-4"
    assert "model-1" in open_at(url).versions.names()
    open_at(url).recover()
    assert "model-1" not in open_at(url).versions.names()


def test_other_addresses_are_refused() -> None:
    """A folder named hdfs: is not what anybody wants."""
    with pytest.raises(WrongUsageError, match="cannot be kept in hdfs://x"):
        open_registry("hdfs://x/y", Settings())


class _Careless(BaseHTTPRequestHandler):
    """An S3 server that overwrites whatever it is told not to."""

    protocol_version = "HTTP/1.1"
    ignored: tuple[str, ...] = ()
    objects: dict[str, bytes]

    def do_PUT(self) -> None:
        """Write; a condition that is not ignored is kept."""
        size = int(self.headers.get("Content-Length") or 0)
        content, there = self.rfile.read(size), self.path in self.objects
        new_only = self.headers.get("If-None-Match") == "*"
        old_only = self.headers.get("If-Match") is not None
        refused = (new_only and there and "new" not in self.ignored) or (
            old_only and "old" not in self.ignored
        )
        if not refused:
            self.objects[self.path] = content
        self._answer(412 if refused else 200)

    def do_GET(self) -> None:
        """Know nothing, list nothing."""
        self._answer(404)

    def _answer(self, status: int) -> None:
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.send_header("ETag", '"1"')
        self.end_headers()

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("ignored", [("new", "old"), ("new",), ("old",)])
def test_a_store_that_keeps_no_conditions_is_refused(
    ignored: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anything is written but the object that finds it out."""
    members = {"ignored": ignored, "objects": {}}
    handler = type("Handler", (_Careless,), members)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            monkeypatch.setenv("MINIO_ENDPOINT", address)
            monkeypatch.setenv("MINIO_ACCESS_KEY", "access")
            monkeypatch.setenv("MINIO_SECRET_KEY", "secret")
            registry = open_registry("s3a://bucket/place", load_settings())
            with pytest.raises(EnvironmentLackError, match="not keep condi"):
                registry.recover()
        finally:
            server.shutdown()
            thread.join()
    assert set(members["objects"]) == {"/bucket/place/conditional-writes.txt"}
