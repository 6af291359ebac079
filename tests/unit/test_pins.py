"""What is installed is pinned with its hash, and can be audited."""

import importlib.util
import json
import re
import subprocess
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = sorted(ROOT.glob("constraints*.txt"))
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda each: each.name)


def _read(lock: Path) -> list[tuple[Requirement, list[str]]]:
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return [
        (Requirement(_HASH.sub("", line)), _HASH.findall(line))
        for line in text.splitlines()
        if line and not line.startswith("#")
    ]


@each_lock
def test_each_package_has_one_version_and_its_hashes(lock: Path) -> None:
    """So that pip can install nothing else."""
    packages = _read(lock)
    assert packages
    for package, hashes in packages:
        assert re.fullmatch(r"==[^*,]+", str(package.specifier)), package
        assert package.url is None
        assert hashes, package


@each_lock
def test_no_lock_names_an_index(lock: Path) -> None:
    """Where packages come from is the user's own business."""
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?:|--\w*index|--find-links|@ ", text)


def _wanted() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    core = project["project"]["dependencies"]
    groups = project["dependency-groups"]
    return {
        "constraints.txt": core + extras["dev"] + extras["java"],
        "constraints-image.txt": core + extras["app"] + extras["figures"],
        "constraints-build.txt": groups["build"]
        + project["build-system"]["requires"],
        "constraints-airflow.txt": groups["airflow"],
    }


def test_each_lock_has_what_is_asked_for() -> None:
    """`make lock` was not forgotten: every name, in its range."""
    assert set(_wanted()) == {lock.name for lock in LOCKS}
    for lock, asked in _wanted().items():
        pinned = [each for each, _ in _read(ROOT / lock)]
        for line in asked:
            wanted = Requirement(line)
            versions = [
                str(each.specifier).removeprefix("==")
                for each in pinned
                if canonicalize_name(each.name)
                == canonicalize_name(wanted.name)
            ]
            assert versions, f"{line} is not in {lock}: run `make lock`"
            assert all(map(wanted.specifier.contains, versions)), line


def test_what_is_in_the_image_is_what_is_tested() -> None:
    """
    Versions and hashes are those of constraints.txt.

    What is tested may be asked for on more machines, by a test's package.
    """
    tested = {
        (each.name, str(each.specifier)): hashes
        for each, hashes in _read(ROOT / "constraints.txt")
    }
    for package, hashes in _read(ROOT / "constraints-image.txt"):
        assert tested[package.name, str(package.specifier)] == hashes


@pytest.mark.parametrize("file", ["Makefile", "deploy/Dockerfile"])
def test_whatever_installs_packages_asks_for_hashes(file: str) -> None:
    """All but the project itself, which is installed without an index."""
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    calls = re.findall(r"pip install [^&\n]*", text)
    assert calls
    for call in calls:
        assert "--require-hashes" in call or (
            "--no-index" in call and "--no-deps" in call
        ), call


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    """The program behind ``make audit``."""
    file = ROOT / "scripts" / "audit.py"
    spec = importlib.util.spec_from_file_location("audit", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _answer(
    *packages: dict[str, Any], errors: str = ""
) -> subprocess.CompletedProcess[str]:
    said = json.dumps({"dependencies": packages, "fixes": []})
    return subprocess.CompletedProcess(
        [], int(bool(errors)), "" if errors else said, errors
    )


SOUND = {"name": "idna", "version": "3.20", "vulns": []}
SKIPPED = {"name": "numpy", "skip_reason": "Dependency not found"}
FLAW = {"id": "PYSEC-1", "fix_versions": ["3.2"], "aliases": []}
FLAWED = {"name": "jinja2", "version": "3.1", "vulns": [FLAW]}


@pytest.mark.parametrize(
    ("packages", "words", "found"),
    [
        ([SOUND], "None known.", False),
        ([SOUND, FLAWED], "jinja2 3.1: PYSEC-1, mended in 3.2", True),
        ([FLAWED, SKIPPED], "Nothing is known of numpy.", True),
        ([SOUND, SKIPPED], "Nothing is known of numpy.", False),
        ([SKIPPED], "No database of advisories can be reached", False),
    ],
)
def test_an_advisory_is_told_from_no_answer(
    audit: ModuleType,
    packages: list[dict[str, Any]],
    words: str,
    found: bool,
) -> None:
    """Packages that nobody knows are not packages without a flaw."""
    lines, flawed = audit.advisories(_answer(*packages))
    assert flawed is found
    assert words in "\n".join(lines)
    assert ("None known." in lines) is (not found and SOUND in packages)


def test_a_database_out_of_reach_is_one_line(audit: ModuleType) -> None:
    """And no failure: the rest of the list is worth having."""
    last = "requests.exceptions.ConnectionError: Failed to resolve 'host'"
    errors = f"Traceback …\n{last}\n"
    lines, flawed = audit.advisories(_answer(errors=errors))
    assert not flawed
    assert lines == [f"No database of advisories can be reached: {last}"]


def test_a_question_that_cannot_be_asked_is_a_fault(
    audit: ModuleType,
) -> None:
    """A broken list is not a network that is away."""
    errors = "ERROR:pip_audit._cli:requirement idna does not contain a hash"
    lines, flawed = audit.advisories(_answer(errors=errors))
    assert flawed
    assert lines == [f"pip-audit cannot ask: {errors}"]


def test_jars_images_and_servers_are_listed(audit: ModuleType) -> None:
    """With their licences; nothing is unpinned today."""
    assert len(audit.jars()) == 54
    assert all(
        re.match(r"(Apache-2\.0|EPL|MIT)", line) for line in audit.jars()
    )
    assert [line.split()[0] for line in audit.images()] == ["pinned"] * 2
    assert [line.split()[0] for line in audit.servers()] == [
        "minio",
        "versitygw",
    ]


def test_an_image_without_a_digest_is_told(
    audit: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In whichever way one is named."""
    digest = "sha256:" + "0" * 64
    (tmp_path / "Dockerfile").write_text(
        f"ARG A_IMAGE=one:1@{digest}\nARG B_IMAGE=two:2\n"
        "FROM ${A_IMAGE} AS a\nFROM three:3\nFROM a AS b\n"
    )
    (tmp_path / "compose.yaml").write_text(
        "    image: localhost/ours:1\n    image: four:4\n"
    )
    monkeypatch.setattr(audit, "DEPLOY", tmp_path)
    assert audit.images() == [
        f"pinned     one:1@{digest}",
        "NOT PINNED two:2",
        "NOT PINNED three:3",
        "NOT PINNED four:4",
    ]
