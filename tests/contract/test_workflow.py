"""The files of other services say what the project's own files say."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_the_workflow_runs_what_must_pass() -> None:
    """`.ci/run`, with the versions that the images are built with."""
    text = (ROOT / ".github" / "workflows" / "ci.yml").read_text()
    (job,) = yaml.safe_load(text)["jobs"].values()
    assert job["steps"][-1] == {"run": ".ci/run"}
    given = {
        name: value
        for step in job["steps"]
        for name, value in step.get("with", {}).items()
    }
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    python = re.search(r"PYTHON_IMAGE=python:(\d+\.\d+)\.", image)
    go = re.search(r"GO_IMAGE=golang:(\d+\.\d+)\.", image)
    java = re.search(r"openjdk-(\d+)-jre", image)
    assert python and go and java
    assert given["python-version"] == python[1]
    assert given["go-version"] == go[1]
    assert given["java-version"] == java[1]


def test_the_container_for_development_is_built_of_the_same() -> None:
    """Base images of the same digests, Java, and what makes the rest."""
    folder = ROOT / ".devcontainer"
    plain = re.sub(
        r"^\s*//.*$",
        "",
        (folder / "devcontainer.json").read_text(),
        flags=re.MULTILINE,
    )
    document = json.loads(plain)
    assert document["postCreateCommand"] == "make env"
    own = (folder / document["build"]["dockerfile"]).read_text()
    image = (ROOT / "deploy" / "Dockerfile").read_text()
    bases = re.findall(r"^ARG \w+_IMAGE=.*$", image, re.MULTILINE)
    assert len(bases) == 2
    assert re.findall(r"^ARG \w+_IMAGE=.*$", own, re.MULTILINE) == bases
    (java,) = re.findall(r"openjdk-\d+-jre-headless", image)
    assert java in own
