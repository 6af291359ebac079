"""``monthly/<test-month>/report.html``: one run, for a person to open."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from taxi_fare.core.manifest import Manifest
from taxi_fare.core.metrics import GUARDED, PERCENTILES
from taxi_fare.reports.documents.errors import (
    ErrorByPriceBucket,
    ErrorSummary,
)
from taxi_fare.reports.documents.trips import IngestedCounts
from taxi_fare.reports.documents.watch import Watch
from taxi_fare.reports.monthly import (
    again,
    errors,
    evidence,
    metrics,
    prices,
    trips,
    watched,
)
from taxi_fare.reports.monthly.rendering import rendered
from taxi_fare.reports.monthly.verdict import verdict

FOLDER = "monthly"
PAGE_FILE = "report.html"


@dataclass(frozen=True)
class RunDocuments:
    """
    What a run wrote for machines: the page says the same to people.

    Parameters
    ----------
    watch : Watch or None
        What was found of the test month before it was trained.
    """

    manifest: Manifest
    errors: ErrorSummary
    buckets: ErrorByPriceBucket
    ingest: Mapping[str, IngestedCounts]
    rules: Mapping[str, str]
    causes: Mapping[str, str]
    watch: Watch | None = None


def monthly_report_name(label: str) -> str:
    """
    Return where the report of a run is.

    Examples
    --------
    >>> monthly_report_name("2023-06")
    'monthly/2023-06/report.html'
    """
    return str(PurePosixPath(FOLDER, label, PAGE_FILE))


def monthly_page(run: RunDocuments) -> str:
    """Return the page of a run: equal documents give an equal page."""
    return rendered(
        "page.html.jinja",
        run=run.manifest,
        errors=run.errors,
        ingest=run.ingest,
        percentiles=PERCENTILES,
        **_verdict(run.manifest),
        **_figures(run),
        **_data(run),
        **_watch(run.watch),
    )


def _verdict(manifest: Manifest) -> dict[str, Any]:
    return {
        "verdict": verdict(manifest),
        "metrics": metrics.metric_rows(manifest),
        "gains": evidence.gain_rows(manifest.promotion.evidence),
        "slice_gains": evidence.slice_rows(manifest.promotion.evidence),
        "guarded_metric": GUARDED.title,
        "guarded": evidence.guarded_sentence(manifest.promotion),
        "metric_bars": metrics.metric_bars(manifest),
        "gates": metrics.gate_rows(manifest),
        "command": again.command(manifest),
        "stage_bars": again.stage_bars(manifest),
        "recipe": again.recipe(manifest),
    }


def _figures(run: RunDocuments) -> dict[str, Any]:
    buckets = run.buckets.buckets
    importance = run.manifest.feature_importance
    return {
        "percentile_bars": errors.percentile_bars(run.errors),
        "bucket_bars": prices.bucket_bars(buckets),
        "buckets": prices.bucket_rows(buckets),
        "worst": prices.worst_trips(run.errors, run.causes),
        "importance_bars": errors.importance_bars(importance),
    }


def _data(run: RunDocuments) -> dict[str, Any]:
    manifest, ingest = run.manifest, run.ingest
    return {
        "months": trips.month_rows(manifest, ingest),
        "loss_bars": trips.loss_bars(manifest, ingest),
        "ingest_rules": trips.ingest_rules(
            manifest, ingest=ingest, rules=run.rules
        ),
        "training_rules": trips.training_rules(manifest, run.rules),
    }


def _watch(found: Watch | None) -> dict[str, Any]:
    against, rows = watched.moved(found)
    stated, held = watched.coverage_rows(found)
    return {
        "watch_stated": stated,
        "watch_held": held,
        "watch": found,
        "watch_accuracy": watched.accuracy_rows(found),
        "watch_against": against,
        "watch_moved": rows,
    }
