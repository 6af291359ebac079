"""Every document of the project: its name, what it is, where it is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from taxi_fare.core.documents import Part, Refusal, parse_document
from taxi_fare.core.errors import DataMissingError
from taxi_fare.core.files import write_json
from taxi_fare.core.intervals import INTERVALS_FILE, Intervals
from taxi_fare.core.manifest import Manifest, TrainMetrics
from taxi_fare.core.months import Month
from taxi_fare.core.recipe_used import Tuned
from taxi_fare.core.routes import ROUTES_FILE, Routes
from taxi_fare.lake.record import IngestRecord
from taxi_fare.registry.records import RegistryState
from taxi_fare.reports.documents import (
    backtest,
    errors,
    predictions,
    printed,
    trips,
    watch,
)

Model_co = TypeVar("Model_co", bound=Part, covariant=True)


@dataclass(frozen=True)
class Report(Generic[Model_co]):
    """
    A document in the folder of the reports, and what writes it there.

    Examples
    --------
    >>> report = TRAIN_METRICS.read(Path("reports"))
    >>> report.metrics["rmse"] == report.rmse
    True
    """

    file: str
    model: type[Model_co]
    command: str

    def read(self, folder: Path) -> Model_co:
        """
        Read the report.

        Raises
        ------
        DataMissingError
            If there is none.
        DataRefusedError
            If it is damaged.
        """
        path = folder / self.file
        expected = f"the report that `{self.command}` writes"
        try:
            content = path.read_bytes()
        except FileNotFoundError as error:
            raise DataMissingError(
                f"There is no {path}.",
                expected=expected,
                remedy=f"run `{self.command}` first, or name another"
                " --reports-dir.",
            ) from error
        return parse_document(
            content,
            self.model,
            place=path,
            refusal=Refusal(expected, f"run `{self.command}` again."),
        )

    def write(self, folder: Path, document: Part) -> None:
        """Write the report, atomically."""
        write_json(folder / self.file, document.to_document())


_TRAIN = "taxi-fare train"
TRAIN_METRICS = Report("train_metrics.json", TrainMetrics, _TRAIN)
ERROR_SUMMARY = Report("error_summary.json", errors.ErrorSummary, _TRAIN)
PRICE_BUCKETS = Report(
    "error_by_price_bucket.json", errors.ErrorByPriceBucket, _TRAIN
)
IMPORTANCE = Report(
    "feature_importance.json", errors.FeatureImportance, _TRAIN
)
VALIDATION = Report(
    "validation_report.json", trips.ValidationReport, "taxi-fare ingest"
)
PREDICT_REPORT = Report(
    "predict_report.json", predictions.PredictReport, "taxi-fare predict"
)
EDA_SUMMARY = Report("eda_summary.json", trips.EdaSummary, "taxi-fare eda")
COMPARISON = Report(
    "comparison.json", predictions.Comparison, "taxi-fare compare"
)
WATCH_SERIES = Report(
    "watch/series.json", watch.WatchSeries, "taxi-fare watch"
)
BACKTEST = Report(
    "backtest/backtest.json", backtest.Backtest, "taxi-fare backtest"
)
REPORTS: tuple[Report[Part], ...] = (
    TRAIN_METRICS,
    ERROR_SUMMARY,
    PRICE_BUCKETS,
    IMPORTANCE,
    VALIDATION,
    PREDICT_REPORT,
    EDA_SUMMARY,
    COMPARISON,
    BACKTEST,
)


def watch_of(month: Month) -> Report[watch.Watch]:
    """Name the report on a month."""
    return _of_watch(f"{month}/watch.json", watch.Watch)


def profile_of(month: Month) -> Report[watch.MonthProfile]:
    """Name the profile of a month."""
    return _of_watch(f"profiles/{month}.json", watch.MonthProfile)


def model_profile_of(model_id: str) -> Report[watch.ModelProfile]:
    """Name the profile of what a model learnt from."""
    return _of_watch(f"models/{model_id}.json", watch.ModelProfile)


def _of_watch(file: str, model: type[Model_co]) -> Report[Model_co]:
    return Report(f"watch/{file}", model, "taxi-fare watch")


@dataclass(frozen=True)
class Listed:
    """A document, and where it is found."""

    model: type[Part]
    where: str


DOCUMENTS: dict[str, Listed] = {
    **{
        Path(each.file).stem: Listed(each.model, f"`reports/{each.file}`")
        for each in REPORTS
    },
    "watch": Listed(watch.Watch, "`reports/watch/YYYY-MM/watch.json`"),
    "watch_series": Listed(
        watch.WatchSeries, f"`reports/{WATCH_SERIES.file}`"
    ),
    "month_profile": Listed(
        watch.MonthProfile, "`reports/watch/profiles/YYYY-MM.json`"
    ),
    "model_profile": Listed(
        watch.ModelProfile, "`reports/watch/models/ID.json`"
    ),
    "tuned": Listed(Tuned, "`reports/tuned/YYYY-MM_RECIPE.json`"),
    "model_registry": Listed(RegistryState, "`model_registry.json`"),
    "manifest": Listed(Manifest, "`manifest.json` of a version"),
    "intervals": Listed(Intervals, f"`{INTERVALS_FILE}` of a version"),
    "routes": Listed(Routes, f"`{ROUTES_FILE}` of a version"),
    "ingest_record": Listed(
        IngestRecord, "footer of a month, `taxi_fare.ingest`"
    ),
    "predictions": Listed(
        predictions.PredictionsOrigin,
        "footer of predictions, `taxi_fare.table`",
    ),
    "feature_table": Listed(
        trips.FeatureTable, "footer of a feature table, `taxi_fare.table`"
    ),
    "dry_run": Listed(printed.DryRun, "`train --dry-run --json`"),
    "remembered_run": Listed(
        printed.RememberedRun, "`train --json` of a pruned version"
    ),
    "gate_report": Listed(printed.GateFindings, "`check --json`"),
    "ingest_report": Listed(printed.IngestReport, "`ingest --json`"),
    "prepare_report": Listed(trips.PrepareReport, "`prepare --json`"),
    "versions_compared": Listed(
        printed.VersionsCompared, "`registry compare --json`"
    ),
    "pipeline_report": Listed(printed.PipelineReport, "`pipeline --json`"),
}
