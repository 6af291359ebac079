"""Metrics of both models, and the quality gates, as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass

from taxi_fare.core.evidence import standing
from taxi_fare.core.gates import gate_title
from taxi_fare.core.language import say, say_numbers
from taxi_fare.core.manifest import TrainMetrics
from taxi_fare.core.metrics import METRICS, Metric, compared_in
from taxi_fare.reports.monthly.bars import Bar, BarRow, shares
from taxi_fare.reports.monthly.numbers import (
    NOTHING,
    dollars,
    number,
    unbroken,
)

Figures = Mapping[str, float]
# What is sure of a metric, as the table says it.
JUDGEMENTS = {
    "better": "✓ better",
    "no_difference": "no real difference",
    "same": "= the same",
    "worse": "✕ worse",
}


@dataclass(frozen=True)
class MetricRow:
    """One metric of both models."""

    name: str
    meaning: str
    ours: str
    theirs: str
    change: str
    judgement: str


def metric_rows(run: TrainMetrics) -> list[MetricRow]:
    """Compare the metrics of both models."""
    ours, theirs = run.metrics, run.promotion.current_metrics or {}
    return [
        MetricRow(
            say(each.title),
            say(each.meaning),
            written(each, ours.get(each.name)),
            written(each, theirs.get(each.name)),
            *_judgement(each, run=run, theirs=theirs),
        )
        for each in METRICS.values()
    ]


def written(
    metric: Metric, value: float | None, *, signed: bool = False
) -> str:
    """Write a metric; nothing where it was not measured."""
    if value is None:
        return NOTHING
    signed = signed or metric.better is None
    if metric.unit == "dollars":
        return dollars(value, signed=signed)
    return number(value, digits=_digits(metric), signed=signed)


def _digits(metric: Metric) -> int:
    # Two scores side by side differ late: they get one more.
    return metric.digits if metric.unit else metric.digits + 1


def _judgement(
    metric: Metric, *, run: TrainMetrics, theirs: Figures
) -> tuple[str, str]:
    """Tell how much a metric changed, and whether that is better."""
    if not metric.compared:
        return NOTHING, say("not judged")
    if metric not in compared_in(run.metrics, theirs):
        return NOTHING, NOTHING
    here, there = run.metrics[metric.name], theirs[metric.name]
    change = _change(metric, ours=here, theirs=there)
    evidence = run.promotion.evidence
    found = standing(
        metric,
        ours=run.metrics,
        theirs=theirs,
        gains=evidence.gains if evidence else {},
    )
    return change, say(JUDGEMENTS[found])


def _change(metric: Metric, *, ours: float, theirs: float) -> str:
    text = written(metric, ours - theirs, signed=True)
    if ours == theirs or text.strip("+$0."):
        return text
    # A change that decides is not written as none.
    least = written(metric, 10.0 ** -_digits(metric))
    return unbroken(f"< {least}")


def metric_bars(run: TrainMetrics) -> list[BarRow]:
    """Draw the metrics of both models beside each other."""
    ours, theirs = run.metrics, run.promotion.current_metrics
    both = [ours, theirs] if theirs else [ours]
    rows = []
    for each in compared_in(*both):
        values = [figures[each.name] for figures in both]
        # An R² of 1 is perfect: its bar is part of that, not of the other.
        widths = shares([*values, each.perfect])
        bars = tuple(
            Bar(written(each, value), width, kind)
            for value, width, kind in zip(
                values, widths, ("ours", "theirs"), strict=False
            )
        )
        rows.append(BarRow(each.title, _better(each), bars))
    return rows


def _better(metric: Metric) -> str:
    note = say(f"{metric.better} is better")
    if not metric.perfect:
        return note
    perfect = f"{metric.perfect:g}"
    return f"{note}, {say('{value} is perfect', value=perfect)}"


def gate_rows(run: TrainMetrics) -> list[dict[str, str]]:
    """Tell which quality gates are kept."""
    return [
        {
            "limit": say_numbers(gate_title(gate.to_document())),
            "found": number(gate.value, digits=4),
            "kept": say("✓ kept") if gate.passed else say("✕ missed"),
        }
        for gate in run.gates
    ]
