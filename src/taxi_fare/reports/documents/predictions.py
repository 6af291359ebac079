"""What was predicted, and how recipes compare."""

from typing import Any

from pydantic import ConfigDict, Field

from taxi_fare.core.documents import (
    ByRule,
    ByStage,
    Document,
    Dollars,
    MonthName,
    Part,
    Seconds,
    Share,
    Trips,
)
from taxi_fare.core.intervals import Coverage
from taxi_fare.core.manifest import Metrics, RunTrips
from taxi_fare.evaluation.predictions import PredictionFigures


class PredictionsOrigin(Part):
    """What the footer of a file of predictions says of it."""

    model_id: str
    month: MonthName
    simulated: bool


class PredictingModel(Part):
    """What is known of the model that predicted."""

    train_months: tuple[MonthName, ...]
    trained_on_month: bool


class PredictedFigures(PredictionFigures):
    """What predictions look like, in dollars; None what is not defined."""

    model_config = ConfigDict(allow_inf_nan=False)

    floored: bool = Field(
        False,
        description="Whether the smallest fare replaced lower predictions;"
        " missing: no.",
    )


class SampleCounts(Part):
    """What the rules found in the sample that is looked at first."""

    rows: Trips
    valid_rows: Trips
    violations: ByRule


class PredictReport(Document):
    """``predict_report.json``: one month, predicted."""

    month: MonthName
    model_id: str
    model: PredictingModel
    rows: Trips
    predicted_rows: Trips
    rejected_rows: Trips
    rejected: ByRule
    predictions: PredictedFigures
    metrics: Metrics | None = Field(
        description="None: what was paid is not known."
    )
    intervals: Coverage | None = Field(
        None,
        description="What the intervals held; missing: the model has none, or"
        " what was paid is not known.",
    )
    sample: SampleCounts
    output: str = Field(
        description="File of the predictions, as the command was told."
    )
    output_from_report: str = Field(
        "",
        description="The same, from the folder of this report; missing: the"
        " command was run in the folder above.",
    )
    seconds: ByStage


class Contestant(Part):
    """One recipe, or baseline, on the leaderboard."""

    name: str
    fit_seconds: Seconds
    predict_seconds: Seconds
    rows: Trips
    rmse: Dollars
    mae: Dollars
    r2: float
    bias: Dollars
    within_2_dollars: Share
    within_5_dollars: Share
    gain: dict[str, float] = Field(
        {},
        description="By which share each error is lower than that of the"
        " tariff alone; negative: higher.",
    )


class Comparison(Document):
    """``comparison.json``: recipes on one window, the best first."""

    data: RunTrips
    recipes: dict[str, dict[str, Any]] = Field(
        description="Parameters by recipe."
    )
    leaderboard: tuple[Contestant, ...]
