"""Judge a trained model: score it, decide about it, explain its errors."""

from dataclasses import asdict, dataclass, replace

import pyarrow as pa
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import CURRENT_PREDICTION, PREDICTION
from taxi_fare.core.gates import GateCheck, failures
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.manifest import Promotion
from taxi_fare.core.spark.scoped import cached
from taxi_fare.evaluation.error_analysis import ErrorAnalysis, analyse_errors
from taxi_fare.evaluation.metrics import Metrics, score
from taxi_fare.evaluation.quality_gates import check_quality
from taxi_fare.features.derive import PACKED_TRIP
from taxi_fare.lake.catalog import one_snapshot
from taxi_fare.registry.promotion import Decision, decide
from taxi_fare.run.current_model import CurrentModel
from taxi_fare.run.run import Run
from taxi_fare.run.sample import predicted_sample
from taxi_fare.run.trained import Trained

_FIRST = "the first comparable model that passes every gate"


@dataclass(frozen=True)
class Judgement:
    """
    What was found out about a trained model, and what was decided.

    Parameters
    ----------
    tested : Table
        Some of the trips, raw, with their prediction in dollars.
    """

    metrics: Metrics
    current_metrics: Metrics | None
    gates: tuple[GateCheck, ...]
    promotion: Promotion
    errors: ErrorAnalysis
    tested: pa.Table


def judge(
    trained: Trained,
    *,
    current: CurrentModel | None,
    log: PipelineLogger,
    alone: str = "",
) -> Judgement:
    """
    Find out everything about a trained model, on test trips.

    Parameters
    ----------
    alone : str
        Why it is promoted when it is never compared with any.
    """
    run, settings = trained.run, trained.run.settings
    log.stage_start("evaluate", test_month=run.data.parts.test_month)
    with (
        one_snapshot(run.data.months),
        cached(_scored(trained, current)) as scored,
    ):
        names = {PREDICTION, CURRENT_PREDICTION} & set(scored.columns)
        metrics = score(scored, predictions=sorted(names))
        ours, theirs = metrics[PREDICTION], metrics.get(CURRENT_PREDICTION)
        log.stage_end("evaluate", row_count=ours.rows)
        log.stage_start("error_analysis")
        errors = analyse_errors(scored, settings=settings.error_analysis)
        log.stage_end("error_analysis")
    gates = check_quality(ours, gates=settings.gates)
    decision = decide(
        ours.comparable(),
        current=theirs.comparable() if theirs else None,
        gate_failures=failures(gates),
        min_improved=settings.promotion.min_improved_metrics,
    )
    if current is not None and current.why_not:
        alone = f"{_FIRST}: {current.why_not}"
    if alone and decision.decision == "promoted":
        decision = replace(decision, reason=alone)
    promotion = _promotion(decision, run=run, current=current, metrics=theirs)
    tested = _tested(trained, log)
    return Judgement(ours, theirs, gates, promotion, errors, tested)


def _promotion(
    decision: Decision,
    *,
    run: Run,
    current: CurrentModel | None,
    metrics: Metrics | None,
) -> Promotion:
    """Return the decision, for reports."""
    test_month = run.data.parts.test_month
    usable = current.usable if current else None
    return Promotion(
        **asdict(decision),
        compared_with=current.model_id if current else None,
        current_metrics=asdict(metrics) if metrics else None,
        not_compared=current.why_not if current else None,
        current_trained_on_test_month=usable is not None
        and test_month in usable.train_months,
    )


def _scored(trained: Trained, current: CurrentModel | None) -> DataFrame:
    """Let both models predict the same trips."""
    rows = trained.test.drop(PACKED_TRIP)
    if current is not None and current.usable is not None:
        pipeline = current.usable.pipeline
        rows = _predicted(pipeline, rows=rows, name=CURRENT_PREDICTION)
    return _predicted(trained.fitted.model, rows=rows, name=PREDICTION)


def _predicted(
    model: PipelineModel, *, rows: DataFrame, name: str
) -> DataFrame:
    predicted = model.transform(rows)
    return predicted.select(*rows.columns, F.col(PREDICTION).alias(name))


def _tested(trained: Trained, log: PipelineLogger) -> pa.Table:
    log.stage_start("sample")
    with one_snapshot(trained.run.data.months):
        tested = predicted_sample(
            trained.test,
            model=trained.fitted.model,
            rows=trained.run.settings.scoring.parity_trips,
        )
    log.stage_end("sample", row_count=tested.num_rows)
    return tested
