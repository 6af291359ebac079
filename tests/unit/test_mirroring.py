"""What MLflow is told of a decision, and what goes with a model."""

import json
import re
import subprocess
import sys
from importlib.metadata import requires
from pathlib import Path
from typing import Any

import pytest
import requests
from mlflow.exceptions import MlflowException

from taxi_fare.core.errors import TemporaryError
from taxi_fare.core.manifest import Manifest
from taxi_fare.mirroring.facts import facts_of, tags_of_version
from taxi_fare.mirroring.tracker import mlflow_errors
from taxi_fare.registry.records import HistoryEntry

DOCUMENTS = Path(__file__).parents[1] / "data" / "documents"
MANIFEST = Manifest.model_validate_json(
    (DOCUMENTS / "manifest.json").read_text()
)


def _entry(**changes: Any) -> HistoryEntry:
    entry = {
        "run_id": MANIFEST.run_id,
        "run_key": MANIFEST.run_key,
        "model_id": MANIFEST.model_id,
        "timestamp": "2026-01-01T00:10:00+00:00",
        "event": "promoted",
        "reason": "2 of 3 metrics improve",
        "train_months": ["2023-03", "2023-04", "2023-05"],
        "test_month": "2023-06",
        "metrics": {"rmse": 5.0, "mae": 2.0, "r2": 0.9},
        "compared_with": "before",
        "current_metrics": {"rmse": 6.0, "mae": 2.5, "r2": 0.8},
        "gains": {
            "rmse": {"gain": 0.1, "interval": [0.05, 0.15], "better_share": 1},
            "mae": {"gain": None, "interval": None, "better_share": None},
        },
        "simulated": True,
    }
    return HistoryEntry.model_validate(entry | changes)


def test_a_run_tells_what_its_manifest_knows() -> None:
    """Its own figures, how it was built, on what, and how long it took."""
    facts = facts_of(_entry(), MANIFEST)
    assert facts.name == MANIFEST.model_id
    assert facts.metrics["rmse"] == MANIFEST.metrics["rmse"]
    assert facts.metrics["current.mae"] == 2.5
    assert facts.metrics["gain.rmse.lower"] == 0.05
    assert "gain.mae" not in facts.metrics
    assert facts.metrics["train_rows"] == MANIFEST.data.train_rows
    assert facts.parameters["recipe"] == MANIFEST.recipe.name
    assert {each.month for each in facts.data} == {*MANIFEST.fingerprints}
    took = 1000 * sum(MANIFEST.seconds.values())
    assert facts.ended - facts.started == pytest.approx(took, abs=2)
    assert all(facts.tags.values())


def test_a_person_who_decides_made_no_model() -> None:
    """What the model's own run measured is not this decision's."""
    entry = _entry(
        run_id="by-hand", run_key=None, decided_by="person", reason="why"
    )
    facts = facts_of(entry, MANIFEST)
    assert facts.name == f"promoted {MANIFEST.model_id}"
    assert facts.tags["taxi_fare.run_id"] == "by-hand"
    assert facts.tags["taxi_fare.decided_by"] == "person"
    assert "taxi_fare.run_key" not in facts.tags
    assert facts.data == ()
    assert facts.started == facts.ended


def test_of_a_pruned_version_history_is_told() -> None:
    """No manifest: the figures are those of the decision."""
    facts = facts_of(_entry(), None)
    assert facts.metrics["rmse"] == 5.0
    assert facts.parameters == {
        "train_months": "2023-03, 2023-04, 2023-05",
        "test_month": "2023-06",
    }


def test_a_long_reason_loses_its_end() -> None:
    """MLflow refuses tags that are longer."""
    facts = facts_of(_entry(reason="x" * 9_000), None)
    assert max(map(len, facts.tags.values())) == 5_000


def test_a_version_is_found_by_its_tags() -> None:
    """Run key, fingerprints and commit; what is not known is left out."""
    tags = tags_of_version(MANIFEST)
    assert tags["taxi_fare.model_id"] == MANIFEST.model_id
    assert tags["taxi_fare.run_key"] == MANIFEST.run_key
    told = json.loads(tags["taxi_fare.fingerprints"])
    assert told == MANIFEST.fingerprints
    bare = MANIFEST.model_copy(update={"git_commit": None})
    assert "taxi_fare.git_commit" not in tags_of_version(bare)


def test_what_is_required_of_a_place_that_serves_is_what_is_imported() -> None:
    """Without Spark: a model that is served elsewhere needs no more."""
    from taxi_fare.mirroring.packaged import _NEEDED

    program = (
        "import json, sys; before = {*sys.modules}\n"
        "import taxi_fare.mirroring.served\n"
        "from importlib.metadata import packages_distributions as found\n"
        "new = {x.partition('.')[0] for x in {*sys.modules} - before}\n"
        "names = found()\n"
        "print(json.dumps([y for x in new for y in names.get(x, [])]))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {_plain(x) for x in json.loads(answer.stdout)}
    # Whatever pip brings with these, and what every Python begins with.
    allowed = {
        "taxi-fare",
        "setuptools",
        "distutils-precedence",
        "cloudpickle",
    }
    waiting = [*_NEEDED]
    while waiting:
        name = _plain(waiting.pop())
        if name not in allowed:
            allowed.add(name)
            needed = [x for x in requires(name) or [] if "extra ==" not in x]
            waiting += [re.split(r"[^\w.-]", x)[0] for x in needed]
    assert imported <= allowed
    assert "pyspark" not in imported


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


@pytest.mark.parametrize(
    "error",
    [
        requests.ConnectionError("reset by peer"),
        requests.HTTPError("502 Server Error"),
        MlflowException("no answer"),
    ],
)
def test_what_the_way_to_mlflow_does_is_worth_another_attempt(
    error: Exception,
) -> None:
    """Files go over HTTP past MLflow's own exceptions."""
    with (
        pytest.raises(TemporaryError, match="did not take it"),
        mlflow_errors(),
    ):
        raise error
