"""
Time how commands start: with Spark, with and without the class archive.

Simulates four months of a thousand trips, makes the archive where there is
none, and runs each command so and so in turn: what else the machine does
meets both. CPU seconds are of all processes together; what other programs do
changes them less than seconds on the wall. Commands without Spark follow.
Takes about ten minutes, and writes benchmarks/results/start.json;
`benchmarks/performance_page.py` makes the page.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from measure import Measured, measure

from taxi_fare.core.logs import configure_logging
from taxi_fare.core.months import parse_months
from taxi_fare.core.provenance import git_commit
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.archive_maker import ensure_archive
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.workflows.ingest import IngestOptions, ingest

_RESULTS = Path(__file__).parent / "results" / "start.json"
_MONTHS = parse_months("2023-01..2023-04")
_TRIPS = 1_000
_POLICY = "TAXI_FARE_SPARK__CLASS_ARCHIVE"
# One tree: what is timed is all that happens before and after the fit.
_SETTINGS = {
    "TAXI_FARE_GBT__MAX_ITER": "1",
    "TAXI_FARE_GATES__RMSE_MAX_DOLLARS": "1000",
    "TAXI_FARE_GATES__MAE_MAX_DOLLARS": "1000",
    "TAXI_FARE_GATES__R2_MIN": "-10",
}
_RIDE = (
    *("--pickup", "JFK", "--dropoff", "230"),
    *("--distance", "17", "--minutes", "50"),
)
_WITHOUT_SPARK = (
    ["--help"],
    ["train", "--help"],
    ["dashboard", "--help"],
    ["registry", "show"],
    ["registry", "history"],
    ["quote", *_RIDE],
    ["doctor"],
)


def main() -> None:
    """Measure both kinds, and write the results."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--times", type=int, default=3)
    arguments.add_argument("--output", type=Path, default=_RESULTS)
    options = arguments.parse_args()
    configure_logging(level="WARNING")
    if why := ensure_archive():
        sys.exit(f"There is no archive to measure: {why}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _fill(place)
        document = {
            "git_commit": git_commit(),
            "times": options.times,
            "with_spark": _with_spark(place, options.times),
            "without_spark": _without_spark(place, options.times),
        }
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(json.dumps(document, indent=2) + "\n")
    print(f"{options.output} written")


def _fill(place: Path) -> None:
    for month in _MONTHS:
        raw = place / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(raw, month=month, trips=_TRIPS, seed=42)
    ingest(
        _MONTHS,
        lake=place / "lake",
        source=str(place / "raw"),
        options=IngestOptions(raw_dir=place / "raw", reports_dir=place),
        settings=load_settings(),
    )


def _with_spark(place: Path, times: int) -> list[dict[str, Any]]:
    window = [
        f"--data-base-path={place / 'lake'}",
        f"--test-month={_MONTHS[-1]}",
    ]
    registry = f"--model-registry-path={place / 'models'}"
    reports = f"--reports-dir={place / 'reports'}"
    commands = {
        "check data": ["check", "data", *window],
        "train": ["train", *window, "--force", registry, reports],
    }
    measured = []
    for name, command in commands.items():
        pairs = [
            [_measured(command, policy) for policy in ("off", "use")]
            for _ in range(times)
        ]
        row: dict[str, Any] = {"command": name}
        for figure in ("wall", "cpu"):
            without, with_it = (
                statistics.median(getattr(each, figure) for each in one)
                for one in zip(*pairs, strict=True)
            )
            row[figure] = {"without": without, "with": with_it}
        print(json.dumps(row))
        measured.append(row)
    return measured


def _measured(command: list[str], policy: str) -> Measured:
    return measure(command, settings=_SETTINGS | {_POLICY: policy})


def _without_spark(place: Path, times: int) -> list[dict[str, Any]]:
    """Measure in the folder that has the model of the training."""
    measured = []
    for command in _WITHOUT_SPARK:
        named = command[0] in {"registry", "quote", "doctor"}
        option = [f"--model-registry-path={place / 'models'}"] if named else []
        seconds = statistics.median(
            _cpu_seconds([*command, *option], place) for _ in range(times)
        )
        measured.append({"command": " ".join(command), "cpu": seconds})
        print(json.dumps(measured[-1]))
    return measured


def _cpu_seconds(command: list[str], place: Path) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "taxi_fare", *command],
        env=os.environ | {"MINIO_ACCESS_KEY": ""},
        cwd=place,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


if __name__ == "__main__":
    main()
