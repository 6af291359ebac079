"""
Judge promotions and intervals by the next month: tables of docs/results.md.

Reads the raw --months from the folder --source, ingests them into a lake of
its own, and trains on them in order, once with each rule of promotion and a
registry of its own. Whoever was promoted or kept is scored again on the month
after, which decides nobody's fate; the intervals of each new model are held
against that month, too. `make evidence-results` runs it on 2019.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from real_source import (
    ingested_months,
    parsed,
    parser_of,
    settings_with,
    write_between,
)

from taxi_fare.core.choices import COVERAGES, USUAL_COVERAGE, PromotionRule
from taxi_fare.core.evidence import Gain, gain_in_words
from taxi_fare.core.intervals import Coverage
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.manifest import Promotion
from taxi_fare.core.metrics import ERRORS, GUARDED
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.name_in_words import name_in_words
from taxi_fare.core.provenance import git_commit, library_versions
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.local_baselines import PAIR_MEDIAN
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.evaluation.predictions import numbers
from taxi_fare.registry.opening import open_registry
from taxi_fare.run.before import with_usual_rate_codes
from taxi_fare.run.models import ModelChoice
from taxi_fare.run.valid_batch import valid_batch
from taxi_fare.run.window import WindowRequest
from taxi_fare.scoring.before import prices_before
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.predictor import FarePredictor
from taxi_fare.workflows.compare_versions import (
    VersionsRequest,
    compare_versions,
)
from taxi_fare.workflows.predict import PredictRequest, predict
from taxi_fare.workflows.train import TrainRequest, train

_BEGIN, _END = "<!-- evidence from here -->", "<!-- evidence to here -->"
_BUCKETS = ("low", "medium", "high", "very_high")


@dataclass(frozen=True)
class Decided:
    """A decision, and what the next month says of it."""

    month: Month
    promotion: Promotion
    later: Gain | None


@dataclass(frozen=True)
class Held:
    """
    What the intervals of a new model held of the next month.

    Parameters
    ----------
    constant, evenly : float
        Width in dollars of intervals of one width that hold as many prices,
        and of those that hold 80 % of each price bucket.
    """

    month: Month
    found: Coverage
    constant: float
    evenly: float


def main() -> int:
    """Run everything and write the tables."""
    arguments = _arguments()
    configure_logging()
    months = parse_months(arguments.months)
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        home = Path(work)
        ingested_months(arguments, home)
        tables = [
            line
            for name in arguments.recipes.split(",")
            for line in _of_recipe(name, months, home)
        ]
    versions = library_versions()
    header = (
        f"Months {arguments.months}, commit {git_commit()}, Spark"
        f" {versions['pyspark']}, Python {versions['python']}.\n"
    )
    text = "\n".join([header, *tables])
    write_between(arguments.output, text, begin=_BEGIN, end=_END)
    print(f"{arguments.output} written")
    return 0


def _of_recipe(name: str, months: list[Month], home: Path) -> Iterator[str]:
    settings = settings_with(name)
    length = settings.training.window_months
    held: list[Held] = []
    by_rule: dict[str, list[Decided]] = {}
    for rule in get_args(PromotionRule):
        promotion = settings.promotion.model_copy(update={"rule": rule})
        ruled = settings.model_copy(update={"promotion": promotion})
        place = home / name / rule
        by_rule[rule] = [
            _decided(month, place, home / "lake", ruled)
            for month in months[length:]
        ]
        if not held:
            held = [
                _held(month, place, home / "lake", ruled)
                for month in months[length:-1]
            ]
    yield f"### Promotions with `{name}`\n"
    yield from _rules(by_rule)
    yield from _each_month(by_rule)
    yield f"### Intervals with `{name}`\n"
    yield from _intervals(held)
    yield f"### Before the ride with `{name}`\n"
    asked = [
        _asked(month, home / name / "two_of_three", home / "lake", settings)
        for month in months[length:]
    ]
    yield from _before(asked)


def _decided(
    month: Month, place: Path, lake: Path, settings: Settings
) -> Decided:
    """Train on a month, and score both models on the next."""
    window = WindowRequest(lake, test_month=month)
    report = train(
        TrainRequest(window, place / "registry", place / "reports"),
        settings=settings,
    ).run_report
    registry = open_registry(place / "registry", settings)
    after, before = month.plus(1), report.promotion.compared_with
    later = None
    if before is not None and (lake / after.path).is_dir():
        request = VersionsRequest(
            lake, registry, before, report.model_id, after
        )
        later = compare_versions(request, settings).evidence.guarded
    promotion = registry.versions.manifest(report.model_id)["promotion"]
    return Decided(month, Promotion.model_validate(promotion), later)


def _held(month: Month, place: Path, lake: Path, settings: Settings) -> Held:
    """Predict the month after with the model that was tested on a month."""
    (version,) = (place / "registry" / "versions").glob(f"{month}_*")
    file = place / "predictions.parquet"
    request = PredictRequest(
        lake,
        place / "predicted",
        ModelChoice(path=version),
        month=month.plus(1),
        output=file,
    )
    found = predict(request, settings).intervals
    if found is None:
        raise TypeError("a version without intervals")
    table = pq.read_table(file)
    paid, price = numbers(table, "total_amount"), numbers(table, "prediction")
    size = np.abs(paid - price)
    limits = settings.error_analysis.bucket_limits_dollars
    bucket = np.searchsorted(limits, paid)
    half = float(np.quantile(size, found.coverage[USUAL_COVERAGE]))
    even = max(np.quantile(size[bucket == x], 0.8) for x in np.unique(bucket))
    return Held(month.plus(1), found, 2 * half, 2 * float(even))


def _asked(
    month: Month, place: Path, lake: Path, settings: Settings
) -> list[float]:
    """
    Price a test month before its rides: RMSE and MAE of each way to ask.

    First the zone-pair median; then payment not given, and given; then both
    again with the rate code that was used in the end.
    """
    (version,) = (place / "registry" / "versions").glob(f"{month}_*")
    predictor = FarePredictor.load(version)
    if predictor.routes is None:
        raise TypeError("a version without a route table")
    baselines = predictor.manifest["promotion"]["baselines"]
    found = [baselines[PAIR_MEDIAN][each.name] for each in ERRORS]
    (table,) = (lake / month.path).glob("*.parquet")
    batches = pq.read_table(table).combine_chunks().to_batches()
    for trips in batches:
        valid = valid_batch(trips, month=month, settings=settings)
        rides = pa.Table.from_batches([valid.trips])
        for asked in (with_usual_rate_codes(rides), rides):
            features = derive_features(asked)
            for given in (False, True):
                prices = prices_before(
                    features,
                    table=predictor.routes,
                    model=predictor.model,
                    payment_given=given,
                )
                metrics = collected_metrics(valid.paid, prices, name="before")
                told = metrics.to_document()
                found += [float(told[each.name]) for each in ERRORS]
    return found


def _before(asked: list[list[float]]) -> Iterator[str]:
    """Tell means over the test months, and ratios to the first."""
    ways = (
        "zone-pair median",
        "zones and time",
        "zones, time, payment",
        "zones, time, rate code",
        "zones, time, rate code, payment",
    )
    titles = [each.title for each in ERRORS]
    ratios = " | ".join(f"{x} of the median's" for x in titles)
    yield f"| told before the ride | {' | '.join(titles)} | {ratios} |"
    yield f"|{'---|' * (1 + 2 * len(titles))}"
    means = np.mean(asked, axis=0).reshape(len(ways), len(titles))
    for way, values in zip(ways, means, strict=True):
        cells = [f"{x:.2f}" for x in values]
        cells += [f"{x:.3f}" for x in values / means[0]]
        yield f"| {way} | {' | '.join(cells)} |"
    yield ""


def _rules(found: dict[str, list[Decided]]) -> Iterator[str]:
    yield (
        "| rule | decisions against a current model | promoted | of these,"
        " less error on the next month | surely | more error | kept | of"
        " these, the new one had less error then | surely |"
    )
    yield f"|{'---|' * 9}"
    for rule, decided in found.items():
        told = [each for each in decided if each.later is not None]
        cells: list[object] = [f"`{rule}`", len(told)]
        for decision in ("promoted", "kept"):
            gains = [
                each.later
                for each in told
                if each.promotion.decision == decision and each.later
            ]
            better = [x for x in gains if (x.gain or 0) > 0]
            cells += [len(gains), len(better), sum(x.is_sure for x in better)]
            if decision == "promoted":
                cells.append(len(gains) - len(better))
        yield f"| {' | '.join(map(str, cells))} |"
    yield ""


def _each_month(found: dict[str, list[Decided]]) -> Iterator[str]:
    title = GUARDED.title
    yield (
        f"| rule | test month | {title} beside the current's | decision |"
        f" {title} on the next month |"
    )
    yield f"|{'---|' * 5}"
    for rule, decided in found.items():
        for each in decided:
            evidence = each.promotion.evidence
            if evidence is None:
                continue
            later = gain_in_words(each.later) if each.later else "-"
            yield (
                f"| `{rule}` | {each.month} |"
                f" {gain_in_words(evidence.guarded)} |"
                f" {each.promotion.decision} | {later} |"
            )
    yield ""


def _intervals(held: list[Held]) -> Iterator[str]:
    stated = " | ".join(f"in those of {x} %" for x in COVERAGES)
    buckets = " | ".join(map(name_in_words, _BUCKETS))
    yield (
        f"| month | {stated} | of {USUAL_COVERAGE} %: {buckets} |"
        " mean width $ | one width, as many inside $ |"
        " one width, 80 % of each bucket $ |"
    )
    yield f"|{'---|' * (4 + len(COVERAGES) + len(_BUCKETS))}"
    rows = []
    for each in held:
        shares = [each.found.coverage[x] for x in COVERAGES]
        by_bucket = [
            each.found.by_price_bucket[x].coverage[USUAL_COVERAGE]
            for x in _BUCKETS
        ]
        width = each.found.mean_width[USUAL_COVERAGE]
        rows.append([*shares, *by_bucket, width, each.constant, each.evenly])
        yield _row(str(each.month), rows[-1])
    yield _row("**mean**", np.mean(rows, axis=0).tolist())
    yield ""


def _row(name: str, values: list[float]) -> str:
    shares = [f"{100 * value:.1f}" for value in values[:-3]]
    dollars = [f"{value:.2f}" for value in values[-3:]]
    return f"| {' | '.join([name, *shares, *dollars])} |"


def _arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, page="results.md")
    parser.add_argument("--recipes", default="gbt-onehot,xgboost-index,best")
    return parsed(parser)


if __name__ == "__main__":
    sys.exit(main())
