"""Grounds with months and two models, laid once and copied for each attack."""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import obstore
from ground import BUCKET, Ground, good, lay_raw
from s3_servers import StoreServer

KINDS = ("folder", "minio", "versitygw")
# The next model is better, so that it is promoted.
BETTER = {"TAXI_FARE_GBT__MAX_ITER": "6"}


@dataclass
class Stage:
    """
    What the attacks share.

    Parameters
    ----------
    folder : Path
        Everything is below it, and removed at the end.
    scale : float
        Share of the full number of tries.
    seed : int
        Of everything that is drawn.
    """

    folder: Path
    scale: float
    seed: int
    servers: list[StoreServer] = field(default_factory=list)
    grounds: dict[str, Ground] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def times(self, full: int) -> int:
        """How many tries of a full number are made."""
        return max(1, round(full * self.scale))

    def server(self, kind: str) -> StoreServer:
        """Start a server of a kind, with an empty bucket."""
        place = self.folder / f"{kind}-{len(self.servers)}"
        server = StoreServer(kind, place / "data")
        self.servers.append(server)
        place.mkdir(parents=True)
        server.start()
        server.make_bucket(BUCKET)
        return server

    def empty(self, name: str, kind: str) -> Ground:
        """Give a ground with raw months, and nothing else."""
        server = None if kind == "folder" else self.server(kind)
        ground = Ground(self.folder / f"ground-{name}", server)
        lay_raw(ground.home)
        return ground

    def ground(self, kind: str) -> Ground:
        """Give the ground of a kind: months, and two models in turn."""
        if kind not in self.grounds:
            ground = self.empty(kind, kind)
            good(ground.run(*ground.ingest()))
            good(ground.run(*ground.train("2023-04")))
            ground.more |= BETTER
            good(ground.run(*ground.train("2023-05")))
            self.grounds[kind] = ground
        return self.grounds[kind]

    def end(self) -> None:
        """Stop the servers."""
        for server in self.servers:
            server.kill()


def state_of(ground: Ground) -> dict[str, Any]:
    """Read the state of a registry, without the code under test."""
    if ground.server:
        store = ground.server.store(BUCKET)
        key = "registry/model_registry.json"
        content = bytes(obstore.get(store, key).bytes())
    else:
        content = (ground.home / "registry/model_registry.json").read_bytes()
    state: dict[str, Any] = json.loads(content)
    return state


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Say on stdout how long an attack took."""
    began = time.monotonic()
    yield
    print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
