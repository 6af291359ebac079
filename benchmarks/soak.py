"""
Ask two HTTP services for prices for some minutes, whatever happens to them.

Both serve one registry, in which another version becomes current every few
seconds; every so often one of them is killed, and started again. The clients
do what a balancer does: whom one does not answer asks the other. Every price
must be that of the version which the answer names.
"""

import argparse
import asyncio
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from taxi_fare.core.zones import find_zone
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.scoring.price import price_ride
from taxi_fare.scoring.ride import Ride

AT = "2023-06-15T17:30:00"
ASKED: dict[str, Any] = {
    "pickup": "JFK",
    "dropoff": "Times Sq",
    "at": AT,
    "miles": 17.0,
    "minutes": 45.0,
}
_CLIENTS = 8
_TURN_SECONDS, _KILL_SECONDS = 7.0, 60.0
_MIB = 2**20


@dataclass
class Seen:
    """What the clients saw."""

    answers: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    lost: int = 0
    again: int = 0
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


class Servers:
    """Two services of one registry."""

    def __init__(self, registry: Path) -> None:
        self.ports = [_free_port(), _free_port()]
        self._registry = registry
        self._processes = [self._start(port) for port in self.ports]

    def _start(self, port: int) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "taxi_fare", "serve"),
                *(f"--port={port}", f"--model-registry-path={self._registry}"),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, which: int) -> None:
        """Kill one as a machine that fails does, and start another."""
        self._processes[which].kill()
        self._processes[which].wait()
        self._processes[which] = self._start(self.ports[which])

    def memory(self) -> float:
        """Return the memory of the larger one, in MiB."""
        sizes = [psutil.Process(x.pid).memory_info() for x in self._processes]
        largest: int = max(each.rss for each in sizes)
        return largest / _MIB

    def end(self) -> None:
        """End both."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.wait()


def main() -> None:
    """Ask, turn, kill, and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--registry", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=10.0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        registry = Path(work) / "registry"
        shutil.copytree(arguments.registry, registry, symlinks=True)
        prices = _prices(registry)
        servers = Servers(registry)
        try:
            seen = asyncio.run(
                _soak(servers, registry, prices, arguments.minutes * 60)
            )
        finally:
            servers.end()
    _tell(seen)
    if seen.wrong or seen.lost:
        raise SystemExit(1)


def _prices(registry: Path) -> dict[str, float]:
    """Return what each version says of the ride."""
    ride = Ride(
        find_zone(ASKED["pickup"]),
        find_zone(ASKED["dropoff"]),
        distance=ASKED["miles"],
        minutes=ASKED["minutes"],
        at=datetime.fromisoformat(AT),
    )
    return {
        version.name: price_ride(
            ride, FarePredictor.load(version)
        ).explanation.prediction
        for version in (registry / "versions").glob("[!.]*")
    }


async def _soak(
    servers: Servers, registry: Path, prices: dict[str, float], seconds: float
) -> Seen:
    seen = Seen()
    for port in servers.ports:
        await _ready(port)
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(_client(k, servers, prices, seen, until) for k in range(_CLIENTS)),
        _turning(registry, [*prices], until),
        _killing(servers, seen, until),
    )
    return seen


async def _ready(port: int) -> None:
    for _ in range(240):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.25)
        else:
            writer.close()
            return
    raise SystemExit("a service did not start")


async def _turning(registry: Path, models: list[str], until: float) -> None:
    """Let another version be current, again and again."""
    turn = 0
    while time.perf_counter() < until:
        turn += 1
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "taxi_fare", "registry", "rollback"),
            *("--yes", "--reason=soak", f"--to={models[turn % len(models)]}"),
            f"--model-registry-path={registry}",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await process.wait()
        await asyncio.sleep(_TURN_SECONDS)


async def _killing(servers: Servers, seen: Seen, until: float) -> None:
    """Kill one after the other, and note what they take."""
    killed = 0
    after = time.perf_counter() + _KILL_SECONDS
    while time.perf_counter() < until:
        await asyncio.sleep(1)
        seen.memory.append(servers.memory())
        if time.perf_counter() > after:
            # In a thread: it waits for the process to be gone.
            await asyncio.to_thread(servers.kill, killed % 2)
            killed += 1
            after += _KILL_SECONDS


async def _client(
    number: int,
    servers: Servers,
    prices: dict[str, float],
    seen: Seen,
    until: float,
) -> None:
    """Ask one service, and the other where it does not answer."""
    body = json.dumps({"rides": [ASKED]}).encode()
    head = (
        "POST /v1/quotes HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    while (began := time.perf_counter()) < until:
        number += 1
        for attempt in range(2):
            port = servers.ports[(number + attempt) % 2]
            answer = await _asked(port, head.encode() + body)
            if answer is not None:
                break
            seen.again += 1
        seen.seconds.append(time.perf_counter() - began)
        if answer is None:
            seen.lost += 1
            continue
        model = answer["model_id"]
        seen.answers[model] += 1
        told = answer["quotes"][0]["price"]
        seen.wrong += abs(told - prices[model]) > 1e-6


async def _asked(port: int, request: bytes) -> dict[str, Any] | None:
    """Return an answer; None where there is none, or no price."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        head, _, body = answer.partition(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            return None
        document: dict[str, Any] = json.loads(body)
    except (OSError, ValueError):
        return None
    return document


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def _tell(seen: Seen) -> None:
    high = np.quantile(seen.seconds, 0.999) * 1_000
    half = len(seen.memory) // 2
    print(f"{sum(seen.answers.values()):,} answers by {len(seen.answers)}")
    print(f"wrong: {seen.wrong}, lost: {seen.lost}, asked again: {seen.again}")
    print(f"slowest of a thousand: {high:.0f} ms")
    print(
        f"memory: {max(seen.memory[:half]):.0f} MiB at most in the first half,"
        f" {max(seen.memory[half:]):.0f} in the second"
    )


if __name__ == "__main__":
    main()
