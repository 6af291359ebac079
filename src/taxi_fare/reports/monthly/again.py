"""How to run it again, as the page of a run tells it."""

import shlex
from collections.abc import Iterator

from taxi_fare.core.language import say
from taxi_fare.core.manifest import Manifest, TrainMetrics
from taxi_fare.core.metrics import ERRORS, METRICS
from taxi_fare.core.recipe_used import Tuning
from taxi_fare.reports.monthly.bars import BarRow, bar_rows
from taxi_fare.reports.monthly.numbers import duration, number
from taxi_fare.reports.monthly.words import spoken


def command(run: TrainMetrics) -> str:
    """Return what runs it again."""
    data, recipe, tuned = run.data, run.recipe.name, run.recipe.tuned
    months = ",".join(data.train_months)
    words = ["train", "--test-month", str(data.test_month), "--train-months"]
    if data.test_month is None:
        words = ["train-legacy", "--months"]
    words += [months]
    if tuned and tuned.file:
        words += ["--tuned", tuned.file]
    else:
        words += ["--recipe", recipe]
    words += ["--force"]
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
        (say("Recipe"), found.name),
        (say("Algorithm"), found.algorithm),
        (say("Encoding"), found.encoding),
        *((name, str(each)) for name, each in found.parameters.items()),
        ("partitions", str(found.partitions)),
        *(_tuned(found.tuned) if found.tuned else ()),
        *(_tuned_on_test_month(manifest) if found.tuned else ()),
        *(
            (f"split: {name}", str(each))
            for name, each in (split.to_document() if split else {}).items()
        ),
    ]


def _tuned(tuning: Tuning) -> Iterator[tuple[str, str]]:
    """Tell how parameters were found, and what it was worth."""
    months = ", ".join(tuning.train_months)
    yield (
        say("Tuned"),
        say(
            "{trials} trials that learnt from {months}",
            trials=tuning.trials,
            months=months,
        ),
    )
    for name, after in tuning.after.items():
        if name in METRICS and name in tuning.before:
            title = METRICS[name].title
            yield (
                say(
                    "{metric} on {month}",
                    metric=title,
                    month=tuning.chosen_on,
                ),
                say(
                    "{before} before, {after} tuned",
                    before=number(tuning.before[name]),
                    after=number(after),
                ),
            )


def _tuned_on_test_month(manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Tell what it came to on trips that the search has not seen."""
    month, figures = manifest.data.test_month, manifest.metrics
    for metric in ERRORS if month else ():
        yield (
            say("{metric} on {month}", metric=metric.title, month=month),
            say("{after} tuned", after=number(figures[metric.name])),
        )
