"""The orchestrator: gates, watch, train, gates, predict, gates."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.registry.opening import open_registry
from taxi_fare.reports.documents.printed import (
    PipelineReport,
    PipelineStep,
    RunReport,
)
from taxi_fare.run.models import ModelChoice
from taxi_fare.run.month_index import write_index
from taxi_fare.run.notice import addresses_in, tell
from taxi_fare.workflows.gates.data import check_legacy_months, check_window
from taxi_fare.workflows.gates.model import check_metrics
from taxi_fare.workflows.gates.predictions import check_predictions
from taxi_fare.workflows.gates.report import GateReport
from taxi_fare.workflows.predict import PredictRequest, predict
from taxi_fare.workflows.train import TrainRequest, TrainResult, train
from taxi_fare.workflows.train_legacy import LegacyRequest, train_legacy
from taxi_fare.workflows.watch import WatchRequest, watch


@dataclass(frozen=True)
class PipelineRequest(TrainRequest):
    """A run of the orchestrator that was asked for."""

    legacy: bool = False
    skip_tests: bool = False
    train_only: bool = False
    predict_only: bool = False


@dataclass(frozen=True)
class PipelineResult:
    """What became of every step."""

    steps: tuple[PipelineStep, ...]
    simulated: bool
    report: str | None
    error: TaxiFareError | None

    def to_document(self) -> dict[str, Any]:
        """Return the result for ``--json``."""
        error = self.error
        return PipelineReport(
            **report_header(new_run_id(), simulated=self.simulated),
            passed=error is None,
            exit_code=error.exit_code if error else 0,
            error=str(error) if error else None,
            retryable=error is not None and error.retryable,
            steps=self.steps,
            report=self.report,
        ).to_document()


def run_pipeline(
    request: PipelineRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> PipelineResult:
    """Run the steps one after the other, up to the first that fails."""
    run = _Pipeline(_with_test_month(request), settings, on_tree)
    steps = tuple(run.step(*each) for each in run.wanted().items())
    return PipelineResult(steps, run.simulated, run.report, run.error)


@dataclass
class _Pipeline:
    """The steps of one run, and what they hand on."""

    request: PipelineRequest
    settings: Settings
    on_tree: Callable[[int], None] | None
    trained: RunReport | None = None
    simulated: bool = False
    report: str | None = None
    error: TaxiFareError | None = None

    def step(self, name: str, run: Callable[[], str]) -> PipelineStep:
        """Run a step, unless one before it failed."""
        status, seconds, summary = "not_run", 0.0, ""
        if self.error is None:
            started = time.perf_counter()
            try:
                status, summary = "passed", run()
            except TaxiFareError as error:
                self.error = error
                status, summary = "failed", error.summary
            seconds = time.perf_counter() - started
        told = {"status": status, "seconds": seconds, "summary": summary}
        return PipelineStep.model_validate({"step": name, **told})

    def wanted(self) -> dict[str, Callable[[], str]]:
        """Return the steps that were asked for, in their order."""
        training = {
            "check data": self._check_data,
            "watch": self._watch,
            "train": self._train,
            "check model": self._check_model,
        }
        predicting = {
            "predict": self._predict,
            "check predictions": self._check_predictions,
        }
        request = self.request
        wanted = {} if request.predict_only else training
        wanted |= {} if request.train_only else predicting
        if request.legacy:
            # It has no month of its own to be watched.
            wanted.pop("watch", None)
        return {
            name: step
            for name, step in wanted.items()
            if not (request.skip_tests and name.startswith("check"))
        }

    def _check_data(self) -> str:
        window, settings = self.request.window, self.settings
        if self.request.legacy:
            months = window.train_months
            report = check_legacy_months(
                window.lake, months=months, settings=settings
            )
        else:
            # Spark starts here, and stays for the steps that reach models.
            models = self.request.registry
            report = check_window(window, settings=settings, models=models)
        return self._judged(report)

    def _watch(self) -> str:
        window, settings = self.request.window, self.settings
        if window.test_month is None:
            raise TypeError("a window without a test month")
        request = WatchRequest(
            window.lake,
            open_registry(self.request.registry, settings),
            self.request.reports,
            window.test_month,
        )
        document = watch(request, settings)
        self.simulated |= document.simulated
        tell(document, addresses_in(settings))
        return "; ".join([document.verdict, *document.reasons[:1]])

    def _train(self) -> str:
        result = self._trained_now()
        document = self.trained = result.run_report
        self.simulated |= document.simulated
        self.report = document.report
        refusal = result.refusal()
        if refusal is not None:
            raise refusal
        promotion = document.promotion
        before = "done before, " if result.status == "already_done" else ""
        return f"{before}{promotion.decision}: {promotion.reason}"

    def _trained_now(self) -> TrainResult:
        request, settings = self.request, self.settings
        if not request.legacy:
            return train(request, settings=settings, on_tree=self.on_tree)
        legacy = LegacyRequest(
            request.window.lake,
            request.reports,
            months=request.window.train_months,
            force=request.force,
        )
        return train_legacy(legacy, settings=settings, on_tree=self.on_tree)

    def _check_model(self) -> str:
        if self.trained is None:
            raise TypeError("nothing was trained")
        return self._judged(
            check_metrics(self.trained, settings=self.settings)
        )

    def _predict(self) -> str:
        window, reports = self.request.window, self.request.reports
        model = ModelChoice(self.request.registry, legacy=self.request.legacy)
        request = PredictRequest(
            window.lake, reports, model, month=window.test_month
        )
        document = predict(request, self.settings)
        if not self.request.legacy:
            registry = open_registry(self.request.registry, self.settings)
            write_index(registry, reports)
        self.simulated |= document.simulated
        return (
            f"{document.predicted_rows:,} trips of {document.month} by"
            f" {document.model_id}"
        )

    def _check_predictions(self) -> str:
        reports, settings = self.request.reports, self.settings
        return self._judged(
            check_predictions(reports, predictions=None, settings=settings)
        )

    def _judged(self, report: GateReport) -> str:
        self.simulated |= report.simulated
        if not report.passed:
            raise report.error()
        return f"{len(report.checks)} of {len(report.checks)} limits kept"


def _with_test_month(request: PipelineRequest) -> PipelineRequest:
    """Decide once which month it is: a run may go on after midnight."""
    window = request.window
    # Without training it is predict's own: the latest month of the lake.
    has_own = request.legacy or request.predict_only
    if has_own or window.test_month is not None:
        return request
    today = replace(window, test_month=Month.current())
    return replace(request, window=today)
