"""The HTTP service on a socket, and registries with literal models."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from taxi_fare.core.columns import FEATURES
from taxi_fare.core.files import write_json
from taxi_fare.core.intervals import INTERVALS_FILE
from taxi_fare.core.routes import ROUTES_FILE
from taxi_fare.core.settings import Settings
from taxi_fare.registry.contract import ModelRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.trees import Node, Split
from taxi_fare.serving.app import create_app
from taxi_fare.serving.connection import Connection

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"


def literal_model() -> PortableModel:
    """
    Two trees: 20 dollars, 50 from 10.5 miles on; JFK and unknown codes more.

    The second tree asks for the pickup zone, then for the rate code.
    """
    miles, zone, code = (
        FEATURES.index(name)
        for name in ("trip_distance", "PULocationID", "RatecodeID")
    )
    nowhere: frozenset[int] = frozenset()
    return PortableModel(
        levels={
            "VendorID": ("1", "2"),
            "RatecodeID": ("1", "2", "unknown"),
            "payment_type": ("1",),
            "store_and_fwd_flag": ("N",),
            "PULocationID": ("132", "230"),
            "DOLocationID": ("230",),
        },
        trees=(
            (
                Node(30.0, Split(miles, 10.5, nowhere, 1, 2)),
                Node(20.0),
                Node(50.0),
            ),
            (
                Node(1.0, Split(zone, None, frozenset({0}), 1, 4)),
                Node(4.0, Split(code, None, frozenset({1, 2}), 2, 3)),
                Node(8.0),
                Node(2.0),
                Node(-0.5),
            ),
        ),
    )


def publish(registry: ModelRegistry, name: str, model: PortableModel) -> None:
    """Put a model into production, with routes and intervals."""
    registry.recover()
    manifest = json.loads((DOCUMENTS / "manifest.json").read_text())
    entry = {
        "run_id": f"run-{name}",
        "run_key": f"key-{name}",
        "model_id": name,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "event": "promoted",
        "reason": "for a test",
        "train_months": ["2023-03", "2023-04", "2023-05"],
        "test_month": "2023-06",
        "metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9},
        "simulated": True,
    }
    levels = {"levels": model.levels, "usual_levels": model.levels}
    with registry.staging(name) as folder:
        model.write(folder)
        for file, document in (
            (ROUTES_FILE, "routes.json"),
            (INTERVALS_FILE, "intervals.json"),
        ):
            text = (DOCUMENTS / document).read_text()
            write_json(folder / file, json.loads(text))
        registry.commit(
            folder,
            manifest=manifest
            | {"model_id": name, "simulated": True}
            | {"features": manifest["features"] | levels},
            entry=HistoryEntry.model_validate(entry),
            expected_current=registry.read().current,
            force=False,
        )


@contextmanager
def served(
    place: object, settings: Settings | None = None, **changes: Any
) -> Iterator[httpx.Client]:
    """Serve a registry on a socket, in a thread of this process."""
    quick = {"look_seconds": 0.05, "body_seconds": 0.5}
    sections = {"serving": quick | changes.pop("serving", {})}
    settings = settings or Settings.model_validate(sections | changes)
    connection: Any = partial(Connection, limits=settings.serving)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        config = uvicorn.Config(
            create_app(str(place), settings),
            http=connection,
            log_config=None,
            access_log=False,
            server_header=False,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [listening]}
        )
        thread.start()
        base = f"http://127.0.0.1:{port}"
        try:
            wait(lambda: server.started)
            with httpx.Client(base_url=base, timeout=20) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def wait(done: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.01)
