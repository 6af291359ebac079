"""The server of a registry dies in the middle of a change."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def any_server(start_server: Callable[[str], Any]) -> Any:
    """A MinIO of the test's own, which it may kill."""
    return start_server("minio")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "name", ["part-00000", "manifest.json", "model_registry.json"]
)
def test_the_server_dies_in_the_middle_of_a_commit(
    name: str, when: str, bench: Any, steps: ModuleType
) -> None:
    """
    Exit 7; when it is back, the old model or the new one is current.

    Before it writes an object, and before it says that it has done so.
    """
    url = f"s3a://{bench.bucket}/place"
    dry_run = f"s3a://{bench.bucket}/dry"
    for place in (url, dry_run):
        steps.commit(bench.open_at(place), "model-1")
    bench.proxy.arm(0, when, bench.server.kill)
    assert bench.taker.take("promote", dry_run, bench.proxy.endpoint) == 0
    moment = next(
        number
        for number, request in enumerate(bench.proxy.seen, start=1)
        if request.startswith("PUT ") and request.endswith(f"/{name}")
    )
    bench.proxy.arm(moment, when, bench.server.kill)
    code = bench.taker.take("promote", url, bench.proxy.endpoint)
    assert code == 7
    words = bench.taker.end()
    assert "cannot be reached" in words
    assert bench.server.secret_key not in words
    unsure = name == "model_registry.json"
    assert ("Whether model-6 was recorded is not known" in words) is unsure
    bench.server.start()
    registry = bench.open_at(url)
    current = registry.read().current
    done = unsure and when == "after"
    assert current == ("model-6" if done else "model-1")
    assert registry.versions.damaged_files(current) == []
    steps.commit(bench.open_at(url), "model-7")
    assert bench.open_at(url).read().current == "model-7"
