"""Months whose bytes were changed: raw ones and those of the lake."""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from ground import Ground, Harm, lay_raw
from stage import Stage
from tally import Tally, traceback_in

from taxi_fare.cli.main import run

# Every mutant is of a small month: more of its bytes matter.
_TRIPS = 400
_MONTH = "2023-02"
_NAME = f"yellow_tripdata_{_MONTH}.parquet"
_SECONDS = 120
_MEMORY = 8 << 30
_RAW, _LAKE = 300, 200
_READER = """
import json, sys
from taxi_fare.cli.main import run
for line in sys.stdin:
    print(json.dumps({"exit": run(json.loads(line))}), flush=True)
"""


def changed_months(stage: Stage) -> Iterator[Tally]:
    """Change bytes of a raw month, and of one that Spark reads."""
    home = stage.folder / "mutants"
    lay_raw(home, trips=_TRIPS)
    yield _raw_months(stage, home)
    yield _lake_months(stage, home)


def mutant(content: bytes, draw: random.Random) -> tuple[str, bytes]:
    """Change a file the way disks, networks and people do; say how."""
    size = len(content)
    changed = bytearray(content)
    how = draw.choice(
        ("flip", "flip", "flip", "footer", "cut", "zeros", "twice", "swap")
    )
    if how == "cut":
        del changed[draw.randrange(size) :]
    elif how == "zeros":
        first = draw.randrange(size)
        length = min(draw.choice((16, 512, 4096)), size - first)
        changed[first : first + length] = bytes(length)
    elif how == "twice":
        first = draw.randrange(size)
        changed[first:first] = changed[first : first + 512]
    elif how == "swap":
        first, second = sorted(draw.sample(range(size), 2))
        changed[first], changed[second] = changed[second], changed[first]
    else:
        lowest = max(0, size - 4_000) if how == "footer" else 0
        for _ in range(draw.randint(1, 8)):
            changed[draw.randrange(lowest, size)] ^= 1 << draw.randrange(8)
    return how, bytes(changed)


def _raw_months(stage: Stage, home: Path) -> Tally:
    tally = Tally("raw month changed")
    content = (home / "raw" / _NAME).read_bytes()
    for number in range(stage.times(_RAW)):
        how, changed = mutant(content, stage.random)
        place = home / "one"
        shutil.rmtree(place, ignore_errors=True)
        (place / "raw").mkdir(parents=True)
        (place / "raw" / _NAME).write_bytes(changed)
        code, said = _forked(
            [
                "ingest",
                f"--months={_MONTH}",
                f"--source={place / 'raw'}",
                f"--data-base-path={place / 'lake'}",
                f"--reports-dir={place / 'reports'}",
            ],
            place / "said",
        )
        harm = traceback_in(said)
        if code not in {0, 4}:
            harm.append(("lost", f"exit {code}: {said[-2_000:]}"))
        harm += _unreadable(place / "lake", wanted=code == 0)
        tally.tried(f"{how} number {number}", harm)
    return tally


def _unreadable(lake: Path, *, wanted: bool) -> Harm:
    files = [
        file
        for file in lake.rglob("*.parquet")
        if not any(part.startswith(".") for part in file.parts)
    ]
    if bool(files) != wanted:
        return [("half-written", f"{len(files)} files")]
    try:
        for file in files:
            pq.read_table(file)
    except (pa.ArrowException, OSError) as error:
        return [("half-written", str(error))]
    return []


def _forked(words: list[str], said: Path) -> tuple[int, str]:
    """Run a command in a child with bounds on its time and memory."""
    child = os.fork()
    if child == 0:
        output = os.open(said, os.O_WRONLY | os.O_CREAT)
        os.dup2(output, 1)
        os.dup2(output, 2)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
        signal.alarm(_SECONDS)
        code = 1
        try:
            code = run(words)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), said.read_text(
        "utf-8", "replace"
    )


class _Reader:
    """Reads months with Spark, which is started once."""

    def __init__(self, ground: Ground) -> None:
        self._said = ground.home / "said"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _READER],
            cwd=ground.home,
            env=ground.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said.open("wb"),
            text=True,
        )

    def read(self, *words: str) -> tuple[int, str]:
        """Run a command there."""
        assert self._process.stdin and self._process.stdout
        before = self._said.stat().st_size
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        for line in self._process.stdout:
            if line.startswith('{"exit"'):
                said = self._said.read_bytes()[before:]
                return json.loads(line)["exit"], said.decode(errors="replace")
        raise SystemExit(self._said.read_text())

    def end(self) -> None:
        """Let it end."""
        self._process.communicate()


def _lake_months(stage: Stage, home: Path) -> Tally:
    tally = Tally("month of the lake changed")
    ground = Ground(home)
    assert ground.run(*ground.ingest(_MONTH)).code == 0
    (file,) = (home / "lake/2023/02").glob("[!.]*.parquet")
    content = file.read_bytes()
    output = home / "read.parquet"
    words = (
        "prepare",
        f"--months={_MONTH}",
        "--data-base-path=lake",
        f"--output={output}",
    )
    reader = _Reader(ground)
    try:
        for number in range(stage.times(_LAKE)):
            how, changed = mutant(content, stage.random)
            file.write_bytes(changed)
            code, said = reader.read(*words)
            harm = traceback_in(said)
            if code not in {0, 3, 4, 75}:
                harm.append(("lost", f"exit {code}: {said[-2_000:]}"))
            tally.tried(f"{how} number {number}", harm)
    finally:
        reader.end()
    return tally
