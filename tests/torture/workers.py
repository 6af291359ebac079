"""A cluster of deploy/local-cluster.sh that loses a worker, or its master."""

import os
import re
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from ground import Ended, Ground, Harm, good, lay_raw
from stage import Stage
from tally import Tally

_SCRIPT = Path(__file__).parents[2] / "deploy" / "local-cluster.sh"
_PORTS = ("MASTER", "STORE", "MASTER_WEB", "WORKER_WEB")


@dataclass
class ClusterGround(Ground):
    """A user's folder, and a cluster to work with."""

    ports: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For the table."""
        return "cluster"

    @property
    def lake(self) -> str:
        """The cluster's own store."""
        return "s3a://nyc-interim/yellow"

    @property
    def registry(self) -> str:
        """The cluster's own store."""
        return "s3a://nyc-interim/registry"

    @property
    def state(self) -> Path:
        """Where the script keeps pids, logs and data."""
        return self.home.parent / "cluster-state"

    def script(self, word: str) -> None:
        """Call the script."""
        said = self.home.parent / f"{word}.out"
        with said.open("w") as output:
            subprocess.run(
                [str(_SCRIPT), word],
                env=super().environment
                | self.ports
                | {
                    "CLUSTER_STATE": str(self.state),
                    "CLUSTER_WORKER_MEMORY": "1g",
                    "CLUSTER_PATIENCE_SECONDS": "180",
                },
                stdout=output,
                stderr=subprocess.STDOUT,
                check=True,
            )
        text = (self.state / "environment").read_text()
        self.more |= re.findall(r"^export (\w+)=(.*)$", text, re.MULTILINE)
        self.more["TAXI_FARE_SPARK__MASTER"] = self.more["SPARK_MASTER"]

    def kill(self, name: str) -> None:
        """Kill a process of the cluster."""
        os.kill(int((self.state / f"{name}.pid").read_text()), signal.SIGKILL)

    def pages(self) -> list[str]:
        """Read the web pages of the master, a worker and the driver."""
        ports = [self.ports[f"CLUSTER_{each}_PORT"] for each in _PORTS[2:]]
        found = []
        for page in (*ports, "4040/environment/"):
            with suppress(OSError):
                url = f"http://127.0.0.1:{page}"
                with urllib.request.urlopen(url, timeout=5) as answer:
                    found.append(answer.read().decode(errors="replace"))
        return found

    def secrets_seen(self) -> Harm:
        """Look for every secret of the cluster where people may look."""
        places = {
            "an output": self.printed,
            "a command line": list(self.command_lines),
            "a file": [
                file.read_bytes().decode(errors="replace")
                for folder in (self.home, self.state)
                for file in folder.rglob("*")
                if file.is_file() and _may_be_read(file, self.state)
            ],
        }
        return [
            ("secrets seen", f"{name} in {place}")
            for name, value in self.more.items()
            if name.endswith(("_KEY", "_SECRET"))
            for place, texts in places.items()
            if any(value in text for text in texts)
        ]


def _may_be_read(file: Path, state: Path) -> bool:
    """Leave out files of one user alone, and what the store keeps."""
    private = file.stat().st_mode & 0o077 == 0
    return not private and state / "store" not in file.parents


def _free_ports(stage: Stage) -> dict[str, str]:
    with ExitStack() as stack:
        found = {}
        for each in _PORTS:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            found[f"CLUSTER_{each}_PORT"] = str(probe.getsockname()[1])
        return found


def workers(stage: Stage) -> Iterator[Tally]:
    """Hurt the cluster while it trains."""
    home = stage.folder / "cluster"
    lay_raw(home)
    ground = ClusterGround(home, ports=_free_ports(stage))
    (home / "events").mkdir()
    ground.more["SPARK_CONF_DIR"] = str(home / "conf")
    (home / "conf").mkdir()
    (home / "conf" / "spark-defaults.conf").write_text(
        "spark.eventLog.enabled true\n"
        f"spark.eventLog.dir {(home / 'events').as_uri()}\n"
    )
    ground.script("up")
    try:
        good(ground.run(*ground.ingest()))
        yield _lost(ground, "worker-1", fine={0})
        yield _lost(ground, "master", fine={0, 7, 75})
        tally = Tally("secrets of a cluster")
        tally.tried("all that was said and written", ground.secrets_seen())
        yield tally
    finally:
        ground.script("down")


def _lost(ground: ClusterGround, name: str, *, fine: set[int]) -> Tally:
    tally = Tally(f"{name.removesuffix('-1')} killed during a train")
    words = (*ground.train(), "--force")
    ended = _struck(ground, words, lambda: ground.kill(name))
    harm = ended.harm
    if ended.code not in fine:
        harm.append(("lost", f"exit {ended.code}: {ended.err}"))
    ground.script("up")
    again = ground.run(*words)
    harm += again.harm
    if again.code:
        harm.append(("lost", f"exit {again.code}: {again.err}"))
    shown = ground.show()
    if shown.code:
        harm.append(("lost", f"exit {shown.code}: {shown.err}"))
    tally.tried("as soon as trees grow", harm)
    return tally


def _struck(
    ground: ClusterGround,
    words: tuple[str, ...],
    strike: Callable[[], None],
) -> Ended:
    process = ground.start(*words)
    assert process.stderr is not None
    for line in process.stderr:
        if "fit started" in line:
            ground.printed += ground.pages()
            strike()
            break
    return ground.end(process)
