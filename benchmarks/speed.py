"""
Time the stages of the monthly run on full-size simulated months.

For each size: simulates four months, ingests them, trains each --recipe on
three and tests on the fourth, each in a process of its own, one after the
other, and predicts the fourth month. `gbt-onehot-all-levels` is the original
system's way: the same recipe, with a column for every level of a category.
A recipe with a number behind it, such as gbt-onehot-all-levels@5, grows so
many trees only: all of them take hours at full size.

Then --growth trains on 1, 3, 6 and 12 months of so many trips. Results are
written after each run; `benchmarks/performance_page.py` makes the page.
"""

import argparse
import json
import os
import shutil
from pathlib import Path
from typing import Any

from measure import Measured, machine, measure
from simulated_lake import make_lake

from taxi_fare.core.logs import configure_logging
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.training.recipes import RECIPES

ORIGINAL, ORIGINAL_IS = "gbt-onehot-all-levels", "gbt-onehot"
_ALL_LEVELS = {
    "TAXI_FARE_GBT__MIN_LEVEL_SHARE": "0",
    "TAXI_FARE_GBT__MIN_LEVEL_VARIANCE": "0",
}
_MEMORY = "TAXI_FARE_SPARK__DRIVER_MEMORY"
_MONTHS = parse_months("2023-01..2023-04")
_GROWTH_MONTHS = parse_months("2023-01..2024-01")
_GROWTH = (1, 3, 6, 12)


def main() -> None:
    """Run everything that was asked for."""
    arguments = _arguments()
    configure_logging(level="WARNING")
    file: Path = arguments.output
    document = {
        "machine": machine(),
        "versions": library_versions(),
        "git_commit": git_commit(),
        "note": arguments.note,
        "runs": [],
    }
    if arguments.append and file.is_file():
        document = json.loads(file.read_text())
    bench = _Bench(arguments, document=document, file=file)
    for trips in arguments.trips:
        bench.compare_recipes(trips)
    if arguments.growth:
        bench.grow(arguments.growth)
    print(f"{file} written")


class _Bench:
    """The runs of one call, each written down as soon as it ends."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        *,
        document: dict[str, Any],
        file: Path,
    ) -> None:
        self._arguments, self._document, self._file = arguments, document, file

    def compare_recipes(self, trips: int) -> None:
        """Train each recipe on three months, and predict the fourth."""
        place = self._lake(_MONTHS, trips)
        for recipe in self._arguments.recipes:
            self._train(place, recipe=recipe, months=_MONTHS, trips=trips)
            if recipe in RECIPES:
                self._predict(
                    place, recipe=recipe, month=_MONTHS[3], trips=trips
                )
        shutil.rmtree(place)

    def grow(self, trips: int) -> None:
        """Train on more and more months of the same size."""
        place = self._lake(_GROWTH_MONTHS, trips)
        for recipe in self._arguments.growth_recipes:
            for count in _GROWTH:
                months = _GROWTH_MONTHS[-1 - count :]
                self._train(
                    place,
                    recipe=recipe,
                    months=months,
                    trips=trips,
                    kind="growth",
                )
        shutil.rmtree(place)

    def _lake(self, months: list[Month], trips: int) -> Path:
        place: Path = self._arguments.work / f"{trips}x{len(months)}"
        make_lake(place, dict.fromkeys(months, trips))
        return place

    def _train(
        self,
        place: Path,
        *,
        recipe: str,
        months: list[Month],
        trips: int,
        kind: str = "train",
    ) -> None:
        *train, test = months
        name, _, trees = recipe.partition("@")
        known = RECIPES[ORIGINAL_IS if name == ORIGINAL else name]
        settings = {"TAXI_FARE_TRAINING__MIN_TRAIN_MONTHS": "1"}
        if name == ORIGINAL:
            settings |= _ALL_LEVELS
        if trees:
            section = known.algorithm.upper()
            settings[f"TAXI_FARE_{section}__MAX_ITER"] = trees
        found = measure(
            [
                "train",
                f"--test-month={test}",
                f"--train-months={','.join(map(str, train))}",
                f"--recipe={known.name}",
                f"--data-base-path={place / 'lake'}",
                f"--model-registry-path={place / kind / recipe}",
                f"--reports-dir={place / 'reports' / recipe}",
                "--force",
            ],
            settings=settings,
        )
        report = found.document
        self._note(
            kind,
            recipe=name,
            trips=trips,
            found=found,
            train_rows=report["data"]["train_rows"],
            test_rows=report["data"]["test_rows"],
            train_months=len(train),
            trees=report["recipe"]["parameters"]["max_iter"],
            metrics=report["metrics"],
        )

    def _predict(
        self, place: Path, *, recipe: str, month: Month, trips: int
    ) -> None:
        found = measure(
            [
                "predict",
                f"--month={month}",
                f"--data-base-path={place / 'lake'}",
                f"--model-registry-path={place / 'train' / recipe}",
                f"--reports-dir={place / 'reports' / recipe}",
            ],
            settings={},
        )
        rows = found.document["predicted_rows"]
        self._note(
            "predict", recipe=recipe, trips=trips, found=found, test_rows=rows
        )

    def _note(
        self,
        kind: str,
        *,
        recipe: str,
        trips: int,
        found: Measured,
        **more: Any,
    ) -> None:
        seconds = found.document["seconds"]
        run: dict[str, Any] = {
            "kind": kind,
            "recipe": recipe,
            "trips_a_month": trips,
            **more,
            "seconds": {name: round(x, 2) for name, x in seconds.items()},
            "wall_seconds": round(found.wall, 1),
            "cpu_seconds": round(found.cpu, 1),
            "peak_gib": round(found.peak_gib, 2),
        }
        if _MEMORY in os.environ:
            run["driver_memory"] = os.environ[_MEMORY]
        self._document["runs"].append(run)
        self._file.parent.mkdir(exist_ok=True)
        self._file.write_text(json.dumps(self._document, indent=1) + "\n")
        print(json.dumps(run), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)

    def numbers(text: str) -> list[int]:
        return [int(part) for part in text.split(",") if part]

    def names(text: str) -> list[str]:
        return [part for part in text.split(",") if part]

    parser.add_argument(
        "--trips", type=numbers, default=[250_000, 1_000_000, 3_040_000],
        help="trips a month, a size after the other",
    )  # fmt: skip
    parser.add_argument(
        "--recipes", type=names,
        default=["gbt-onehot", "gbt-index", "xgboost-index", ORIGINAL],
    )  # fmt: skip
    parser.add_argument("--growth", type=int, default=0, help="trips a month")
    parser.add_argument(
        "--growth-recipes",
        type=names,
        default=["gbt-onehot@10", "xgboost-index"],
    )
    parser.add_argument(
        "--work", type=Path, default=Path("benchmarks/work"),
        help="folder for months and models, about 1 GB at full size",
    )  # fmt: skip
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).parent / "results" / "speed.json",
    )
    parser.add_argument(
        "--append", action="store_true", help="add to the results there are"
    )
    parser.add_argument(
        "--note", default="", help="what else the machine was doing"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
