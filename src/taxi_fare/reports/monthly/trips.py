"""Which trips a run used, month by month and rule by rule."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxi_fare.core.language import say
from taxi_fare.core.manifest import MonthCounts, TrainMetrics
from taxi_fare.core.retold import retold
from taxi_fare.reports.documents.trips import IngestedCounts
from taxi_fare.reports.monthly.bars import Bar, BarRow, to_scale
from taxi_fare.reports.monthly.numbers import NOTHING, count, percent
from taxi_fare.reports.monthly.words import month, spoken

Ingested = Mapping[str, IngestedCounts]


@dataclass(frozen=True)
class RuleRow:
    """One rule, and how many trips broke it."""

    name: str
    meaning: str
    counts: tuple[str, ...]
    broken: bool


def month_rows(run: TrainMetrics, ingest: Ingested) -> list[dict[str, str]]:
    """Tell what became of the trips of each month."""
    rows = []
    for name, found in run.data.months.items():
        came = ingest.get(name)
        raw = came.raw_rows if came else None
        rows.append(
            {
                "month": month(name),
                "use": _use(run, name),
                "raw": count(raw),
                "left_out": count(came.rejected_rows if came else None),
                "lake": count(found.rows),
                "rejected": count(found.rejected_rows),
                "used": count(found.valid_rows),
                "kept": _share(found.valid_rows, raw or found.rows),
            }
        )
    return rows


def _use(run: TrainMetrics, name: str) -> str:
    if run.data.test_month is None:
        return say("train and test")
    return say("test") if name == run.data.test_month else say("train")


def _share(part: int, whole: int) -> str:
    return percent(100 * part / whole, 2) if whole else NOTHING


def loss_bars(run: TrainMetrics, ingest: Ingested) -> list[BarRow]:
    """Draw how many trips of each month were left out."""
    return to_scale(
        [
            BarRow(month(name), _use(run, name), _lost(each, ingest.get(name)))
            for name, each in run.data.months.items()
        ]
    )


def _lost(found: MonthCounts, came: IngestedCounts | None) -> tuple[Bar, ...]:
    """Return what was left out in both places, percent of the trips."""
    whole = (came.raw_rows if came else found.rows) or 1
    at_ingest = 100 * (came.rejected_rows if came else 0) / whole
    later = 100 * found.rejected_rows / whole
    return (
        Bar(
            say("{share} at ingest", share=percent(at_ingest, 2)),
            at_ingest,
            "theirs",
        ),
        Bar(say("{share} before training", share=percent(later, 2)), later),
    )


def ingest_rules(
    run: TrainMetrics, *, ingest: Ingested, rules: Mapping[str, str]
) -> list[RuleRow]:
    """
    Count what was left out at ingest, by rule and month.

    Returns
    -------
    list of RuleRow
        Empty where no month has a record.
    """
    months = list(run.data.months)
    counts = {
        name: each.rejected for name, each in ingest.items() if name in months
    }
    return _rule_rows(months, counts=counts, rules=rules)


def training_rules(
    run: TrainMetrics, rules: Mapping[str, str]
) -> list[RuleRow]:
    """Count the trips that broke each rule before training, by month."""
    found = run.data.months
    counts = {name: each.violations for name, each in found.items()}
    return _rule_rows(list(found), counts=counts, rules=rules)


def _rule_rows(
    months: Sequence[str],
    *,
    counts: Mapping[str, Mapping[str, int]],
    rules: Mapping[str, str],
) -> list[RuleRow]:
    names = dict.fromkeys(name for each in counts.values() for name in each)
    return [
        RuleRow(
            spoken(name),
            retold(rules.get(name, "")),
            tuple(
                count(counts[each].get(name, 0) if each in counts else None)
                for each in months
            ),
            any(each.get(name) for each in counts.values()),
        )
        for name in names
    ]
