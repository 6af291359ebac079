"""What the watch found before the training, as people read it."""

from dataclasses import dataclass

from taxi_fare.core.columns import COLUMN_TITLES
from taxi_fare.core.language import say
from taxi_fare.core.metrics import METRICS
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.monthly.metrics import written
from taxi_fare.reports.monthly.numbers import (
    NOTHING,
    number,
    percent,
)
from taxi_fare.reports.monthly.words import feature

# Columns that are told, those that moved most.
_MOST = 6
_TITLES = {
    "train_months": "its train months",
    "month_before": "the month before",
    "year_before": "the same month a year earlier",
}


@dataclass(frozen=True)
class AccuracyRow:
    """One metric of the model in production, on a month that was new to it."""

    name: str
    now: str
    sure: str
    before: str


@dataclass(frozen=True)
class MovedRow:
    """One column, and how far it is from what it was."""

    name: str
    psi: str
    now: str
    before: str
    missing: str


def accuracy_rows(found: Watch | None) -> list[AccuracyRow]:
    """Compare the accuracy with that when the model was registered."""
    if found is None or found.accuracy is None:
        return []
    overall, before = found.accuracy.overall, found.accuracy.expected
    rows = []
    for metric in METRICS.values():
        ends = overall.interval(metric.name)
        sure = NOTHING
        if ends:
            low, high = (written(metric, end) for end in ends)
            sure = say("{low} to {high}", low=low, high=high)
        now = written(metric, overall.figures.get(metric.name))
        then = written(metric, before.get(metric.name))
        rows.append(AccuracyRow(say(metric.title), now, sure, then))
    return rows


def moved(found: Watch | None) -> tuple[str, list[MovedRow]]:
    """Name what the month is compared with first, and what moved most."""
    if found is None or not found.data:
        return "", []
    against, compared = next(iter(found.data.items()))
    rows = [
        MovedRow(
            feature(name) if name in COLUMN_TITLES else name,
            number(index),
            _mean(each.mean),
            _mean(each.mean_before),
            percent(100 * (each.missing_share or 0.0)),
        )
        for name, index, each in compared.furthest(_MOST)
    ]
    return say(_TITLES.get(against, against)), rows


def _mean(value: float | None) -> str:
    return NOTHING if value is None else number(value, digits=2)
