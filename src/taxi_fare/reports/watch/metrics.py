"""The figures of a month for Prometheus: node_exporter's textfile format."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from taxi_fare.core.files import write_text
from taxi_fare.core.metrics import METRICS, WITHIN_DOLLARS
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.watching.accuracy import Accuracy
from taxi_fare.watching.reason import WORDS

_UNITS = {"dollars": "_dollars", "": ""}
# A figure: name, help, value, labels.
Sample = tuple[str, str, float | None, dict[str, str]]


def write_metrics(file: Path, document: Watch) -> None:
    """Write the figures of a month, atomically, in place of older ones."""
    from prometheus_client import CollectorRegistry, Gauge, generate_latest

    registry, gauges = CollectorRegistry(), dict[str, Gauge]()
    for name, told, value, labels in _samples(document):
        if value is None:
            continue
        if name not in gauges:
            gauges[name] = Gauge(
                f"taxi_fare_{name}", told, [*labels], registry=registry
            )
        gauge = gauges[name].labels(**labels) if labels else gauges[name]
        gauge.set(value)
    write_text(file, generate_latest(registry).decode())


def _samples(document: Watch) -> Iterator[Sample]:
    model = document.model
    when = datetime.fromisoformat(document.timestamp).timestamp()
    info = {"month": document.month, "verdict": document.verdict}
    info["model_id"] = model.model_id if model else ""
    verdict = float(WORDS.index(document.verdict))
    yield "watch_info", "Month that was watched, and by what.", 1.0, info
    yield "watch_verdict", "0 ok, 1 look, 2 act.", verdict, {}
    yield "watch_timestamp_seconds", "When it was watched.", when, {}
    yield "watch_trips", "Trips of the month.", document.rows, {}
    share = document.valid_rows / document.rows
    yield "watch_valid_ratio", "Share of them that are valid.", share, {}
    if model is not None:
        yield (
            "model_age_months",
            "Months since the last one that the model learnt from.",
            model.age_months,
            {},
        )
    if document.accuracy is not None:
        yield from _accuracy(document.accuracy)
    yield from _drift(document)


def _accuracy(accuracy: Accuracy) -> Iterator[Sample]:
    """Tell each metric, and the ends of its interval."""
    overall = accuracy.overall
    for metric in METRICS.values():
        unit = _UNITS[metric.unit]
        name = f"model_{metric.name}{unit}"
        value = overall.figures.get(metric.name)
        yield name, f"{metric.title}: {metric.meaning}.", value, {}
        ends = overall.interval(metric.name) or (None, None)
        for bound, end in zip(("lower", "upper"), ends, strict=True):
            yield (
                f"model_{metric.name}_bound{unit}",
                f"End of the 95 % interval of {metric.title}.",
                end,
                {"bound": bound},
            )
    for name, dollars in WITHIN_DOLLARS.items():
        yield (
            "model_within_ratio",
            "Share of the trips whose prediction is off by at most so much.",
            overall.figures.get(name),
            {"dollars": str(dollars)},
        )


def _drift(document: Watch) -> Iterator[Sample]:
    told = "Population stability index against other months."
    for against, compared in document.data.items():
        for column, drift in compared.figures.items():
            labels = {"column": column, "against": against}
            yield "watch_drift_psi", told, drift.psi, labels
    predictions = document.predictions
    for against, drift in (predictions.against if predictions else {}).items():
        labels = {"column": "prediction", "against": against}
        yield "watch_drift_psi", told, drift.psi, labels
    for compared in [*document.data.values()][:1]:
        for column, drift in compared.figures.items():
            yield (
                "watch_missing_ratio",
                "Share of the trips without a value.",
                drift.missing_share,
                {"column": column},
            )
