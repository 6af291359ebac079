"""How to run it again, as the page of a run tells it."""

from collections.abc import Mapping

from taxi_fare.core.manifest import Manifest, TrainMetrics
from taxi_fare.reports.documents.trips import IngestedCounts
from taxi_fare.reports.monthly.bars import BarRow, bar_rows
from taxi_fare.reports.monthly.numbers import NOTHING, count, duration
from taxi_fare.reports.monthly.words import spoken


def command(run: TrainMetrics) -> str:
    """Return what runs it again."""
    data, recipe = run.data, run.recipe
    months = ",".join(data.train_months)
    how = (
        f" --algorithm {recipe.algorithm} --encoding {recipe.encoding} --force"
    )
    if data.test_month is None:
        return f"taxi-fare train-legacy --months {months}{how}"
    return (
        f"taxi-fare train --test-month {data.test_month}"
        f" --train-months {months}{how}"
    )


def stage_bars(run: TrainMetrics) -> list[BarRow]:
    """Draw where the time went."""
    seconds = run.seconds
    return bar_rows(
        [spoken(stage) for stage in seconds],
        values=list(seconds.values()),
        texts=[duration(each) for each in seconds.values()],
    )


def identity(manifest: Manifest) -> list[tuple[str, str]]:
    """Tell which run it was, of which code."""
    return [
        ("Run id", manifest.run_id),
        ("Run key", manifest.run_key),
        ("Model", manifest.model_id),
        ("Written", manifest.timestamp),
        ("Commit", manifest.git_commit or "not a checkout"),
        ("Feature version", str(manifest.features.version)),
    ]


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


def fingerprint_rows(
    manifest: Manifest, ingest: Mapping[str, IngestedCounts]
) -> list[dict[str, str]]:
    """Tell which bytes each month had, and where they came from."""
    return [
        {
            "month": name,
            "rows": count(manifest.data.months[name].rows),
            "source": ingest[name].source if name in ingest else NOTHING,
            "fingerprint": fingerprint,
        }
        for name, fingerprint in manifest.fingerprints.items()
    ]
