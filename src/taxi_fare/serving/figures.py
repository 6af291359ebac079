"""Figures of the service, for Prometheus."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from taxi_fare.scoring.note import KINDS
from taxi_fare.scoring.predictor import FarePredictor

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
_RIDES = (1, 2, 5, 10, 50, 100, 500, 1_000, 5_000, 10_000)
_DOLLARS = (5, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)
CONTENT_TYPE = CONTENT_TYPE_LATEST
_SPACE = "taxi_fare"


class Spread(Collector):
    """
    A histogram that takes many values at once.

    The client's own takes one after the other, each behind a lock: for a
    thousand prices that is as long as pricing them.
    """

    def __init__(self, name: str, told: str, ends: Sequence[float]) -> None:
        self._name, self._told = name, told
        self._ends = np.array(ends, dtype=float)
        self._counts = np.zeros(len(ends) + 1, dtype=np.int64)
        self._sum = 0.0

    def observe(self, values: Sequence[float]) -> None:
        """Count values, each in the step that ends at it or above it."""
        steps = self._ends.searchsorted(values)
        self._counts += np.bincount(steps, minlength=len(self._counts))
        self._sum += math.fsum(values)

    def collect(self) -> Iterable[Metric]:
        """Return what Prometheus reads."""
        ends = [*map(floatToGoString, self._ends.tolist()), "+Inf"]
        upto = self._counts.cumsum().tolist()
        buckets = [*zip(ends, upto, strict=True)]
        yield HistogramMetricFamily(
            self._name, self._told, buckets=buckets, sum_value=self._sum
        )


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
        self.prices = Spread(f"{_SPACE}_price_dollars", told, _DOLLARS)
        self._registry.register(self.prices)
        self.notes = counter("rides_in_doubt", "Rides with a note.", "kind")
        told = "Rides with a value that training hardly saw."
        self.rare = counter("rides_rare_level", told, "feature")
        told = "The model that answers."
        self.model = gauge("model_info", told, "model_id")
        told = "Begin of the last month that the model knows."
        self.learnt = gauge("model_last_month_timestamp_seconds", told)
        told = "When the model that answers was made."
        self.created = gauge("model_created_timestamp_seconds", told)
        told = "1 while a version is current and not served: it is damaged."
        self.refused = gauge("version_refused", told, "model_id")
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

    def serve(self, predictor: FarePredictor) -> None:
        """Tell which model answers."""
        self.model.clear()
        self.model.labels(predictor.model_id).set(1)
        if made := predictor.manifest.get("timestamp"):
            self.created.set(datetime.fromisoformat(made).timestamp())
        last = max(predictor.months, default=None)
        if last is not None:
            begin = datetime.fromisoformat(f"{last}-01T00:00:00+00:00")
            self.learnt.set(begin.timestamp())

    def follow(self, *, trouble: str | None, refused: str | None) -> None:
        """
        Tell whether the registry is followed.

        Parameters
        ----------
        trouble : str or None
            Why not.
        refused : str or None
            The version that is not served because of it.
        """
        self.well.set(trouble is None)
        self.refused.clear()
        if refused is not None:
            self.refused.labels(refused).set(1)

    def text(self) -> bytes:
        """Return all of them, as Prometheus reads them."""
        return generate_latest(self._registry)
