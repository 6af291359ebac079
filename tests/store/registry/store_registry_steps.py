"""Steps on a registry in a store, for tests that kill them.

Run as ``python store_registry_steps.py URL`` for one step (a JSON line on
stdin: it starts when the line comes), or with ``serve`` for one after the
other, each in a forked process of its own.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.settings import load_settings
from taxi_fare.registry.by_hand import roll_back
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.opening import open_registry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.registry.state import RegistryChangedError

# As a monthly run wrote it, with figures that do not matter.
MANIFEST = json.loads(
    (Path(__file__).parents[2] / "data/documents/manifest.json").read_text()
)


def entry(
    model_id: str,
    event: str = "promoted",
    *,
    run_key: str | None = None,
    compared_with: str | None = None,
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
            "compared_with": compared_with,
            "simulated": True,
        }
    )


def commit(
    registry: ModelRegistry,
    model_id: str,
    event: str = "promoted",
    *,
    run_key: str | None = None,
    attempts: int = 100,
) -> HistoryEntry:
    """Record a version the way the monthly run does."""
    registry.recover()
    while True:
        attempts -= 1
        current = registry.read().current
        decision = entry(
            model_id, event, run_key=run_key, compared_with=current
        )
        with registry.staging(model_id) as folder:
            (folder / "metadata").mkdir()
            (folder / "metadata" / "part-00000").write_text(model_id)
            try:
                return registry.commit(
                    folder,
                    manifest=dict(MANIFEST, model_id=model_id),
                    entry=decision,
                    expected_current=current,
                )
            except RegistryChangedError:
                if attempts < 1:
                    raise


def rollback(registry: ModelRegistry) -> None:
    """Go back to the model before."""
    roll_back(registry, run_id="back", reason="for a test")


STEPS: dict[str, Callable[[ModelRegistry], object]] = {
    "first": lambda registry: commit(registry, "model-1"),
    "promote": lambda registry: commit(registry, "model-6"),
    "rollback": rollback,
}


def take(order: dict[str, Any]) -> int:
    """Take one step; return the exit code of the command line."""
    os.environ["MINIO_ENDPOINT"] = order["endpoint"]
    registry = open_registry(order["url"], load_settings())
    try:
        if order["step"] in STEPS:
            STEPS[order["step"]](registry)
        else:
            attempts = order["attempts"]
            commit(registry, order["step"], attempts=attempts)
    except TaxiFareError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def serve() -> None:
    """Take a step for each line, in a process whose id is said first."""
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = take(json.loads(line))
            sys.stderr.flush()
            os._exit(code)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        serve()
    else:
        print("ready", flush=True)
        sys.exit(take(json.loads(sys.stdin.readline())))
