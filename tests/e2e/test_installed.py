"""The wheel alone, outside of any checkout: demo, a price, the app."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

pytestmark = [pytest.mark.spark, pytest.mark.e2e]
ROOT = Path(__file__).parents[2]
Installed = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def installed(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """Run a command of the wheel; what it depends on is ours."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
    subprocess.run([*build, f"--directory={folder}"], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    place = folder / "site"
    subprocess.run(
        [*pip, "--no-index", f"--target={place}", wheel], check=True
    )
    # Ours would be found first, in the checkout.
    variables = os.environ | {"PYTHONPATH": str(place)}

    def start(*arguments: str) -> "subprocess.Popen[str]":
        """Start it, in the folder of the test."""
        return subprocess.Popen(
            [sys.executable, "-m", "taxi_fare", *arguments],
            cwd=home,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def _ended(process: "subprocess.Popen[str]") -> str:
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return out


def test_the_wheel_alone_gives_everything(installed: Installed) -> None:
    """The demo, a price of its model, and the app on it."""
    shown = _ended(installed("demo", "--trips=1000"))
    assert "taxi-fare dashboard --demo" in shown
    ride = ("--pickup=JFK", "--dropoff=Times Sq", "--at=2023-06-15 17:30")
    registry = "--model-registry-path=demo/models/registry"
    price = json.loads(_ended(installed("quote", *ride, registry, "--json")))
    assert 20 < price["prediction"] < 300
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    app = installed("dashboard", "--demo", f"--port={port}")
    try:
        address = f"http://localhost:{port}/_stcore/health"
        for _ in range(200):
            assert app.poll() is None, app.communicate()
            try:
                if httpx.get(address).text == "ok":
                    break
            except httpx.TransportError:
                time.sleep(0.2)
        else:
            pytest.fail("the app does not answer")
    finally:
        app.terminate()
        app.communicate()
