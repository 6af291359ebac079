"""The documents of a run: reports, manifest, history entry."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from taxi_fare.core.columns import FEATURES, FEATURES_VERSION
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.evaluation.error_causes import MEANINGS
from taxi_fare.lake.clean import RULES as INGEST_RULES
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.header import SCHEMA_VERSION
from taxi_fare.reports.monthly.page import (
    RunDocuments,
    monthly_report_name,
)
from taxi_fare.reports.validation_report import ingest_section
from taxi_fare.run.fit import FittedPipeline
from taxi_fare.run.judge import Judgement
from taxi_fare.run.run import Run
from taxi_fare.run.trained import Trained
from taxi_fare.run.trips import ValidTrips
from taxi_fare.validation.rules import trip_rules

MAIN_REPORT = "train_metrics.json"
ERROR_SUMMARY = "error_summary.json"
PRICE_BUCKETS = "error_by_price_bucket.json"


@dataclass(frozen=True)
class Outcome:
    """Everything that a run found out."""

    run: Run
    trips: ValidTrips
    fitted: FittedPipeline
    judgement: Judgement
    seconds: dict[str, float]
    header: dict[str, Any]

    @classmethod
    def of(
        cls, trained: Trained, judgement: Judgement, log: PipelineLogger
    ) -> "Outcome":
        """End a run: this is its time stamp."""
        run = trained.run
        return cls(
            run,
            trained.trips,
            trained.fitted,
            judgement,
            seconds=log.summary(),
            header=run.header(),
        )

    def reports(self) -> dict[str, dict[str, Any]]:
        """Return the reports of the run but the validation report."""
        header = self.header
        importance = {"feature_importance": self.fitted.importance}
        return {
            ERROR_SUMMARY: header | self.judgement.errors.summary_document(),
            PRICE_BUCKETS: header | self.judgement.errors.buckets_document(),
            "feature_importance.json": header | importance,
            # Last: reports are told to be of the run that this one names.
            MAIN_REPORT: self.train_metrics(),
        }

    def train_metrics(self) -> dict[str, Any]:
        """Return the run's main report."""
        judgement = self.judgement
        metrics = judgement.metrics.to_document()
        # The description's own file has the three figures at the top.
        return self.header | {
            "mode": self.run.data.mode,
            **judgement.metrics.comparable(),
            "model_id": self.run.model_id,
            "run_key": self.run.key,
            "metrics": metrics,
            "data": data_document(
                self.run,
                trips=self.trips,
                test_rows=self.judgement.metrics.rows,
            ),
            "recipe": self.run.recipe_document(),
            "seconds": self.seconds,
            "gates": [gate.to_document() for gate in judgement.gates],
            "promotion": judgement.promotion_document(),
            "report": monthly_report_name(self.run.data.label),
        }

    def manifest(self) -> dict[str, Any]:
        """Return what explains the model without loading it."""
        return self.train_metrics() | {
            "fingerprints": self.run.fingerprints,
            "seed": self.run.recipe.settings(self.run.settings).seed,
            "features": {
                "version": FEATURES_VERSION,
                "names": list(FEATURES),
                "levels": self.fitted.levels.told_apart,
                "usual_levels": self.fitted.levels.usual,
            },
            "feature_importance": self.fitted.importance,
            **self._provenance,
        }

    @cached_property
    def _provenance(self) -> dict[str, Any]:
        # Asked for once: whatever tells it tells the same.
        return {"versions": library_versions(), "git_commit": git_commit()}

    def history_entry(self) -> HistoryEntry:
        """Return what the registry remembers of the run."""
        judgement = self.judgement
        theirs, current = judgement.current_metrics, judgement.current
        return HistoryEntry(
            run_id=self.run.run_id,
            run_key=self.run.key,
            model_id=self.run.model_id,
            timestamp=self.header["timestamp"],
            event=judgement.decision.decision,
            reason=judgement.decision.reason,
            metrics=judgement.metrics.comparable(),
            current_metrics=theirs.comparable() if theirs else None,
            compared_with=current.model_id if current else None,
            simulated=self.run.simulated,
            **self.run.data.parts_document(),
        )


def monthly_documents(outcome: Outcome) -> RunDocuments:
    """Gather what the page of a run tells."""
    run, reports = outcome.run, outcome.reports()
    months = [month.record for month in run.data.months if month.record]
    rules = {rule.name: rule.description for rule in INGEST_RULES}
    limits = trip_rules(run.settings.validation)
    return RunDocuments(
        manifest=outcome.manifest(),
        errors=reports[ERROR_SUMMARY],
        buckets=reports[PRICE_BUCKETS],
        ingest=ingest_section(months),
        rules=rules | {rule.name: rule.meaning for rule in limits},
        causes=MEANINGS,
    )


def data_document(
    run: Run, *, trips: ValidTrips, test_rows: int
) -> dict[str, Any]:
    """Return what a run was trained and tested on."""
    found = trips.months.values()
    return run.data.parts_document() | {
        "train_rows": sum(each.valid_rows for each in found) - test_rows,
        "test_rows": test_rows,
        "rejected_rows": sum(each.rejected_rows for each in found),
        "months": trips.to_document(),
    }


def remembered_document(entry: HistoryEntry) -> dict[str, Any]:
    """Return what history still knows of a run whose version was pruned."""
    return {
        "schema_version": SCHEMA_VERSION,
        "run_id": entry.run_id,
        "run_key": entry.run_key,
        "model_id": entry.model_id,
        "timestamp": entry.timestamp,
        "simulated": entry.simulated,
        "metrics": dict(entry.metrics),
        "data": {
            "train_months": list(entry.train_months),
            "test_month": entry.test_month,
        },
        "promotion": {
            "decision": entry.event,
            "reason": entry.reason,
            "compared_with": entry.compared_with,
            "current_metrics": entry.current_metrics,
        },
    }
