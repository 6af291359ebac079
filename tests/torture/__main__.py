"""
Attack the pipeline, and count what came to harm: ``make torture``.

Against real servers (``make tools``), real Spark and a local cluster, 45
minutes on two cores. Exits with 1 when anything was lost or half-written,
a traceback was printed, or a key was seen. With --page, the table is written
into docs/reliability.md.
"""

import argparse
import platform
import sys
import tempfile
from pathlib import Path

from changed_months import changed_months
from crowds import crowds
from disks import disks
from kills import kills
from stage import Stage, timed
from stores import stores
from tally import Tally, table
from workers import workers

from taxi_fare.core.files import write_text
from taxi_fare.core.provenance import git_commit

ATTACKS = {
    each.__name__: each
    for each in (changed_months, disks, kills, stores, crowds, workers)
}
_START, _END = "<!-- torture: start -->", "<!-- torture: end -->"


def main() -> int:
    """Return the exit code."""
    chosen = _arguments()
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory(prefix="torture-") as folder:
        stage = Stage(Path(folder), chosen.scale, chosen.seed)
        try:
            for name in chosen.only or ATTACKS:
                with timed(name):
                    tallies += _counted(name, stage)
            tallies.append(_secrets(stage))
        finally:
            stage.end()
    text = table(tallies)
    print(text)
    if chosen.page:
        _write(chosen.page, text, chosen)
    return int(any(each.harmed for each in tallies))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=ATTACKS, metavar="ATTACK")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", type=Path)
    return parser.parse_args()


def _counted(name: str, stage: Stage) -> list[Tally]:
    tallies = []
    for tally in ATTACKS[name](stage):
        print(tally.row(), flush=True)
        print(*tally.stories, sep="\n\n", file=sys.stderr, flush=True)
        tallies.append(tally)
    return tallies


def _secrets(stage: Stage) -> Tally:
    tally = Tally("keys sought in all that stores' users have")
    for ground in stage.grounds.values():
        if ground.server:
            tally.tried(ground.name, ground.secrets_seen())
    return tally


def _write(page: Path, text: str, chosen: argparse.Namespace) -> None:
    """Put the table between the marks of a page."""
    before, rest = page.read_text("utf-8").split(_START)
    after = rest.split(_END)[1]
    made = (
        f"Seed {chosen.seed}, commit {(git_commit() or 'unknown')[:7]},"
        f" Python {platform.python_version()}, {platform.machine()}."
    )
    body = f"{_START}\n\n{text}\n\n{made}\n\n{_END}"
    write_text(page, f"{before}{body}{after}")


if __name__ == "__main__":
    sys.exit(main())
