"""What commands print with ``--json`` and write nowhere."""

from typing import Literal

from pydantic import Field

from taxi_fare.core.documents import (
    Document,
    MonthName,
    Number,
    Part,
    Seconds,
    Trips,
)
from taxi_fare.core.evidence import Evidence
from taxi_fare.core.manifest import (
    GateResult,
    Metrics,
    Months,
    RunTrips,
    TrainMetrics,
)
from taxi_fare.lake.record import IngestRecord


class RememberedDecision(Part):
    """What was decided about a model that is no longer there."""

    decision: str
    reason: str
    compared_with: str | None
    current_metrics: Metrics | None


class RememberedRun(Document):
    """What history still knows of a run whose version was pruned."""

    run_key: str | None
    model_id: str
    metrics: Metrics
    data: Months
    promotion: RememberedDecision
    report: str | None = Field(
        None, description="Missing: the page is gone, like the version."
    )


# What is known of a run that was not dry.
RunReport = TrainMetrics | RememberedRun


class DryRun(Document):
    """What ``train --dry-run`` found: the trips of a run."""

    dry_run: Literal[True]
    run_key: str
    data: RunTrips


GateName = Literal["data", "model", "predictions"]


class GateFindings(Document):
    """What a gate found."""

    gate: GateName
    question: str
    subject: str
    passed: bool
    checks: tuple[GateResult, ...]


class WrittenMonth(Part):
    """Where a month is, and whether it was there before."""

    status: Literal["written", "unchanged"]
    path: str
    rejected_path: str | None = Field(
        description="File of the rejected trips; None: not asked for."
    )


class ReportedMonth(IngestRecord, WrittenMonth):
    """One month that is in the lake."""


class IngestReport(Document):
    """What an ingest did."""

    lake: str
    months: tuple[ReportedMonth, ...]


class ComparedVersion(Part):
    """One of two versions, on the trips of a month."""

    model_id: str
    train_months: tuple[MonthName, ...]
    trained_on_month: bool = Field(
        description="Whether it learnt from these trips: then its figures"
        " flatter it."
    )
    figures: dict[str, Number | None] = Field(
        description="By name, errors in dollars; None: not defined."
    )


class VersionsCompared(Document):
    """What ``registry compare`` found: two versions on the same trips."""

    month: MonthName
    rows: Trips
    first: ComparedVersion
    second: ComparedVersion
    evidence: Evidence = Field(
        description="Gains of the second over the first."
    )


class PipelineStep(Part):
    """What became of one step."""

    step: str
    status: Literal["passed", "failed", "not_run"]
    seconds: Seconds
    summary: str


class PipelineReport(Document):
    """What became of every step of the orchestrator."""

    passed: bool
    exit_code: int
    error: str | None
    retryable: bool = Field(
        False,
        description="Whether the same command may end in another way;"
        " missing: no.",
    )
    steps: tuple[PipelineStep, ...]
    report: str | None = Field(description="The page for people.")
