"""Figures of the service, for Prometheus."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from taxi_fare.scoring.notes import KINDS

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_RIDES = (1, 2, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000)
_DOLLARS = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SPACE = "taxi_fare"


class Figures:
    """What happened until now."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        counter, gauge = self._counter, self._gauge
        self.requests = counter("requests", "Requests.", "route", "status")
        told = "From the first byte of a request to the last of its answer."
        self.seconds = self._histogram(
            "request_seconds", told, "route", buckets=_SECONDS
        )
        told = "Rides of a request."
        self.rides = self._histogram(
            "request_rides", told, "kind", buckets=_RIDES
        )
        told = "Prices that were told."
        self.prices = self._histogram("price_dollars", told, buckets=_DOLLARS)
        self.notes = counter("rides_in_doubt", "Rides with a note.", "kind")
        told = "Rides with a level that was rare or absent in training."
        self.rare = counter("rides_rare_level", told, "feature")
        told = "The model that answers."
        self.model = gauge("model_info", told, "model_id")
        told = "Begin of the last month that the model knows."
        self.learnt = gauge("model_last_month_timestamp_seconds", told)
        told = "1 where the registry can be read and its model is served."
        self.well = gauge("registry_followed", told)
        for kind in KINDS:
            self.notes.labels(kind)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(
            f"{_SPACE}_{name}", told, labels, registry=self._registry
        )

    def _gauge(self, name: str, told: str, *labels: str) -> Gauge:
        return Gauge(f"{_SPACE}_{name}", told, labels, registry=self._registry)

    def _histogram(
        self, name: str, told: str, *labels: str, buckets: Sequence[float]
    ) -> Histogram:
        return Histogram(
            f"{_SPACE}_{name}",
            told,
            labels,
            buckets=buckets,
            registry=self._registry,
        )

    def serve(self, model_id: str, months: Iterable[str]) -> None:
        """Tell which model answers."""
        self.model.clear()
        self.model.labels(model_id).set(1)
        last = max(months, default=None)
        if last is not None:
            begin = datetime.fromisoformat(f"{last}-01T00:00:00+00:00")
            self.learnt.set(begin.timestamp())

    def text(self) -> bytes:
        """Return all of them, as Prometheus reads them."""
        return generate_latest(self._registry)
