"""OpenLineage is told what commands read and write, and changes nothing."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import UUID

import pytest
from openlineage.client.uuid import generate_new_uuid

from taxi_fare.cli.main import run
from taxi_fare.core.months import Month
from taxi_fare.core.usage import noting
from taxi_fare.lake.simulated.month import simulate_month

Event = dict[str, Any]
Events = Callable[[], list[Event]]
PARENT = f"airflow/dag/with.slash/{generate_new_uuid()}"


@pytest.fixture(autouse=True)
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A raw month, beside the working directory."""
    monkeypatch.chdir(tmp_path)
    month = Month("2023-01")
    simulate_month(
        tmp_path / f"raw/yellow_tripdata_{month}.parquet",
        month=month,
        trips=50,
        seed=3,
    )
    return tmp_path / "raw"


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Events:
    """Tell a file; what it holds."""
    file = tmp_path / "events.jsonl"
    config = {
        "type": "file",
        "log_file_path": str(file),
        "append": True,
    }
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT", json.dumps(config))
    return lambda: [
        json.loads(line)
        for line in (file.read_text().splitlines() if file.exists() else [])
    ]


def _ingest(*more: str) -> int:
    return run(["ingest", "--months=2023-01", "--source=raw", "--json", *more])


def _names(event: Event, kind: str) -> list[str]:
    here = str(Path.cwd())
    return [
        each["name"].removeprefix(f"{here}/")
        for each in event[kind]
        if each["namespace"] == "file"
    ]


def test_a_command_tells_what_it_reads_and_writes(told: Events) -> None:
    """From the raw month to the lake, and the report beside it."""
    assert _ingest("--data-base-path=lake") == 0
    start, end = told()
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert end["job"]["name"] == "taxi_fare.ingest"
    assert _names(end, "inputs") == ["raw/yellow_tripdata_2023-01.parquet"]
    assert _names(end, "outputs") == [
        "lake/2023/01",
        "reports/validation_report.json",
    ]
    (raw,) = end["inputs"]
    assert len(raw["facets"]["version"]["datasetVersion"]) == 64
    assert start["outputs"] == []


def test_a_command_that_fails_says_why(told: Events) -> None:
    """And has written nothing."""
    code = run(["check", "data", "--test-month=2029-01"])
    assert code == 3
    start, end = told()
    assert end["eventType"] == "FAIL"
    assert end["job"]["name"] == start["job"]["name"] == "taxi_fare.check.data"
    message = end["run"]["facets"]["errorMessage"]["message"]
    assert "DATA NOT FOUND" in message
    assert end["outputs"] == []


def test_wrong_usage_and_secrets_are_not_told(told: Events) -> None:
    """An exit code says enough; what is before an @ is told nobody."""
    assert run(["ingest", "--no-such-option"]) == 2
    assert run(["ingest", "--source=https://me:hidden@example.org/x"]) == 2
    words = json.dumps(told())
    assert "hidden" not in words
    assert [each["eventType"] for each in told()] == ["START", "FAIL"]


@pytest.mark.parametrize(
    "words", [["--help"], ["train", "-h"], [], ["dashboard", "--port=any"]]
)
def test_help_is_no_run(words: list[str], told: Events) -> None:
    """Nobody is told that somebody reads."""
    run(words)
    assert told() == []


def test_the_run_that_started_it_is_its_parent(
    told: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable that a scheduler sets; a name may have slashes."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", PARENT)
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "taxis")
    assert _ingest() == 0
    for event in told():
        parent = event["run"]["facets"]["parent"]
        assert parent["run"]["runId"] == PARENT.rpartition("/")[2]
        assert parent["job"]["namespace"] == "airflow"
        assert parent["job"]["name"] == "dag/with.slash"
        assert event["job"]["namespace"] == "taxis"


def test_a_parent_that_is_none_is_passed_over(
    told: Events,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a word in the log."""
    monkeypatch.setenv("OPENLINEAGE_PARENT_ID", "some/thing")
    assert _ingest() == 0
    assert "parent" not in told()[0]["run"]["facets"]
    assert "nobody's child" in caplog.text


def test_every_event_is_as_the_specification_asks(told: Events) -> None:
    """What it requires of an event, of a run, a job, a data set, a facet
    (spec/OpenLineage.json, 2-0-2), written down once more."""
    assert _ingest() == 0
    run(["registry", "show"])
    events = told()
    assert len(events) == 4
    for event in events:
        assert event["eventType"] in {"START", "COMPLETE", "FAIL"}
        assert "T" in event["eventTime"]
        assert event["eventTime"].endswith("+00:00")
        assert event["producer"].startswith("https://")
        assert event["schemaURL"].endswith("/OpenLineage.json#/$defs/RunEvent")
        assert UUID(event["run"]["runId"])
        assert {"namespace", "name"} <= set(event["job"])
        facets = [event["run"]["facets"], event["job"]["facets"]]
        for each in event["inputs"] + event["outputs"]:
            assert {"namespace", "name"} <= set(each)
            facets.append(each["facets"])
        for facet in (x for some in facets for x in some.values()):
            assert {"_producer", "_schemaURL"} <= set(facet)


@pytest.fixture
def server() -> Iterator[tuple[str, list[Event]]]:
    """A service that takes events over HTTP, and keeps them."""
    taken: list[Event] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            """Keep an event."""
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if self.headers.get("Content-Encoding") is None:
                taken.append(json.loads(body))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{http.server_address[1]}", taken
        http.shutdown()
        thread.join()


def test_events_go_over_http(
    server: tuple[str, list[Event]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the one variable that Airflow's provider knows as well."""
    address, taken = server
    monkeypatch.setenv("OPENLINEAGE_URL", address)
    assert _ingest() == 0
    assert [each["eventType"] for each in taken] == ["START", "COMPLETE"]


def test_a_service_that_is_away_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A word in the log, some seconds, and the command's own exit code."""
    way: Event = {"type": "http", "url": "http://127.0.0.1:9"}
    way["retry"] = {"total": 3, "backoff_factor": 0.4}  # two seconds
    monkeypatch.setenv("OPENLINEAGE__TRANSPORT", json.dumps(way))
    patience = "taxi_fare.mirroring.lineage._PATIENCE_SECONDS"
    monkeypatch.setattr(patience, 0.5)
    before = time.monotonic()
    assert _ingest() == 0
    assert time.monotonic() - before < 20
    # It goes on trying for a while, and says nothing after the command.
    for thread in threading.enumerate():
        if thread.name == "openlineage":
            thread.join(60)
    assert caplog.text.count("OpenLineage was not told") == 1


def test_it_can_be_switched_off(
    told: Events, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By OpenLineage's own word."""
    monkeypatch.setenv("OPENLINEAGE_DISABLED", "true")
    assert _ingest() == 0
    assert told() == []


def test_a_package_that_lacks_is_named(
    told: Events,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The command runs; who set the variables hears how to go on."""
    monkeypatch.setattr("taxi_fare.cli.lineage.find_spec", lambda name: None)
    assert _ingest() == 0
    assert told() == []
    assert "pip install 'taxi-fare[lineage]'" in caplog.text


def test_a_version_that_is_registered_is_written(
    tmp_path: Path, registry_steps: ModuleType
) -> None:
    """Under its own place, and not under that of its staging."""
    with noting() as usage:
        registry_steps.commit(tmp_path / "registry", "model-1")
    place = str(tmp_path / "registry" / "versions" / "model-1")
    assert usage.written[place] == "model-1"
