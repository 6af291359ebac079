"""Metrics of both models, and the quality gates, as people read them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxi_fare.reports.monthly.bars import Bar, BarRow, shares
from taxi_fare.reports.monthly.numbers import (
    NOTHING,
    dollars,
    number,
    unbroken,
)

Document = Mapping[str, Any]
# Short, in words, and whether it is in dollars: those are better lower.
METRICS = {
    "rmse": ("RMSE", "root of the mean squared error", True),
    "mae": ("MAE", "mean absolute error", True),
    "r2": ("R²", "share of the variance that is explained", False),
}
_R2_DIGITS = 4
_GATES = {"rmse": "RMSE", "mae": "MAE", "r2": "R²", "<=": "≤", ">=": "≥"}


@dataclass(frozen=True)
class MetricRow:
    """One metric of both models."""

    name: str
    meaning: str
    ours: str
    theirs: str
    change: str
    judgement: str


def metric_rows(run: Document) -> list[MetricRow]:
    """Compare the metrics of both models."""
    ours, theirs = run["metrics"], run["promotion"]["current_metrics"]
    improved = run["promotion"]["improved"]
    rows = []
    for key, (name, meaning, _) in METRICS.items():
        there = change = judgement = NOTHING
        if theirs:
            there = _written(key, value=theirs[key])
            change = _change(key, ours=ours[key], theirs=theirs[key])
            judgement = _judgement(
                ours[key], theirs=theirs[key], improved=key in improved
            )
        here = _written(key, value=ours[key])
        rows.append(MetricRow(name, meaning, here, there, change, judgement))
    here = dollars(ours["bias"], signed=True)
    there = dollars(theirs["bias"], signed=True) if theirs else NOTHING
    meaning = "mean of what was paid less what was predicted"
    return [
        *rows,
        MetricRow("Bias", meaning, here, there, NOTHING, "not judged"),
    ]


def _written(key: str, *, value: float, signed: bool = False) -> str:
    if METRICS[key][2]:
        return dollars(value, signed=signed)
    return number(value, digits=_R2_DIGITS, signed=signed)


def _change(key: str, *, ours: float, theirs: float) -> str:
    text = _written(key, value=ours - theirs, signed=True)
    if ours == theirs or text.strip("+$0."):
        return text
    # A change that decides is not written as none.
    least = _written(key, value=0.01 if METRICS[key][2] else 10.0**-_R2_DIGITS)
    return unbroken(f"< {least}")


def _judgement(ours: float, *, theirs: float, improved: bool) -> str:
    if improved:
        return "✓ better"
    return "= the same" if ours == theirs else "✕ worse"


def metric_bars(run: Document) -> list[BarRow]:
    """Draw the metrics of both models beside each other."""
    ours, theirs = run["metrics"], run["promotion"]["current_metrics"]
    rows = []
    for key, (name, _, lower) in METRICS.items():
        values = [ours[key]] + ([theirs[key]] if theirs else [])
        # An R² of 1 is perfect: its bar is part of that, not of the other.
        widths = shares([*values, 0.0 if lower else 1.0])
        bars = tuple(
            Bar(_written(key, value=value), width, kind)
            for value, width, kind in zip(
                values, widths, ("ours", "theirs"), strict=False
            )
        )
        note = "lower is better" if lower else "higher is better, 1 is perfect"
        rows.append(BarRow(name, note, bars))
    return rows


def gate_rows(run: Document) -> list[dict[str, str]]:
    """Tell which quality gates are kept."""
    return [
        {
            "limit": " ".join(
                _GATES.get(part, part) for part in gate["gate"].split(" ")
            ),
            "found": number(gate["value"], digits=4),
            "kept": "✓ kept" if gate["passed"] else "✕ missed",
        }
        for gate in run["gates"]
    ]
