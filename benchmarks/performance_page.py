"""Write docs/performance.md from the results of benchmarks/speed.py."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from peers import table

from taxi_fare.core.metrics import COMPARED

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "speed.json"
PEERS = ROOT / "benchmarks" / "results" / "peers.json"
START = ROOT / "benchmarks" / "results" / "start.json"
PAGE = ROOT / "docs" / "performance.md"
_DEFAULT = "gbt-onehot"
ORIGINAL = "gbt-onehot-all-levels"
_REST = (
    *("validate", "encode", "save", "sample", "evaluate"),
    "error_analysis",
)

Run = dict[str, Any]


def main() -> None:
    """Write the page."""
    document = json.loads(RESULTS.read_text())
    runs = sorted(document["runs"], key=_place)
    machine, versions = document["machine"], document["versions"]
    train = [run for run in runs if run["kind"] == "train"]
    usual = [run for run in train if "driver_memory" not in run]
    note = f" {document['note']}" if document["note"] else ""
    page = f"""\
# Performance

Written by `benchmarks/performance_page.py` from
`benchmarks/results/speed.json`. `make bench` makes both: hours at full size,
and the processors must have nothing else to do. `make bench-small` prints the
same figures for small months in five minutes.

Everything on this page comes from one machine with
{machine["processors"]} processors and {machine["memory_gib"]} GiB,
Spark {versions["pyspark"]}, Python {versions["python"]},
commit {document["git_commit"]}.
Trips are simulated, in the TLC's format; how well each recipe predicts real
ones is in [results.md](results.md). Compare the ratios, not the seconds:
another machine has other seconds.{note}

## Training

Each line is one `taxi-fare train` in a process of its own.
{_original(train)} *Rest* is everything but the fit:
reading and validating, encoding, evaluating the new and the current model,
error analysis, and the sample that the export is compared on. Memory is the
greatest resident memory of the whole process tree; a size behind a recipe is
`spark.driver_memory`, where it was not left to itself.

{_training_table(train)}

{_ratios(usual)}
{_reckoned(usual)}

The seconds of each stage:

{_stages_table(train)}

## Prediction

One `taxi-fare predict` of a month, in a process of its own: validate a sample,
predict, measure and write every trip.

{_prediction_table([run for run in runs if run["kind"] == "predict"])}

## Beside what people would use instead

{_peers()}

## Growth

{_growth(runs)}

## Start

{_start()}

## Where the time goes

- MLlib's trees ask for every column, trip and level of depth: 50 trees of
  depth 6 are 350 passes. Levels that are rare (`gbt.min_level_share`), or
  whose trips cost what others cost (`gbt.min_level_variance`), share one
  bucket, and most columns go.
- Each stage asks Spark for all its figures in one job
  (`tests/e2e/test_jobs.py` counts them).
- `xgboost` grows its trees in the command's own process where lake and Spark
  are local: 12 plain 32-bit columns, read once and encoded by Arrow. Trips of
  the same leaf of a first small tree lie side by side in memory: the trees are
  the same, and millions of trips take a sixth less time.
- Spark's workers, where they fit, use as many processors as
  `training.partitions` says (2), so that the same trips give the same model on
  every machine. On a larger one, raise it.
- What is left of a local run beside the fit is Spark's start, the encoder and
  the pipeline that are saved as its own, and the sample that it predicts.
"""
    PAGE.write_text(page)
    print(f"{PAGE} written")


def _peers() -> str:
    if not PEERS.is_file():
        return "`benchmarks/peers.py` was not run."
    document = json.loads(PEERS.read_text())
    rows = "\n".join(table(document["runs"]))
    return f"""\
`benchmarks/peers.py` runs `benchmarks/peer.py`, one Python process with
PyArrow, NumPy and LightGBM (100 trees of 64 leaves) or native XGBoost (the
project's parameters, every level of a category), and `taxi-fare` on the same
months in turn; commit {document["git_commit"]}, {document["note"]}. Steps of
the scripts and of `taxi-fare` are not the same: the *whole* is what compares.

{rows}"""


def _start() -> str:
    if not START.is_file():
        return "`benchmarks/start.py` was not run."
    document = json.loads(START.read_text())
    text = f"""\
Before the first trip is read, Java loads some 15,000 classes. It can keep them
in an archive (`spark.class_archive`; `make env`, `taxi-fare doctor
--make-archive`, or the first command that starts Spark makes it).
`benchmarks/start.py` runs commands on months of a thousand trips without and
with it in turn, {document["times"]} times, and writes the medians, here of
commit {document["git_commit"]}; `train` grows one tree. CPU seconds are of all
processes together.

| command | without s | with s | ratio | without CPU s | with CPU s | ratio |
|---|---|---|---|---|---|---|
"""
    for row in document["with_spark"]:
        figures = " | ".join(
            f"{both['without']:.1f} | {both['with']:.1f}"
            f" | {both['with'] / both['without']:.2f}"
            for both in (row["wall"], row["cpu"])
        )
        text += f"| `{row['command']}` | {figures} |\n"
    text += "\n| command without Spark | CPU s |\n|---|---|\n"
    return text + "\n".join(
        f"| `{row['command']}` | {row['cpu']:.2f} |"
        for row in document["without_spark"]
    )


def _place(run: Run) -> tuple[object, ...]:
    """Large windows first; of one recipe, all trees first."""
    rows = run["train_rows" if "train_rows" in run else "test_rows"]
    return -rows, run["recipe"], -run.get("trees", 0)


def _original(runs: Iterable[Run]) -> str:
    if not any(run["recipe"] == ORIGINAL for run in runs):
        return "The original way was not measured in this call."
    return (
        f"`{ORIGINAL}` is *the original way*, that of the system which this"
        " one took over from: the default recipe with a column for every"
        " level of a category, nothing else different."
    )


def _training_table(runs: Iterable[Run]) -> str:
    errors = [each for each in COMPARED if each.unit == "dollars"]
    lines = [
        "| train trips | recipe | trees | fit s | rest s | whole s"
        f" | GiB | {' | '.join(each.title for each in errors)} |",
        "|---" * (7 + len(errors)) + "|",
    ]
    for run in runs:
        cells = [
            f"{run['train_rows']:,}",
            _name(run),
            str(run["trees"]),
            f"{run['seconds']['fit']:.0f}",
            f"{_rest(run):.0f}",
            f"{run['wall_seconds']:.0f}",
            f"{run['peak_gib']:.1f}",
            *(
                f"{run['metrics'][each.name]:.{each.digits}f}"
                for each in errors
            ),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _stages_table(runs: Iterable[Run]) -> str:
    stages = ("validate", "encode", "fit", "evaluate", "error_analysis")
    titles = ("read and validate", *stages[1:4], "error analysis")
    lines = [
        f"| train trips | recipe | trees | {' | '.join(titles)} |",
        "|---" * 8 + "|",
    ]
    for run in runs:
        cells = [f"{run['seconds'][stage]:.1f}" for stage in stages]
        lines.append(
            f"| {run['train_rows']:,} | {_name(run)} | {run['trees']}"
            f" | {' | '.join(cells)} |"
        )
    return "\n".join(lines)


def _name(run: Run) -> str:
    memory = run.get("driver_memory")
    return f"{run['recipe']}, {memory}" if memory else str(run["recipe"])


def _rest(run: Run) -> float:
    return float(sum(run["seconds"].get(name, 0.0) for name in _REST))


def _ratios(runs: list[Run]) -> str:
    """Compare each fit with the original way on the same trips."""
    lines = []
    originals = [run for run in runs if run["recipe"] == ORIGINAL]
    # Of each size the one with the most trees, which comes first.
    most = {run["train_rows"]: run for run in reversed(originals)}
    for rows, original in reversed(most.items()):
        trees = original["trees"]
        slow = original["seconds"]["fit"]
        for run in runs:
            if run["train_rows"] != rows or run is original:
                continue
            same = run["trees"] == trees
            if same or run["recipe"].startswith("xgboost"):
                times = slow / run["seconds"]["fit"]
                lines.append(
                    f"- {rows:,} train trips: the fit of `{run['recipe']}`"
                    f" ({run['trees']} trees) takes 1/{times:.1f} of the time"
                    f" of {trees} trees the original way."
                )
    return "\n".join(lines)


def _reckoned(runs: list[Run]) -> str:
    """Reckon all trees of the original way from two runs of a few."""
    fits: dict[int, dict[tuple[str, int], float]] = {}
    for run in runs:
        of_size = fits.setdefault(run["train_rows"], {})
        of_size[run["recipe"], run["trees"]] = run["seconds"]["fit"]
    lines = []
    for rows, fit in fits.items():
        few = sorted(trees for recipe, trees in fit if recipe == ORIGINAL)
        if len(few) < 2 or _DEFAULT not in {recipe for recipe, _ in fit}:
            continue
        all_trees = max(trees for name, trees in fit if name == _DEFAULT)
        slow = _line(fit, recipe=ORIGINAL, few=few, trees=all_trees)
        lines.append(
            f"- {rows:,} train trips: {all_trees} trees the original way"
            f" would take about {slow:,.0f} s, as a straight line through"
            f" {few[0]} and {few[-1]} trees has it; nobody waited for them."
        )
        lines += [
            f"  The fit of `{recipe}` ({trees} trees) takes"
            f" 1/{slow / seconds:.0f} of it."
            for (recipe, trees), seconds in fit.items()
            if recipe != ORIGINAL and trees >= all_trees
        ]
        if all((_DEFAULT, trees) in fit for trees in few):
            same = _line(fit, recipe=_DEFAULT, few=few, trees=all_trees)
            lines.append(
                f"  For `{_DEFAULT}` the same line says {same:,.0f} s, and"
                f" {fit[_DEFAULT, all_trees]:,.0f} s were measured."
            )
    return "\n".join(lines)


def _line(
    fit: dict[tuple[str, int], float],
    *,
    recipe: str,
    few: list[int],
    trees: int,
) -> float:
    first, last = few[0], few[-1]
    slope = (fit[recipe, last] - fit[recipe, first]) / (last - first)
    return fit[recipe, last] + slope * (trees - last)


def _prediction_table(runs: list[Run]) -> str:
    if not runs:
        return "Not measured in this call."
    lines = [
        "| trips | recipe | stage s | whole s | GiB |",
        "|---|---|---|---|---|",
    ]
    for run in runs:
        lines.append(
            f"| {run['test_rows']:,} | {run['recipe']}"
            f" | {run['seconds']['predict']:.0f}"
            f" | {run['wall_seconds']:.0f} | {run['peak_gib']:.1f} |"
        )
    return "\n".join(lines)


def _growth(runs: list[Run]) -> str:
    growth = [run for run in runs if run["kind"] == "growth"]
    growth.sort(key=lambda run: (run["recipe"], run["train_months"]))
    if not growth:
        return "Not measured in this call (`--growth 500000`)."
    trips = growth[0]["trips_a_month"]
    lines = [
        f"Windows of 1 to 12 months of {trips:,} trips, tested on one more.",
        "",
        "| recipe | trees | train months | train trips | fit s | rest s"
        " | GiB |",
        "|---" * 7 + "|",
    ]
    for run in growth:
        lines.append(
            f"| {run['recipe']} | {run['trees']} | {run['train_months']}"
            f" | {run['train_rows']:,} | {run['seconds']['fit']:.0f}"
            f" | {_rest(run):.0f} | {run['peak_gib']:.1f} |"
        )
    return "\n".join(lines)


if __name__ == "__main__":
    main()
