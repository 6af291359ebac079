"""
Ask the HTTP service for prices, as many at once as clients do, and time it.

A model is trained on simulated months (or --registry names one); the service
runs in a process of its own, and the clients in this one: both share the
machine. Told are requests a second and quantiles of seconds, of single rides
after and before they happen, and of many rides in one request.
"""

import argparse
import asyncio
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil

BEFORE: dict[str, Any] = {
    "pickup": "JFK",
    "dropoff": "Times Sq",
    "at": "2023-06-15T17:30:00",
}
AFTER = BEFORE | {"miles": 17.0, "minutes": 45.0}
_MIB = 2**20


def main() -> None:
    """Serve, ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    cases = {
        "1 ride after it": [AFTER],
        "1 ride before it": [BEFORE],
        "1,000 rides after": [AFTER] * 1_000,
        "1,000 rides before": [BEFORE] * 1_000,
    }
    with (
        tempfile.TemporaryDirectory(prefix="taxi_fare-") as work,
        _served(arguments.registry or _trained(Path(work))) as (port, server),
    ):
        print("| request | clients | a second | p50 ms | p99 ms | MiB |")
        print("|---|---|---|---|---|---|")
        for name, rides in cases.items():
            clients = arguments.clients if len(rides) == 1 else 1
            seconds = asyncio.run(
                _asked(port, rides, clients, arguments.seconds)
            )
            middle, high = np.quantile(seconds, [0.5, 0.99]) * 1_000
            rate = len(seconds) / arguments.seconds
            size = server.memory_info().rss / _MIB
            print(
                f"| {name} | {clients} | {rate:,.0f} | {middle:.1f} |"
                f" {high:.1f} | {size:.0f} |",
                flush=True,
            )


def _trained(work: Path) -> Path:
    """Train on simulated months; the demo does."""
    subprocess.run(
        [sys.executable, "-m", "taxi_fare", "demo"], cwd=work, check=True
    )
    (state,) = work.rglob("model_registry.json")
    return state.parent


@contextmanager
def _served(registry: Path) -> Iterator[tuple[int, psutil.Process]]:
    command = (
        *(sys.executable, "-m", "taxi_fare", "serve", "--port=0"),
        f"--model-registry-path={registry.absolute()}",
    )
    with (
        tempfile.TemporaryDirectory() as elsewhere,
        subprocess.Popen(
            command, cwd=elsewhere, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        if process.stderr is None:
            raise TypeError("a process without a pipe")
        started = time.perf_counter()
        for line in process.stderr:
            found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
            if found:
                break
        else:
            raise SystemExit("the service did not start")
        print(f"Started in {time.perf_counter() - started:.1f} s")
        # What it says from now on must not fill the pipe.
        drain = subprocess.Popen(
            ["cat"], stdin=process.stderr, stdout=subprocess.DEVNULL
        )
        try:
            yield int(found[1]), psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()
            drain.wait()


async def _asked(
    port: int, rides: list[dict[str, Any]], clients: int, seconds: float
) -> list[float]:
    """Return how long each request took, of some clients at once."""
    body = json.dumps({"rides": rides}).encode()
    head = (
        "POST /v1/quotes HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        "\r\n"
    )
    until = time.perf_counter() + seconds
    request = head.encode() + body
    found = await asyncio.gather(
        *(_client(port, request, until) for _ in range(clients))
    )
    return [each for one in found for each in one]


async def _client(port: int, request: bytes, until: float) -> list[float]:
    """Ask again and again on one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
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
