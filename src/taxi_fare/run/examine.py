"""Examine a candidate: score it, decide about it, explain its errors."""

from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import FEATURES, PREDICTION
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.evaluation.error_analysis import analyse_errors
from taxi_fare.run.fit import FittedPipeline
from taxi_fare.run.judge import judge
from taxi_fare.run.models import LoadedModel
from taxi_fare.run.report import Outcome
from taxi_fare.run.run import Run
from taxi_fare.run.trips import ValidTrips


@dataclass(frozen=True)
class Candidate:
    """A model that nothing was decided about yet."""

    run: Run
    trips: ValidTrips
    fitted: FittedPipeline


def examine(
    candidate: Candidate,
    *,
    current: LoadedModel | None,
    test_features: DataFrame,
    log: PipelineLogger,
) -> Outcome:
    """Find out everything about a candidate."""
    run = candidate.run
    test_month = run.data.parts_document()["test_month"]
    log.stage_start("evaluate", test_month=test_month)
    verdict = judge(
        candidate.fitted.model,
        current=current,
        test_features=test_features,
        test_month=test_month,
        settings=run.settings,
    )
    log.stage_end("evaluate", row_count=verdict.metrics.rows)
    log.stage_start("error_analysis")
    errors = analyse_errors(
        verdict.scored, settings=run.settings.error_analysis
    )
    log.stage_end("error_analysis")
    log.stage_start("sample")
    tested = _sample(verdict.scored, rows=run.settings.scoring.parity_trips)
    verdict.scored.unpersist()
    log.stage_end("sample", row_count=tested.num_rows)
    return Outcome(
        run=run,
        trips=candidate.trips,
        fitted=candidate.fitted,
        verdict=verdict,
        errors=errors,
        tested=tested,
        seconds=log.summary(),
        header=run.header(),
    )


def _sample(scored: DataFrame, *, rows: int) -> pa.Table:
    """Take the same test trips wherever they lie, in one Spark action."""
    columns = [*FEATURES, PREDICTION]
    drawn = scored.select(columns).orderBy(F.xxhash64(*FEATURES)).limit(rows)
    # Not toArrow(): that needs memory which Java must be allowed to reach.
    return pa.Table.from_pylist([row.asDict() for row in drawn.collect()])
