"""``monthly/<test-month>/report.html``: one run, for a person to open."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxi_fare.core.language import say, spoken_language
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
    when_and_where,
)
from taxi_fare.reports.monthly.held import held_table
from taxi_fare.reports.monthly.pages import (
    INDEX_FILE,
    PAGE_FILE,
    in_every_language,
    in_language,
    monthly_report_name,
    others,
)
from taxi_fare.reports.monthly.rendering import rendered
from taxi_fare.reports.monthly.verdict import verdict


@dataclass(frozen=True)
class RunDocuments:
    """
    What a run wrote for machines: the page says the same to people.

    Parameters
    ----------
    watch : Watch or None
        What was found of the test month before it was trained.
    earlier : str
        Month whose report was written before; empty if there is none.
    """

    manifest: Manifest
    errors: ErrorSummary
    buckets: ErrorByPriceBucket
    ingest: Mapping[str, IngestedCounts]
    rules: Mapping[str, str]
    causes: Mapping[str, str]
    watch: Watch | None = None
    earlier: str = ""


def monthly_pages(run: RunDocuments, label: str) -> dict[str, str]:
    """Return the page of a run in every language, by where it is."""
    name = monthly_report_name(label)
    return in_every_language(name, lambda: monthly_page(run))


def monthly_page(run: RunDocuments) -> str:
    """Return the page of a run: equal documents give an equal page."""
    return rendered(
        "page.html.jinja",
        languages=others(PAGE_FILE),
        index=_index(run.manifest),
        earlier=run.earlier,
        earlier_page=_earlier(run.earlier),
        run=run.manifest,
        errors=run.errors,
        ingest=run.ingest,
        percentiles=PERCENTILES,
        **_verdict(run.manifest),
        **_figures(run),
        **_data(run),
        **_watch(run.watch),
    )


def _index(manifest: Manifest) -> str:
    """Return the page over all months; runs of the legacy mode have none."""
    if manifest.mode == "legacy":
        return ""
    return f"../{in_language(INDEX_FILE, spoken_language())}"


def _earlier(month: str) -> str:
    """Return the page of an earlier month, in the language that is spoken."""
    return f"../{month}/{in_language(PAGE_FILE, spoken_language())}"


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
        "hour_bars": when_and_where.hour_bars(run.errors),
        "zones": when_and_where.zone_rows(run.errors),
        "zone_errors": [say(each.title) for each in when_and_where.TOLD],
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
    accuracy = found and found.accuracy
    return {
        "watch_held": held_table(accuracy.coverage) if accuracy else None,
        "watch": found,
        "watch_accuracy": watched.accuracy_rows(found),
        "watch_against": against,
        "watch_moved": rows,
    }
