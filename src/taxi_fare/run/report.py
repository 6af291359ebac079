"""The documents of a run: reports, manifest, history entry."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from taxi_fare.core.columns import FEATURES, FEATURES_VERSION
from taxi_fare.core.documents import SCHEMA_VERSION, Part
from taxi_fare.core.files import to_json
from taxi_fare.core.manifest import (
    GateResult,
    Manifest,
    Metrics,
    ModelFeatures,
    Months,
    RunTrips,
    TrainMetrics,
)
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.evaluation.error_causes import MEANINGS
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.reports.documents.errors import (
    ErrorByPriceBucket,
    ErrorSummary,
    FeatureImportance,
)
from taxi_fare.reports.documents.listing import (
    ERROR_SUMMARY,
    IMPORTANCE,
    PRICE_BUCKETS,
    TRAIN_METRICS,
)
from taxi_fare.reports.documents.printed import (
    RememberedDecision,
    RememberedRun,
)
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.monthly.page import (
    RunDocuments,
    monthly_pages,
)
from taxi_fare.reports.monthly.pages import monthly_report_name
from taxi_fare.reports.validation_report import ingest_section
from taxi_fare.run.judge import Judgement
from taxi_fare.run.run import Run
from taxi_fare.run.trained import Trained
from taxi_fare.run.trips import ValidTrips
from taxi_fare.validation.rules import rule_meanings


@dataclass(frozen=True)
class Outcome:
    """
    Everything that a run found out.

    Parameters
    ----------
    earlier : str
        Month whose report the page of this one leads to.
    """

    trained: Trained
    judgement: Judgement
    seconds: dict[str, float]
    header: dict[str, Any]
    watched: Watch | None = None
    before: Metrics | None = None
    earlier: str = ""

    @property
    def run(self) -> Run:
        """The run that ended with it."""
        return self.trained.run

    @cached_property
    def files(self) -> dict[str, str]:
        """The reports but the validation report, by name: made once."""
        header, errors = self.header, self.judgement.errors
        summary = ErrorSummary(
            **header,
            **errors.summary_document(),
            by=self.judgement.errors_by,
        )
        buckets = ErrorByPriceBucket(**header, **errors.buckets_document())
        importance = FeatureImportance(
            **header, feature_importance=self.trained.fitted.importance
        )
        pages = monthly_pages(
            self._page(summary, buckets), self.run.data.label
        )
        documents = {
            ERROR_SUMMARY: summary,
            PRICE_BUCKETS: buckets,
            IMPORTANCE: importance,
            # Last: reports are told to be of the run that this one names.
            TRAIN_METRICS: self.train_metrics,
        }
        return pages | {
            report.file: to_json(document.to_document()) + "\n"
            for report, document in documents.items()
        }

    @cached_property
    def train_metrics(self) -> TrainMetrics:
        """The run's main report."""
        judgement = self.judgement
        gates = (GateResult(**gate.to_document()) for gate in judgement.gates)
        return TrainMetrics(
            **self.header,
            mode=self.run.data.mode,
            # The specification's own file has the three figures at the top.
            **judgement.metrics.comparable(),
            model_id=self.run.model_id,
            run_key=self.run.key,
            metrics=judgement.metrics.to_document(),
            before_the_ride=self.before,
            data=data_document(
                self.run,
                trips=self.trained.trips,
                test_rows=judgement.metrics.rows,
            ),
            recipe=self.run.recipe_used,
            seconds=self.seconds,
            gates=tuple(gates),
            promotion=judgement.promotion,
            report=monthly_report_name(self.run.data.label),
        )

    @cached_property
    def manifest(self) -> Manifest:
        """What explains the model without loading it."""
        levels = self.trained.fitted.levels
        return Manifest(
            **self.train_metrics.to_document(),
            fingerprints=self.run.fingerprints,
            seed=self.run.settings.training.seed,
            features=ModelFeatures(
                version=FEATURES_VERSION,
                names=FEATURES,
                levels=levels.told_apart,
                usual_levels=levels.usual,
            ),
            feature_importance=self.trained.fitted.importance,
            versions=library_versions(),
            git_commit=git_commit(),
            files={},
        )

    def _page(
        self, errors: ErrorSummary, buckets: ErrorByPriceBucket
    ) -> RunDocuments:
        """Gather what the page of the run tells."""
        run = self.run
        months = [month.record for month in run.data.months if month.record]
        return RunDocuments(
            manifest=self.manifest,
            errors=errors,
            buckets=buckets,
            ingest=ingest_section(months),
            rules=rule_meanings(run.settings.validation),
            causes=MEANINGS,
            watch=self.watched,
            earlier=self.earlier,
        )

    def history_entry(self) -> HistoryEntry:
        """Return what the registry remembers of the run."""
        judgement, promotion = self.judgement, self.judgement.promotion
        theirs = judgement.current_metrics
        return HistoryEntry(
            run_id=self.run.run_id,
            run_key=self.run.key,
            model_id=self.run.model_id,
            timestamp=self.header["timestamp"],
            event=promotion.decision,
            reason=promotion.reason,
            metrics=judgement.metrics.comparable(),
            current_metrics=theirs.comparable() if theirs else None,
            compared_with=promotion.compared_with,
            gains=promotion.evidence.gains if promotion.evidence else None,
            simulated=self.run.simulated,
            request_id=self.run.request_id or None,
            **self.run.data.parts.to_document(),
        )


def data_document(run: Run, *, trips: ValidTrips, test_rows: int) -> RunTrips:
    """Return what a run was trained and tested on."""
    found = trips.months.values()
    return RunTrips(
        **run.data.parts.to_document(),
        train_rows=sum(each.valid_rows for each in found) - test_rows,
        test_rows=test_rows,
        rejected_rows=sum(each.rejected_rows for each in found),
        months=trips.months,
    )


def remembered_document(entry: HistoryEntry) -> RememberedRun:
    """Return what history still knows of a run whose version was pruned."""

    def known(model: type[Part]) -> dict[str, Any]:
        """Return what the entry has of a document's keys."""
        return entry.model_dump(mode="json", include={*model.model_fields})

    decision = RememberedDecision(
        decision=entry.event, **known(RememberedDecision)
    )
    return RememberedRun(
        schema_version=SCHEMA_VERSION,
        **known(RememberedRun),
        data=Months(**known(Months)),
        promotion=decision,
    )
