"""The orchestrator: gates, train, gates, predict, gates."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.reports.documents.printed import (
    PipelineReport,
    PipelineStep,
    RunReport,
)
from taxi_fare.run.models import ModelChoice
from taxi_fare.run.window import WindowRequest
from taxi_fare.workflows.gates.data import check_legacy_months, check_window
from taxi_fare.workflows.gates.model import check_metrics
from taxi_fare.workflows.gates.predictions import check_predictions
from taxi_fare.workflows.gates.report import GateReport
from taxi_fare.workflows.predict import PredictRequest, predict
from taxi_fare.workflows.train import TrainRequest, TrainResult, train
from taxi_fare.workflows.train_legacy import LegacyRequest, train_legacy


@dataclass(frozen=True)
class PipelineRequest:
    """A run of the orchestrator that was asked for."""

    window: WindowRequest
    registry: Path | str
    reports: Path
    legacy: bool = False
    skip_tests: bool = False
    train_only: bool = False
    predict_only: bool = False
    force: bool = False


@dataclass(frozen=True)
class Step:
    """What became of one step."""

    step: str
    status: Literal["passed", "failed", "not_run"]
    seconds: float = 0.0
    summary: str = ""


@dataclass(frozen=True)
class PipelineResult:
    """What became of every step."""

    steps: tuple[Step, ...]
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
            steps=tuple(PipelineStep(**asdict(step)) for step in self.steps),
            report=self.report,
        ).to_document()


def run_pipeline(
    request: PipelineRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> PipelineResult:
    """Run the steps one after the other, up to the first that fails."""
    steps = _Steps(request, settings=settings, on_tree=on_tree)
    done: list[Step] = []
    error: TaxiFareError | None = None
    for name, run in steps.wanted().items():
        if error is not None:
            done.append(Step(name, "not_run"))
            continue
        started = time.perf_counter()
        try:
            summary = run()
        except TaxiFareError as failure:
            error, summary = failure, failure.summary
        seconds = time.perf_counter() - started
        done.append(
            Step(name, "failed" if error else "passed", seconds, summary)
        )
    return PipelineResult(tuple(done), steps.simulated, steps.report, error)


class _Steps:
    """The steps of one run, and what they hand on."""

    def __init__(
        self,
        request: PipelineRequest,
        *,
        settings: Settings,
        on_tree: Callable[[int], None] | None,
    ) -> None:
        self._request = _with_test_month(request)
        self._settings = settings
        self._on_tree = on_tree
        self._trained: RunReport | None = None
        self.simulated = False
        self.report: str | None = None

    def wanted(self) -> dict[str, Callable[[], str]]:
        """Return the steps that were asked for, in their order."""
        training = {
            "check data": self._check_data,
            "train": self._train,
            "check model": self._check_model,
        }
        predicting = {
            "predict": self._predict,
            "check predictions": self._check_predictions,
        }
        request = self._request
        wanted = {} if request.predict_only else training
        wanted |= {} if request.train_only else predicting
        return {
            name: step
            for name, step in wanted.items()
            if not (request.skip_tests and name.startswith("check"))
        }

    def _check_data(self) -> str:
        request, settings = self._request, self._settings
        window = request.window
        if request.legacy:
            return self._judged(
                check_legacy_months(
                    window.lake, months=window.train_months, settings=settings
                )
            )
        # Spark starts here, and stays for the steps that reach models.
        return self._judged(
            check_window(window, settings=settings, models=request.registry)
        )

    def _train(self) -> str:
        result = self._trained_now()
        document = self._trained = result.run_report
        self.simulated |= document.simulated
        self.report = document.report
        refusal = result.refusal()
        if refusal is not None:
            raise refusal
        promotion = document.promotion
        before = "done before, " if result.status == "already_done" else ""
        return f"{before}{promotion.decision}: {promotion.reason}"

    def _trained_now(self) -> TrainResult:
        request, settings = self._request, self._settings
        if request.legacy:
            legacy = LegacyRequest(
                request.window.lake,
                request.reports,
                months=request.window.train_months,
                force=request.force,
            )
            return train_legacy(
                legacy, settings=settings, on_tree=self._on_tree
            )
        window = TrainRequest(
            request.window,
            registry=request.registry,
            reports=request.reports,
            force=request.force,
        )
        return train(window, settings=settings, on_tree=self._on_tree)

    def _check_model(self) -> str:
        if self._trained is None:
            raise TypeError("nothing was trained")
        return self._judged(
            check_metrics(self._trained, settings=self._settings)
        )

    def _predict(self) -> str:
        request = self._request
        choice = ModelChoice(request.registry, legacy=request.legacy)
        document = predict(
            PredictRequest(
                request.window.lake,
                request.reports,
                choice,
                month=request.window.test_month,
            ),
            self._settings,
        )
        self.simulated |= document.simulated
        return (
            f"{document.predicted_rows:,} trips of {document.month} by"
            f" {document.model_id}"
        )

    def _check_predictions(self) -> str:
        return self._judged(
            check_predictions(
                self._request.reports,
                predictions=None,
                settings=self._settings,
            )
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
