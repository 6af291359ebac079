"""
Time the project beside what people would use instead of it.

Simulates three months of --train-trips and one of --trips. Then `peer.py` (one
Python process: PyArrow, NumPy, LightGBM or native XGBoost) and `taxi-fare`
each train on the three, measure the fourth and predict it, each in a process
of its own, one after the other, --repeat times; of the repetitions the fastest
counts. LightGBM is not the project's: `pip install --group peers`. What is
predicted is compared with what was paid in one way for all.

Prints a table, and writes --output, of which `performance_page.py` makes a
part of docs/performance.md.
"""

import argparse
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from measure import Measured, machine, measure, measure_python
from simulated_lake import make_lake

from taxi_fare.core.columns import LABEL, PREDICTION
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.metrics import COMPARED
from taxi_fare.core.months import parse_months
from taxi_fare.core.provenance import (
    git_commit,
    installed_version,
    library_versions,
)
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.lake.record import MONTH_FILE

LIBRARIES = ("lightgbm", "xgboost")
_SCRIPT = Path(__file__).with_name("peer.py")
_MONTHS = parse_months("2023-01..2023-04")
_ENGINE = "TAXI_FARE_PREDICTION__ENGINE"
Run = dict[str, Any]


def main() -> None:
    """Run everything that was asked for."""
    arguments = _arguments()
    configure_logging(level="WARNING")
    runs = []
    for trips in arguments.trips:
        bench = Bench(
            arguments.work / f"peers-{trips}",
            trips=trips,
            train_trips=arguments.train_trips or trips,
            repeat=arguments.repeat,
        )
        for run in bench.runs(arguments.libraries):
            runs.append(run)
            print(json.dumps(run), flush=True)
        shutil.rmtree(bench.place)
    document = {
        "machine": machine(),
        "versions": library_versions()
        | {"lightgbm": installed_version("lightgbm")},
        "git_commit": git_commit(),
        "note": arguments.note,
        "runs": runs,
    }
    file: Path = arguments.output
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document, indent=1) + "\n")
    print("\n".join(table(runs)))
    print(f"{file} written")


@dataclass(frozen=True)
class Bench:
    """Months of one size, and who trains on them and predicts them."""

    place: Path
    trips: int
    train_trips: int
    repeat: int

    def runs(self, libraries: list[str]) -> Iterator[Run]:
        """Run each, and say what it took."""
        # What a call that was stopped has trained would count as done.
        shutil.rmtree(self.place, ignore_errors=True)
        *train, test = _MONTHS
        sizes = dict.fromkeys(train, self.train_trips) | {test: self.trips}
        lake = make_lake(self.place, sizes)
        files = [str(lake / each.path / MONTH_FILE) for each in _MONTHS]
        for library in libraries:
            yield from self._peer(library, files)
        yield from self._project(lake)

    def _peer(self, library: str, files: list[str]) -> Iterator[Run]:
        model, output = self.place / library, self.place / f"{library}.parquet"
        way = f"script, {library}"
        trained = measure_python(
            [str(_SCRIPT), library, "train", *files, f"--model={model}"],
            settings={},
        )
        yield self._run("train", way, trained)
        job = [str(_SCRIPT), library, "predict", files[-1]]
        job += [f"--model={model}", f"--output={output}"]
        found = self._fastest(partial(measure_python, job, settings={}))
        yield self._run("predict", way, found, output=output)

    def _project(self, lake: Path) -> Iterator[Run]:
        common = [
            f"--data-base-path={lake}",
            f"--model-registry-path={self.place / 'registry'}",
            f"--reports-dir={self.place / 'reports'}",
        ]
        train = ["train", f"--test-month={_MONTHS[-1]}", *common]
        trained = measure([*train, "--algorithm=xgboost"], settings={})
        yield self._run("train", "taxi-fare, xgboost", trained)
        output = self.place / "project.parquet"
        predict = ["predict", f"--output={output}", *common]
        for engine, words in (("auto", ""), ("spark", ", with Spark")):
            settings = {_ENGINE: engine}
            found = self._fastest(partial(measure, predict, settings=settings))
            way = f"taxi-fare, xgboost{words}"
            yield self._run("predict", way, found, output=output)

    def _fastest(self, job: Callable[[], Measured]) -> Measured:
        found = [job() for _ in range(self.repeat)]
        return min(found, key=lambda each: float(each.wall))

    def _run(
        self, kind: str, way: str, found: Measured, output: Path | None = None
    ) -> Run:
        return {
            "kind": kind,
            "way": way,
            "trips_a_month": self.trips,
            "train_trips_a_month": self.train_trips,
            "seconds": {
                step: round(each, 2)
                for step, each in found.document["seconds"].items()
            },
            "wall_seconds": round(found.wall, 1),
            "cpu_seconds": round(found.cpu, 1),
            "peak_gib": round(found.peak_gib, 2),
            "metrics": None if output is None else _measured(output),
        }


def _measured(output: Path) -> dict[str, float]:
    """Compare what was predicted with what was paid, the same for all."""
    rows = pq.read_table(output, columns=[LABEL, PREDICTION])
    totals, prices = (rows[name].to_numpy() for name in rows.column_names)
    is_paid = (totals >= 0) & (totals <= 1_000)
    found = collected_metrics(totals[is_paid], prices[is_paid])
    return {"rows": found.rows} | found.comparable()


def table(runs: list[Run]) -> Iterator[str]:
    """Show who took what, as Markdown."""
    errors = [each for each in COMPARED if each.unit == "dollars"]
    titles = [each.title for each in errors]
    yield (
        "| trips a month | job | way | seconds of each step | whole s | cpu s"
        f" | GiB | {' | '.join(titles)} |"
    )
    yield "|---" * (7 + len(errors)) + "|"
    for run in runs:
        steps = (
            f"{step.replace('_', ' ')} {each:.1f}"
            for step, each in run["seconds"].items()
        )
        found = run["metrics"]
        cells = [
            f"{run['trips_a_month']:,}",
            run["kind"],
            run["way"],
            ", ".join(steps),
            f"{run['wall_seconds']:.1f}",
            f"{run['cpu_seconds']:.0f}",
            f"{run['peak_gib']:.1f}",
            *(
                f"{found[each.name]:.{each.digits}f}" if found else ""
                for each in errors
            ),
        ]
        yield f"| {' | '.join(cells)} |"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",") if part]

    def names(text: str) -> list[str]:
        return [part for part in text.split(",") if part]

    parser.add_argument(
        "--trips", type=numbers, default=[1_000_000, 3_040_000],
        help="trips of the test month, a size after the other",
    )  # fmt: skip
    parser.add_argument(
        "--train-trips", type=int, default=0,
        help="trips of each train month; the test month's when not given",
    )  # fmt: skip
    there = [name for name in LIBRARIES if find_spec(name)]
    parser.add_argument("--libraries", type=names, default=there)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument(
        "--work", type=Path, default=Path("benchmarks/work"),
        help="folder for months and models, about 1 GB at full size",
    )  # fmt: skip
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parent / "results" / "peers.json",
    )
    parser.add_argument(
        "--note", default="", help="what else the machine was doing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
