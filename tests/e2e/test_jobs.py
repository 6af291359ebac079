"""How many Spark jobs each stage of a run takes."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from taxi_fare.core.logs.pipeline_logger import PipelineLogger

pytestmark = [pytest.mark.spark, pytest.mark.e2e]

Command = Callable[..., Any]


@pytest.fixture
def jobs(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Spark jobs by stage, as the commands of the test go on."""
    tracker = spark.sparkContext.statusTracker()
    counts: Counter[str] = Counter()
    started: dict[str, set[int]] = {}
    start, end = PipelineLogger.stage_start, PipelineLogger.stage_end

    def known() -> set[int]:
        """Return every job, those of a fit with progress aside."""
        return set(tracker.getJobIdsForGroup())

    def stage_start(log: PipelineLogger, stage: str, **context: Any) -> None:
        """Remember what there was before."""
        started[stage] = known()
        start(log, stage, **context)

    def stage_end(
        log: PipelineLogger, stage: str, *args: Any, **context: Any
    ) -> None:
        """Count what has come since."""
        counts[stage] += len(known() - started[stage])
        end(log, stage, *args, **context)

    monkeypatch.setattr(PipelineLogger, "stage_start", stage_start)
    monkeypatch.setattr(PipelineLogger, "stage_end", stage_end)
    return counts


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize(
    "case",
    [
        (
            "spark",
            {"validate": 1, "encode": 4, "evaluate": 2, "error_analysis": 2},
        ),
        ("auto", {"encode": 1}),
    ],
)
def test_no_stage_of_a_training_scans_the_trips_twice(
    case: tuple[str, dict[str, int]],
    command: Command,
    lake: Path,
    jobs: Counter[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    One job each over files, or none; two models are scored in one.

    Encoding sums three times over rows that are kept, and reads those that
    hold the levels; scoring hands the baselines' pairs over; errors are
    counted once more over rows that are kept, for the intervals.
    """
    engine, more = case
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
    answer = command(
        "train",
        "--test-month=2023-05",
        f"--data-base-path={lake}",
        "--json",
    )
    assert answer.code == 0
    assert answer.document["promotion"]["current_metrics"] is not None
    fit = jobs.pop("fit")
    jobs.pop("save")
    assert +jobs == {"sample": 1} | more
    # The bins take four; each of the 4 trees one for a level, and its root.
    assert 4 + 4 <= fit <= 4 + 4 * 5


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize(
    "case", [("spark", {"validate": 1, "predict": 1}), ("auto", {})]
)
def test_a_prediction_is_one_job_or_none(
    command: Command,
    lake: Path,
    jobs: Counter[str],
    case: tuple[str, dict[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Read, counted, predicted, measured and written at once; without Spark
    where nothing needs it."""
    engine, expected = case
    monkeypatch.setenv("TAXI_FARE_PREDICTION__ENGINE", engine)
    answer = command("predict", "--month=2023-05", f"--data-base-path={lake}")
    assert answer.code == 0
    assert +jobs == expected
