"""What the page of a run is made of: the documents beside it."""

from taxi_fare.evaluation.error_causes import MEANINGS
from taxi_fare.lake.clean import RULES as INGEST_RULES
from taxi_fare.reports.monthly.page import RunDocuments
from taxi_fare.reports.validation_report import ingest_section
from taxi_fare.run.report import (
    ERROR_SUMMARY,
    PRICE_BUCKETS,
    Outcome,
)
from taxi_fare.validation.rules import trip_rules


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
