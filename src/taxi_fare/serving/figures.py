"""Figures of the service, for Prometheus."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

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


class Figures:
    """What happened until now."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ours: dict[str, Any] = {
            "registry": self._registry,
            "namespace": "taxi_fare",
        }
        self.requests = Counter(
            "requests", "Requests.", ["route", "status"], **ours
        )
        self.seconds = Histogram(
            "request_seconds",
            "From the first byte of a request to the last of its answer.",
            ["route"],
            buckets=_SECONDS,
            **ours,
        )
        self.rides = Histogram(
            "request_rides",
            "Rides of a request.",
            ["kind"],
            buckets=_RIDES,
            **ours,
        )
        self.prices = Histogram(
            "price_dollars",
            "Prices that were told.",
            buckets=_DOLLARS,
            **ours,
        )
        self.notes = Counter(
            "rides_in_doubt", "Rides with a note.", ["kind"], **ours
        )
        self.rare = Counter(
            "rides_rare_level",
            "Rides with a level that was rare or absent in training.",
            ["feature"],
            **ours,
        )
        self.model = Gauge(
            "model_info", "The model that answers.", ["model_id"], **ours
        )
        self.learnt = Gauge(
            "model_last_month_timestamp_seconds",
            "Begin of the last month that the model knows.",
            **ours,
        )
        self.well = Gauge(
            "registry_followed",
            "1 where the registry can be read and its model is served.",
            **ours,
        )
        for kind in KINDS:
            self.notes.labels(kind)

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
