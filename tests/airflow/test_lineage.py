"""Commands are children of the tasks that Airflow's provider tells of."""

import json
from pathlib import Path

from airflow_calls import MONTHLY, DagsTest


def test_commands_are_children_of_their_tasks(
    dags_test: DagsTest, tmp_path: Path
) -> None:
    """Of the very run that the provider gives the task."""
    events = tmp_path / "events.jsonl"
    transport = {"type": "file", "log_file_path": str(events), "append": True}
    # The month after it is not there: one task runs, and the rest is skipped.
    run = dags_test(
        *(MONTHLY, "2023-10-28"),
        home=tmp_path,
        OPENLINEAGE__TRANSPORT=json.dumps(transport),
        AIRFLOW__OPENLINEAGE__TRANSPORT=json.dumps(transport),
    )
    assert run.code == 0, run.log
    told = [json.loads(line) for line in events.read_text().splitlines()]
    ours = [x for x in told if x["job"]["name"] == "taxi_fare.ingest"]
    assert [x["eventType"] for x in ours] == ["START", "FAIL"]
    tasks = {
        x["run"]["runId"]: x["job"]["name"]
        for x in told
        if not x["job"]["name"].startswith("taxi_fare.")
    }
    for event in ours:
        parent = event["run"]["facets"]["parent"]
        assert parent["job"]["name"] == "taxi_fare_monthly.ingest"
        assert tasks[parent["run"]["runId"]] == parent["job"]["name"]
