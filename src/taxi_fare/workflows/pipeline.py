"""The orchestrator: gates, train, gates, predict, gates."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.settings import Settings
from taxi_fare.reports.header import new_run_id, report_header
from taxi_fare.workflows.pipeline_steps import PipelineRequest, PipelineSteps


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
        header = report_header(new_run_id(), simulated=self.simulated)
        return header | {
            "passed": self.error is None,
            "exit_code": self.error.exit_code if self.error else 0,
            "error": str(self.error) if self.error else None,
            "steps": [asdict(step) for step in self.steps],
            "report": self.report,
        }


def run_pipeline(
    request: PipelineRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> PipelineResult:
    """Run the steps one after the other, up to the first that fails."""
    steps = PipelineSteps(request, settings=settings, on_tree=on_tree)
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
            error, summary = failure, str(failure).splitlines()[0]
        seconds = time.perf_counter() - started
        done.append(
            Step(name, "failed" if error else "passed", seconds, summary)
        )
    return PipelineResult(tuple(done), steps.simulated, steps.report, error)
