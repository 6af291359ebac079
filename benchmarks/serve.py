"""
Ask the HTTP service for prices, as many at once as clients do, and time it.

A model is trained on simulated months (or --registry names one); the service
runs in a process of its own, and the clients in this one: both share the
machine. Told are requests a second and quantiles of seconds, of single rides
after and before they happen, and of many rides in one request; then, with
--mlflow, of the same model served by `mlflow models serve`.
"""

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from taxi_fare.core.manifest import Manifest
from taxi_fare.core.registry_files import MANIFEST
from taxi_fare.mirroring.packaged import EXAMPLE, package

BEFORE: dict[str, Any] = {
    "pickup": "JFK",
    "dropoff": "Times Sq",
    "at": "2023-06-15T17:30:00",
}
AFTER = BEFORE | {"miles": 17.0, "minutes": 45.0}
_MIB = 2**20
_LONGEST_ANSWER = 8 * _MIB


@dataclass(frozen=True)
class Case:
    """What is asked, of which server, by how many at once."""

    name: str
    path: str
    body: bytes
    clients: int

    @property
    def request(self) -> bytes:
        """All of it, as it goes over the wire."""
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\n"
            "Content-Type: application/json\r\n"
            f"Content-Length: {len(self.body)}\r\n\r\n"
        )
        return head.encode() + self.body


def main() -> None:
    """Serve, ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--mlflow", action="store_true")
    arguments = parser.parse_args()

    # How many rides a request holds, and how many clients ask at once.
    sizes = {1: arguments.clients, 1_000: 1}
    ours = [
        Case(
            f"{_rides(number)} {when}",
            "/v1/quotes",
            json.dumps({"rides": [ride] * number}).encode(),
            clients,
        )
        for number, clients in sizes.items()
        for when, ride in {"after it": AFTER, "before it": BEFORE}.items()
    ]
    theirs = [
        Case(
            f"{_rides(number)}, MLflow",
            "/invocations",
            json.dumps({"dataframe_records": [EXAMPLE] * number}).encode(),
            clients,
        )
        for number, clients in sizes.items()
    ]
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        registry = arguments.registry or _trained(Path(work))
        print("| request | clients | a second | p50 ms | p99 ms | MiB |")
        print("|---|---|---|---|---|---|")
        with _served(_our_command(registry)) as server:
            _time(ours, server, arguments.seconds)
        if arguments.mlflow:
            model = _packaged(registry, Path(work) / "model")
            with _served(_mlflows_command(model)) as server:
                _time(theirs, server, arguments.seconds)


def _rides(number: int) -> str:
    return "1 ride" if number == 1 else f"{number:,} rides"


def _time(
    cases: Sequence[Case], server: tuple[int, psutil.Process], seconds: float
) -> None:
    port, process = server
    for case in cases:
        took = asyncio.run(_asked(port, case, seconds))
        middle, high = np.quantile(took, [0.5, 0.99]) * 1_000
        family = [process, *process.children(recursive=True)]
        size = sum(each.memory_info().rss for each in family) / _MIB
        print(
            f"| {case.name} | {case.clients} | {len(took) / seconds:,.0f} |"
            f" {middle:.1f} | {high:.1f} | {size:.0f} |",
            flush=True,
        )


def _packaged(registry: Path, folder: Path) -> Path:
    """Write the model in production as `registry mirror` hands it over."""
    version = (registry / "current").resolve()
    manifest = Manifest.model_validate_json((version / MANIFEST).read_text())
    package(version, manifest, into=folder)
    return folder


def _our_command(registry: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "taxi_fare", "serve", "--port=0"),
        f"--model-registry-path={registry.absolute()}",
    ]


def _mlflows_command(model: Path) -> list[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return [
        *(sys.executable, "-m", "mlflow", "models", "serve"),
        *(f"--model-uri={model}", f"--port={port}", "--env-manager=local"),
    ]


def _trained(work: Path) -> Path:
    """Train on simulated months; the demo does."""
    subprocess.run(
        [sys.executable, "-m", "taxi_fare", "demo"], cwd=work, check=True
    )
    (state,) = work.rglob("model_registry.json")
    return state.parent


@contextmanager
def _served(command: list[str]) -> Iterator[tuple[int, psutil.Process]]:
    """Start a server; it says where it listens."""
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        subprocess.Popen(
            command,
            cwd=elsewhere,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        if process.stderr is None:
            raise TypeError("a process without a pipe")
        for line in process.stderr:
            found = re.search(r"http://127\.0\.0\.1:(\d+) \(Press", line)
            if found:
                break
        else:
            raise SystemExit("the service did not start")
        # What it says from now on must not fill the pipe.
        drain = subprocess.Popen(
            ["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL
        )
        try:
            yield int(found[1]), psutil.Process(process.pid)
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            drain.wait()


async def _asked(port: int, case: Case, seconds: float) -> list[float]:
    """Return how long each request took, of some clients at once."""
    until = time.perf_counter() + seconds
    found = await asyncio.gather(
        *(_client(port, case.request, until) for _ in range(case.clients))
    )
    return [each for one in found for each in one]


async def _client(port: int, request: bytes, until: float) -> list[float]:
    """Ask again and again on one connection."""
    # A whole answer fits: else the client's own waiting would be timed.
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, limit=_LONGEST_ANSWER
    )
    took = []
    while (started := time.perf_counter()) < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"answered {head[:60]!r}")
        length = re.search(rb"content-length: (\d+)", head)
        if length is None:
            raise SystemExit("an answer without a length")
        await reader.readexactly(int(length[1]))
        took.append(time.perf_counter() - started)
    writer.close()
    return took


if __name__ == "__main__":
    main()
