"""The files of other services say what the project's own files say."""

import json
import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]


def test_the_workflow_runs_what_must_pass() -> None:
    """`.ci/run` with the versions that the project is built and tested with."""
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


def test_the_container_for_development_makes_the_environment() -> None:
    """With the same versions, and a file that its readers can read."""
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text()
    plain = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
    document = json.loads(plain)
    assert document["postCreateCommand"] == "make env"
    versions = [each["version"] for each in document["features"].values()]
    assert versions == ["17", "1.25"]
    assert "python:3.11" in document["image"]
