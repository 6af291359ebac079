"""A user's folder, with a lake and a registry in it or in a store."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import obstore
import psutil
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from s3_servers import StoreServer
from tally import traceback_in

from taxi_fare.core.months import parse_months
from taxi_fare.lake.simulated.month import simulate_month

BUCKET = "nyc-interim"
MONTHS = "2023-01..2023-05"
TEST_MONTH = "2023-04"
SMALL = {
    "TAXI_FARE_GBT__MAX_ITER": "2",
    "TAXI_FARE_GBT__MAX_DEPTH": "3",
    "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
    "TAXI_FARE_SPARK__MASTER": "local[2]",
    "TAXI_FARE_SOURCE__FIRST_WAIT_SECONDS": "0.2",
}
LONGEST_SECONDS = 300
_KEPT = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME", "JAVA_HOME")
Harm = list[tuple[str, str]]
# Rows and dollars of a month: it is the one that was written, or it is not.
Figures = tuple[int, float]


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def harm(self) -> Harm:
        """Tracebacks that it printed."""
        return traceback_in(self.out + self.err)


@dataclass
class Ground:
    """
    Where attacks take place.

    Parameters
    ----------
    home : Path
        The user's folder.
    server : StoreServer or None
        Of the lake and the registry; None for folders.
    endpoint : str or None
        Address to reach the server by, where it is not its own.
    """

    home: Path
    server: StoreServer | None = None
    endpoint: str | None = None
    more: dict[str, str] = field(default_factory=dict)
    printed: list[str] = field(default_factory=list)
    command_lines: set[str] = field(default_factory=set)

    @property
    def name(self) -> str:
        """The kind of place, for the table."""
        return self.server.kind if self.server else "folder"

    @property
    def lake(self) -> str:
        """Place of the lake."""
        return f"s3a://{BUCKET}/yellow" if self.server else "lake"

    @property
    def registry(self) -> str:
        """Place of the registry."""
        return f"s3a://{BUCKET}/registry" if self.server else "registry"

    @property
    def environment(self) -> dict[str, str]:
        """What the user's shell has."""
        found = {
            name: os.environ[name] for name in _KEPT if name in os.environ
        }
        found |= SMALL | {"PYTHONPATH": os.environ.get("PYTHONPATH", "")}
        if self.server:
            found |= self.server.environment
        if self.endpoint:
            found["MINIO_ENDPOINT"] = self.endpoint
        return found | self.more

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own."""
        return self.python("-m", "taxi_fare", *arguments)

    def python(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a program with the user's settings."""
        self.command_lines.add(" ".join(arguments))
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.home,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Ended:
        """Wait for the end of a command."""
        self._read_command_lines(process.pid)
        try:
            out, err = process.communicate(timeout=LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            kill(process)
            out, err = process.communicate()
            err += "\nTraceback (most recent call last): it hung"
        self.printed += [out, err]
        return Ended(process.returncode, out, err)

    def run(self, *arguments: str) -> Ended:
        """Run a command to its end."""
        return self.end(self.start(*arguments))

    def killed(self, process: subprocess.Popen[str], seconds: float) -> Ended:
        """Kill a command and all its children after some seconds."""
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=seconds)
        self._read_command_lines(process.pid)
        kill(process)
        return self.end(process)

    def _read_command_lines(self, pid: int) -> None:
        with suppress(psutil.Error):
            family = psutil.Process(pid)
            for each in [family, *family.children(recursive=True)]:
                with suppress(psutil.Error):
                    self.command_lines.add(" ".join(each.cmdline()))

    def ingest(self, months: str = MONTHS) -> tuple[str, ...]:
        """Words of a command that brings months in."""
        source = f"--source={self.home / 'raw'}"
        return (
            "ingest",
            f"--months={months}",
            source,
            f"--data-base-path={self.lake}",
        )

    def train(self, month: str = TEST_MONTH) -> tuple[str, ...]:
        """Words of a command that trains."""
        return (
            "train",
            f"--test-month={month}",
            f"--data-base-path={self.lake}",
            f"--model-registry-path={self.registry}",
        )

    def predict(self, month: str = TEST_MONTH) -> tuple[str, ...]:
        """Words of a command that predicts."""
        return (
            "predict",
            f"--month={month}",
            f"--data-base-path={self.lake}",
            f"--model-registry-path={self.registry}",
        )

    def on_registry(self, word: str, *more: str) -> tuple[str, ...]:
        """Words of a command about the registry."""
        place = f"--model-registry-path={self.registry}"
        return ("registry", word, place, *more)

    def show(self) -> Ended:
        """Verify the registry, as a person would."""
        return self.run(*self.on_registry("show", "--verify", "--json"))

    def months(self) -> dict[str, Figures | str]:
        """Read each month of the lake, without the code under test."""
        found: dict[str, Figures | str] = {}
        for name, content in self._parquet_files():
            try:
                table = pq.read_table(pa.BufferReader(content))
                total = pc.sum(table["total_amount"]).as_py()
                found[name] = (table.num_rows, round(total, 2))
            except (pa.ArrowException, OSError) as error:
                found[name] = f"cannot be read: {error}"
        return found

    def _parquet_files(self) -> Iterator[tuple[str, bytes]]:
        if self.server:
            store = self.server.store(BUCKET)
            for each in obstore.list(store, "yellow").collect():
                if each["path"].endswith(".parquet"):
                    got = obstore.get(store, each["path"])
                    yield each["path"], bytes(got.bytes())
            return
        for file in sorted((self.home / self.lake).rglob("*.parquet")):
            if not any(part.startswith(".") for part in file.parts):
                yield str(file.relative_to(self.home)), file.read_bytes()

    def leftovers(self) -> list[str]:
        """Files that nobody would miss: temporary ones, and staged models."""
        if self.server:
            names = [
                each["path"]
                for each in obstore.list(self.server.store(BUCKET)).collect()
            ]
        else:
            names = [
                str(file.relative_to(self.home))
                for folder in (self.lake, self.registry, "reports")
                for file in (self.home / folder).rglob("*")
            ]
        return [
            name
            for name in names
            if any(
                part.startswith(".staging-") or ".taxi-fare." in part
                for part in name.split("/")
            )
        ]

    def secrets_seen(self) -> Harm:
        """Look for the server's keys in all that was said and written."""
        if self.server is None:
            return []
        harm: Harm = []
        for key in (self.server.access_key, self.server.secret_key):
            if any(key in text for text in self.printed):
                harm.append(("secrets seen", "in an output"))
            if any(key in line for line in self.command_lines):
                harm.append(("secrets seen", "in a command line"))
            harm += [
                ("secrets seen", f"in {file}")
                for file in self.home.rglob("*")
                if file.is_file() and key.encode() in file.read_bytes()
            ]
        return harm


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a command and all that it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def seconds_of(ground: Ground, *arguments: str) -> float:
    """Run a command to a good end; return how long it took."""
    began = time.monotonic()
    good(ground.run(*arguments))
    return time.monotonic() - began


def good(ended: Ended) -> Ended:
    """Insist on a good end."""
    if ended.code:
        raise SystemExit(f"The ground cannot be laid:\n{ended.err}")
    return ended


def lay_raw(folder: Path, *, trips: int = 3_000, seed: int = 7) -> None:
    """Simulate the raw months of a ground."""
    for month in parse_months(MONTHS):
        file = folder / "raw" / f"yellow_tripdata_{month}.parquet"
        simulate_month(file, month=month, trips=trips, seed=seed)


def documents_harmed(folder: Path) -> Harm:
    """Find reports that are no whole JSON documents."""
    harm: Harm = []
    for file in folder.glob("*.json"):
        try:
            json.loads(file.read_text("utf-8"))
        except ValueError as error:
            harm.append(("half-written", f"{file.name}: {error}"))
    return harm


def document(ended: Ended) -> Any:
    """Read what a command printed with --json."""
    return json.loads(ended.out)
