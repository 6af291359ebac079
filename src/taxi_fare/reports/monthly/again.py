"""How to run it again, as the page of a run tells it."""

import shlex

from taxi_fare.core.manifest import Manifest, TrainMetrics
from taxi_fare.reports.monthly.bars import BarRow, bar_rows
from taxi_fare.reports.monthly.numbers import duration
from taxi_fare.reports.monthly.words import spoken


def command(run: TrainMetrics) -> str:
    """Return what runs it again."""
    data, recipe = run.data, run.recipe.name
    months = ",".join(data.train_months)
    words = ["train", "--test-month", str(data.test_month), "--train-months"]
    if data.test_month is None:
        words = ["train-legacy", "--months"]
    words += [months, "--recipe", recipe, "--force"]
    return shlex.join(["taxi-fare", *words])


def stage_bars(run: TrainMetrics) -> list[BarRow]:
    """Draw where the time went."""
    return bar_rows(
        (spoken(stage), seconds, duration(seconds))
        for stage, seconds in run.seconds.items()
    )


def recipe(manifest: Manifest) -> list[tuple[str, str]]:
    """Tell how the model was built."""
    found, split = manifest.recipe, manifest.data.split
    return [
        ("Recipe", found.name),
        ("Algorithm", found.algorithm),
        ("Encoding", found.encoding),
        *((name, str(each)) for name, each in found.parameters.items()),
        ("partitions", str(found.partitions)),
        *(
            (f"split: {name}", str(each))
            for name, each in (split.to_document() if split else {}).items()
        ),
    ]
