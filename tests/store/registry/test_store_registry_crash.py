"""A registry in a store: killed anywhere, or written by many at once."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import obstore
import pytest

from taxi_fare.registry.in_store.registry import StoreRegistry
from taxi_fare.registry.records import RegistryState

OpenRegistry = Callable[..., StoreRegistry]


def _check_whole(
    registry: StoreRegistry, *, url: str, recent: int = 3
) -> RegistryState:
    """Read, and load what Spark would; then tidy up: nothing is left."""
    state = registry.read()
    for model_id in filter(None, (state.current, state.candidate)):
        assert registry.versions.damaged_files(model_id) == [], url
        copy = registry.versions.path(model_id)
        text = (copy / "metadata" / "part-00000").read_text()
        assert text == model_id
    registry.recover()
    after = registry.read()
    assert (after.slots, after.history) == (state.slots, state.history)
    named = after.named(recent=recent)
    assert registry.versions.names() <= named
    return after


def _copy(server: Any, bucket: str, source: str, target: str) -> None:
    """Copy the objects of a registry."""
    place = server.store(bucket)
    for batch in obstore.list(place, f"{source}/"):
        for each in batch:
            path = each["path"].removeprefix(source)
            content = obstore.get(place, each["path"]).bytes()
            obstore.put(place, f"{target}{path}", bytes(content))


def _versions(server: Any, bucket: str, root: str) -> set[str]:
    """The versions of which any object is there."""
    prefix = f"{root}/versions/"
    return {
        each["path"].removeprefix(prefix).split("/")[0]
        for batch in obstore.list(server.store(bucket), prefix)
        for each in batch
    }


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    ("step", "models"),
    [
        ("first", (None, "model-1")),
        ("promote", ("model-5", "model-6")),
        ("rollback", ("model-5", "model-4")),
    ],
)
def test_killed_at_any_request_the_registry_stays_whole(
    step: str,
    models: tuple[str | None, str],
    when: str,
    bench: Any,
    steps: ModuleType,
) -> None:
    """Old model or new model, never neither; and the step can be repeated.

    Before each request to the store, and when the store has done what it
    was asked but nobody heard of it.
    """
    old, new = models
    server, bucket, open_at = bench.server, bench.bucket, bench.open_at
    proxy, taker = bench.proxy, bench.taker
    before = open_at(f"s3a://{bucket}/before")
    if old is not None:
        for number in range(1, 6):
            steps.commit(before, f"model-{number}")
    generation = before.read().generation
    seen, moment = set(), 0
    while True:
        moment += 1
        root = f"{moment}"
        url = f"s3a://{bucket}/{root}"
        _copy(server, bucket, "before", root)
        proxy.arm(moment, when, taker.kill)
        code = taker.take(step, url, proxy.endpoint)
        assert code in {0, -9}
        registry = open_at(url, abandoned_after_hours=1e-9)
        state = _check_whole(registry, url=url)
        assert state.current in {old, new}
        assert _versions(server, bucket, root) <= state.named(recent=3)
        done = len(state.history) > len(before.read().history)
        seen.add(done)
        if code == 0:
            assert (state.current, done) == (new, True)
            break
        if not done:
            again = open_at(url)
            if step == "rollback":
                steps.rollback(again)
            else:
                steps.commit(again, "model-7")  # as every run has a new name
            expected = new if step == "rollback" else "model-7"
            assert _check_whole(again, url=url).current == expected
    assert moment > 8
    assert seen == {True, False}
    assert before.read().generation == generation


def test_a_lost_answer_is_no_lost_decision(bench: Any) -> None:
    """The client asks again and is refused by its own change: it is told."""
    proxy = bench.proxy
    moment = 0
    while True:
        moment += 1
        url = f"s3a://{bench.bucket}/{moment}"
        proxy.arm(moment, "after", lambda: None)
        assert bench.taker.take("first", url, proxy.endpoint) == 0
        state = bench.open_at(url).read()
        assert state.current == "model-1"
        assert len(state.history) == state.generation == 1
        if proxy.requests < moment:
            break
    assert moment > 8


def _together(
    orders: Iterable[dict[str, Any]], steps: ModuleType, server: Any
) -> list[int]:
    """Take steps at the same moment; return how they ended."""
    processes = [
        subprocess.Popen(
            [sys.executable, steps.__file__],
            env=os.environ | server.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in orders
    ]
    for each in processes:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each, order in zip(processes, orders, strict=True):
        assert each.stdin is not None
        each.stdin.write(json.dumps(order) + "\n")
        each.stdin.flush()
    for each in processes:
        each.communicate()
    return [each.returncode for each in processes]


@pytest.mark.parametrize("attempts", [100, 1])
def test_of_eight_processes_one_wins_each_generation(
    attempts: int,
    url: str,
    any_server: Any,
    steps: ModuleType,
    open_at: OpenRegistry,
) -> None:
    """Who loses decides again, or ends with 75; no decision is lost.

    From the first write on: the registry is not there yet.
    """
    orders = [
        {
            "step": f"model-{number}",
            "url": url,
            "endpoint": any_server.endpoint,
            "attempts": attempts,
        }
        for number in range(8)
    ]
    codes = _together(orders, steps, any_server)
    registry = open_at(url, keep_versions=12, abandoned_after_hours=1e-9)
    state = _check_whole(registry, url=url, recent=12)
    recorded = [each.model_id for each in state.history]
    winners = {f"model-{n}" for n, code in enumerate(codes) if code == 0}
    assert sorted(recorded) == sorted(winners)
    assert set(codes) <= ({0} if attempts > 1 else {0, 75})
    assert recorded
    assert registry.versions.names() == winners
    # Each was decided against the one before it: nobody was overtaken.
    against = [each.compared_with for each in state.history]
    assert against == [None, *recorded[:-1]]
