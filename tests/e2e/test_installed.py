"""The wheel alone, outside of any checkout: demo, a price, the app."""

import json
import os
import socket
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

pytestmark = [pytest.mark.spark, pytest.mark.e2e]
ROOT = Path(__file__).parents[2]
Installed = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def installed(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Installed:
    """Run a command of the wheel, in an environment that has what it asks for
    with the app, and nothing else."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
    subprocess.run([*build, f"--directory={folder}"], cwd=ROOT, check=True)
    (wheel,) = folder.glob("*.whl")
    programs = folder / "venv" / "bin"
    venv.create(folder / "venv", symlinks=True)
    pip = [sys.executable, "-m", "pip", "--quiet"]
    pip += [f"--python={programs / 'python'}", "install", "--no-deps"]
    subprocess.run([*pip, "--no-index", wheel], check=True)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    packages = asked_for("taxi-fare", {"app"}, path=site)
    assert {"pyspark", "streamlit"} <= set(packages)
    assert not {"xgboost", "pytest", "fastapi"} & set(packages)
    _link(packages, site)
    variables = {
        name: value
        for name, value in os.environ.items()
        if name not in {"PYTHONPATH", "VIRTUAL_ENV"}
    }

    def start(*arguments: str) -> "subprocess.Popen[str]":
        """Start it, in the folder of the test."""
        return subprocess.Popen(
            [str(programs / "taxi-fare"), *arguments],
            cwd=home,
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


def asked_for(
    name: str, extras: set[str], *, path: Path
) -> dict[str, Distribution]:
    """Find what a package asks for, and what that asks for, of ours."""
    found: dict[str, Distribution] = {}
    waiting = [(name, frozenset(extras))]
    known = set(waiting)
    for each, wanted in waiting:
        if each == name:
            (package,) = distributions(name=each, path=[str(path)])
        else:
            package = found[each] = distribution(each)
        for line in package.requires or ():
            need = Requirement(line)
            asks = need.marker is None or any(
                need.marker.evaluate({"extra": extra})
                for extra in (*wanted, "")
            )
            more = (canonicalize_name(need.name), frozenset(need.extras))
            if asks and more not in known:
                known.add(more)
                waiting.append(more)
    return found


def _link(packages: dict[str, Distribution], site: Path) -> None:
    """Put packages of this environment into another one."""
    for package in packages.values():
        tops = {file.parts[0] for file in package.files or ()}
        for top in tops - {"..", "__pycache__"}:
            if not (site / top).exists():
                (site / top).symlink_to(package.locate_file(top))


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
