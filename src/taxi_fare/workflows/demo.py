"""The whole system on simulated trips."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.settings import Settings
from taxi_fare.core.usual_places import USUAL_REGISTRY
from taxi_fare.lake.simulated.month import simulate_month
from taxi_fare.registry.opening import open_registry
from taxi_fare.reports.documents.predictions import PredictReport
from taxi_fare.reports.documents.trips import EdaSummary
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.run.models import ModelChoice
from taxi_fare.run.window import WindowRequest
from taxi_fare.workflows.eda import EdaRequest, explore
from taxi_fare.workflows.gates.predictions import check_predictions
from taxi_fare.workflows.gates.report import GateReport
from taxi_fare.workflows.ingest import IngestOptions, IngestResult, ingest
from taxi_fare.workflows.predict import PredictRequest, predict
from taxi_fare.workflows.train import TrainRequest, TrainResult, train
from taxi_fare.workflows.watch import WatchRequest, watch

MONTHS = parse_months("2023-01..2023-05")
TEST_MONTHS = (Month("2023-04"), Month("2023-05"))


@dataclass(frozen=True)
class DemoPlace:
    """Where a demo keeps its files."""

    folder: Path

    @property
    def raw(self) -> Path:
        """Raw simulated months."""
        return self.folder / "raw"

    @property
    def lake(self) -> Path:
        """Valid months."""
        return self.folder / "lake"

    @property
    def registry(self) -> Path:
        """Models."""
        return self.folder / USUAL_REGISTRY

    @property
    def reports(self) -> Path:
        """Reports of both months, as in a folder that people work in."""
        return self.folder / "reports"


@dataclass(frozen=True)
class DemoResult:
    """What the demo did."""

    place: DemoPlace
    ingested: IngestResult
    watched: tuple[Watch, ...]
    runs: tuple[TrainResult, ...]
    prediction: PredictReport
    plausibility: GateReport
    exploration: EdaSummary

    def to_document(self) -> dict[str, Any]:
        """Return the result for ``--json``."""
        return {
            "simulated": True,
            "folder": str(self.place.folder),
            "ingest": self.ingested.to_document(),
            "watch": [each.to_document() for each in self.watched],
            "runs": [run.document.to_document() for run in self.runs],
            "prediction": self.prediction.to_document(),
            "plausibility": self.plausibility.to_document(),
            "exploration": self.exploration.to_document(),
        }


def demo(
    place: DemoPlace,
    *,
    settings: Settings,
    trips: int,
    seed: int,
    on_tree: Callable[[int], None] | None = None,
) -> DemoResult:
    """Simulate five months, ingest them, watch and run two, predict."""
    for month in MONTHS:
        # Equal bytes each time: a second demo finds its months unchanged.
        path = place.raw / f"yellow_tripdata_{month}.parquet"
        simulate_month(path, month=month, trips=trips, seed=seed)
    options = IngestOptions(
        keep_rejected=True,
        reports_dir=place.reports,
        raw_dir=place.raw,
    )
    ingested = ingest(
        MONTHS,
        lake=place.lake,
        source=str(place.raw),
        options=options,
        settings=settings,
    )
    watched, runs = [], []
    for month in TEST_MONTHS:
        watched.append(watch(_watch_request(place, month, settings), settings))
        request = _request(place, month)
        runs.append(train(request, settings=settings, on_tree=on_tree))
    month = TEST_MONTHS[-1]
    model, reports = ModelChoice(place.registry), place.reports
    prediction = predict(
        PredictRequest(place.lake, reports, model, month=month), settings
    )
    return DemoResult(
        place,
        ingested,
        tuple(watched),
        tuple(runs),
        prediction,
        check_predictions(reports, predictions=None, settings=settings),
        explore(EdaRequest(place.lake, None, reports), settings),
    )


def _watch_request(
    place: DemoPlace, month: Month, settings: Settings
) -> WatchRequest:
    registry = open_registry(place.registry, settings)
    return WatchRequest(
        lake=place.lake,
        registry=registry,
        reports=place.reports,
        month=month,
    )


def _request(place: DemoPlace, month: Month) -> TrainRequest:
    return TrainRequest(
        WindowRequest(lake=place.lake, test_month=month),
        registry=place.registry,
        reports=place.reports,
    )
