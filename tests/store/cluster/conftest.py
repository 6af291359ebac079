"""A cluster of ``deploy/local-cluster.sh``, for a test of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "deploy" / "local-cluster.sh"
LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Cluster:
    """A cluster of a test's own, on free ports."""

    home: Path
    ports: dict[str, str]

    @property
    def work(self) -> Path:
        """The user's folder."""
        folder = self.home / "work"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def pids(self) -> dict[str, int]:
        """Processes that the script has started, by name."""
        return {
            file.stem: int(file.read_text())
            for file in self.state.glob("*.pid")
        }

    @property
    def state(self) -> Path:
        """Where the script keeps pids, logs and data."""
        return self.home / "state"

    def environment(self, **more: str) -> dict[str, str]:
        """What a shell has, with small programs."""
        kept = (
            "PATH",
            "HOME",
            "PYTHONPATH",
            "XDG_CACHE_HOME",
            "JAVA_TOOL_OPTIONS",
            "TAXI_FARE_SPARK__CLASS_ARCHIVE",
            "TAXI_FARE_TOOLS",
        )
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            **self.ports,
            "CLUSTER_STATE": str(self.state),
            "CLUSTER_WORKER_MEMORY": "1g",
            "CLUSTER_PATIENCE_SECONDS": "180",
            "TAXI_FARE_SPARK__DRIVER_MEMORY": "1g",
            "TAXI_FARE_GBT__MAX_ITER": "4",
            "TAXI_FARE_GBT__MAX_DEPTH": "4",
            **more,
        }

    def script(self, word: str) -> tuple[int, str]:
        """Call the script."""
        # Its servers outlive it, and would keep a pipe open.
        printed = self.home / f"{word}.out"
        with printed.open("w") as output:
            done = subprocess.run(
                [str(SCRIPT), word],
                env=self.environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_SECONDS,
                check=False,
            )
        return done.returncode, printed.read_text()

    def variables(self) -> dict[str, str]:
        """What a user gets by sourcing the script's file."""
        text = (self.state / "environment").read_text()
        return dict(re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE))

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """Start a command there, in a process group of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "taxi_fare", *words],
            cwd=self.work,
            env=self.environment(**(self.variables() | more)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def end(self, process: subprocess.Popen[str]) -> tuple[str, str]:
        """Wait for the end of a command; return the rest that it said."""
        try:
            return process.communicate(timeout=LONGEST_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise

    def command(self, *words: str, **more: str) -> str:
        """Run a command there to its good end; return its stdout."""
        with self.start(*words, **more) as process:
            out, err = self.end(process)
        assert process.returncode == 0, err
        return out


@pytest.fixture
def cluster(
    tmp_path: Path, minio_server: object, jars: None
) -> Iterator[Cluster]:
    """A cluster that is not up yet; down in the end."""
    names = [f"CLUSTER_{each}_PORT" for each in ("MASTER", "STORE")]
    names += ["CLUSTER_MASTER_WEB_PORT", "CLUSTER_WORKER_WEB_PORT"]
    with ExitStack() as stack:
        ports = {}
        for name in names:
            probe = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            ports[name] = str(probe.getsockname()[1])
    cluster = Cluster(tmp_path, ports)
    yield cluster
    cluster.script("down")
