"""What the wheel holds and says, and what is run before a commit."""

import os
import re
import subprocess
import sys
import zipfile
from email import message_from_string
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PRE_COMMIT = ROOT / ".pre-commit-config.yaml"
# What is not Python, and nothing works without.
DATA = {
    "taxi_fare/__init__.pyi",
    "taxi_fare/py.typed",
    "taxi_fare/core/spark/jars.sha256",
    "taxi_fare/core/zones.csv",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target=wheel"]
    done = subprocess.run(
        [*build, f"--directory={folder}"],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("taxi_fare-*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_holds_the_whole_package(wheel: zipfile.ZipFile) -> None:
    """Every module, the types of the public API, and tables."""
    package = ROOT / "src" / "taxi_fare"
    modules = {
        file.relative_to(package.parent).as_posix()
        for file in package.rglob("*.py")
    }
    names = set(wheel.namelist())
    assert (modules | DATA) - names == set()


@pytest.mark.parametrize("folder", ["streamlit_app", "conf", "dags"])
def test_the_wheel_holds_what_lies_beside_the_package(
    wheel: zipfile.ZipFile, folder: str
) -> None:
    """All that git knows of the app, the settings and the DAGs."""
    listed = subprocess.run(
        ["git", "ls-files", folder],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    expected = {f"taxi_fare/shipped/{name}" for name in listed}
    assert expected
    assert expected <= set(wheel.namelist())


def test_the_wheel_says_whose_it_is(wheel: zipfile.ZipFile) -> None:
    """The license and its text, and that the types may be relied on."""
    (path,) = (
        name
        for name in wheel.namelist()
        if name.endswith(".dist-info/METADATA")
    )
    said = message_from_string(wheel.read(path).decode())
    assert said["License-Expression"] == "MIT"
    assert said["Author"] == "the taxi_fare authors"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    (text,) = (
        name for name in wheel.namelist() if name.endswith("licenses/LICENSE")
    )
    license_ = wheel.read(text).decode()
    assert license_.startswith("MIT License\n")
    assert "the taxi_fare authors" in license_


def _linted() -> list[str]:
    """Return the commands of ``make lint``."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    found = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert found is not None
    lines = found[1].replace("$(BIN)", ".venv/bin").splitlines()
    return [line.strip() for line in lines]


def test_a_commit_is_checked_as_make_lint_checks() -> None:
    """Each of its commands is a hook, and each hook one of them."""
    hooks = [
        hook
        for repo in yaml.safe_load(PRE_COMMIT.read_text("utf-8"))["repos"]
        for hook in repo["hooks"]
    ]
    assert [hook["entry"] for hook in hooks] == _linted()
    for hook in hooks:
        assert hook["language"] == "system", "nothing is fetched"
        assert not hook["pass_filenames"], "the whole project is checked"


def test_the_hooks_are_what_pre_commit_understands() -> None:
    """Its own schema says so."""
    program = Path(sys.executable).parent / "pre-commit"
    answer = subprocess.run(
        [program, "validate-config", PRE_COMMIT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
