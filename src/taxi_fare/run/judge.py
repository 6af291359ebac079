"""Judge a trained model: score it, decide about it, explain its errors."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import Any

from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    CURRENT_PREDICTION,
    PICKUP_AT,
    PICKUP_DAY,
    PREDICTION,
)
from taxi_fare.core.gates import GateCheck, failures
from taxi_fare.core.intervals import Intervals
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import Promotion
from taxi_fare.core.sections import PromotionSettings
from taxi_fare.core.spark.scoped import cached
from taxi_fare.evaluation.baselines import predict_trivially
from taxi_fare.evaluation.compared_models import (
    ComparedByDay,
    compared_by_day,
)
from taxi_fare.evaluation.day_sums import DaySums, figures_by_level
from taxi_fare.evaluation.error_analysis import ErrorAnalysis
from taxi_fare.evaluation.metrics import Metrics
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.evaluation.slices import WHEN_AND_WHERE, told
from taxi_fare.evaluation.spark_scored import SparkScored
from taxi_fare.features.derive import PACKED_TRIP
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.registry.promotion import Decision, decide, guard, in_words
from taxi_fare.run.calibrated import intervals_of
from taxi_fare.run.current_model import CurrentModel, load_current
from taxi_fare.run.local_scoring import local_scoring
from taxi_fare.run.run import Run
from taxi_fare.run.saved import SavedModel
from taxi_fare.run.trained import Trained

_FIRST = "the first comparable model that passes every gate"


@dataclass(frozen=True)
class Judgement:
    """What was found out about a trained model, and what was decided."""

    metrics: Metrics
    current_metrics: Metrics | None
    gates: tuple[GateCheck, ...]
    promotion: Promotion
    errors: ErrorAnalysis
    errors_by: dict[str, dict[str, Any]]
    intervals: Intervals | None


def judge(
    trained: Trained,
    *,
    current: CurrentModel | None,
    log: PipelineLogger,
    saved: SavedModel | None = None,
    alone: str = "",
) -> Judgement:
    """
    Find out everything about a trained model, on test trips.

    Parameters
    ----------
    saved : SavedModel, optional
        The same model, whose portable copy needs no Spark.
    alone : str
        Why it is promoted when it is never compared with any.
    """
    run, settings = trained.run, trained.run.settings
    trivial = trained.fitted.learnt.trivial
    scoring = local_scoring(run, saved=saved, current=current, trivial=trivial)
    if scoring is None:
        current = load_current(current)
    log.stage_start("evaluate", test_month=run.data.parts.test_month)
    with (
        one_snapshot(run.data.months),
        (
            nullcontext(scoring()) if scoring else _by_spark(trained, current)
        ) as scored,
    ):
        metrics = scored.metrics()
        ours, theirs = metrics[PREDICTION], metrics.get(CURRENT_PREDICTION)
        found = compared_by_day(scored.sums, settings=settings)
        log.stage_end("evaluate", row_count=ours.rows)
        log.stage_start("error_analysis")
        errors = scored.analyse_errors(settings.error_analysis)
        errors_by = _when_and_where(scored.sums[PREDICTION])
        intervals = intervals_of(run, scored.errors)
        log.stage_end("error_analysis")
    gates = check_quality(ours, gates=settings.gates)
    decision = decide(
        ours.comparable(),
        current=theirs.comparable() if theirs else None,
        gate_failures=failures(gates),
        min_improved=settings.promotion.min_improved_metrics,
        evidence=found.evidence,
    )
    if current is not None and current.why_not:
        alone = f"{_FIRST}: {current.why_not}"
    if alone and decision.decision == "promoted":
        decision = replace(decision, reason=alone)
    decided = _decided(decision, found, settings.promotion)
    promotion = _promotion(decided, run=run, current=current, metrics=theirs)
    return Judgement(
        ours, theirs, gates, promotion, errors, errors_by, intervals
    )


def _when_and_where(sums: DaySums) -> dict[str, dict[str, Any]]:
    """Tell the errors by each way that no promotion asks about."""
    return {
        way.name: figures_by_level(sums.groups[way.name], way.levels)
        for way in WHEN_AND_WHERE
    }


def _decided(
    decision: Decision, found: ComparedByDay, limits: PromotionSettings
) -> dict[str, Any]:
    """Return what the rule that was asked for decides, with the evidence."""
    guarded = guard(
        decision,
        evidence=found.evidence,
        not_beaten=found.not_beaten,
        limits=limits,
    )
    if limits.rule == "guarded" and decision.decision == "promoted":
        reason = "; ".join(guarded.reasons)
        decision = Decision(guarded.decision, reason, decision.improved)
    else:  # the guarded rule promotes nothing that the other one does not
        decision = in_words(decision, found.evidence)
    return asdict(decision) | {
        "rule": limits.rule,
        "evidence": found.evidence,
        "guarded": guarded,
        "baselines": found.baselines,
    }


def _promotion(
    decided: dict[str, Any],
    *,
    run: Run,
    current: CurrentModel | None,
    metrics: Metrics | None,
) -> Promotion:
    """Return the decision, for reports."""
    test_month = run.data.parts.test_month
    usable = current.usable if current else None
    return Promotion(
        **decided,
        compared_with=current.model_id if current else None,
        current_metrics=asdict(metrics) if metrics else None,
        not_compared=current.why_not if current else None,
        current_trained_on_test_month=usable is not None
        and test_month in usable.train_months,
    )


@contextmanager
def _by_spark(
    trained: Trained, current: CurrentModel | None
) -> Iterator[SparkScored]:
    """Let both models, and the baselines, predict the same trips."""
    day = F.dayofmonth(f"{PACKED_TRIP}.{PICKUP_AT}")
    rows = trained.test.withColumn(PICKUP_DAY, day).drop(PACKED_TRIP)
    rows = predict_trivially(rows, trained.fitted.learnt.trivial)
    if current is not None and current.usable is not None:
        pipeline = current.usable.pipeline
        rows = _predicted(pipeline, rows=rows, name=CURRENT_PREDICTION)
    rows = _predicted(trained.fitted.model, rows=rows, name=PREDICTION)
    with cached(rows) as scored:
        ways = told(trained.run.settings.error_analysis)
        yield SparkScored(scored, ways)


def _predicted(
    model: PipelineModel, *, rows: DataFrame, name: str
) -> DataFrame:
    predicted = model.transform(rows)
    return predicted.select(*rows.columns, F.col(PREDICTION).alias(name))
