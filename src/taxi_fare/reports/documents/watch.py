"""What the watch writes: a month, the series of months, what they need."""

from typing import Literal

from pydantic import Field

from taxi_fare.core.documents import (
    Document,
    Dollars,
    MonthName,
    Part,
    Share,
    Trips,
)
from taxi_fare.watching.accuracy import Accuracy, Measured
from taxi_fare.watching.drift import Compared, Drift
from taxi_fare.watching.profile import NumberProfile, Profile
from taxi_fare.watching.reason import WORDS, Word


class WatchedModel(Part):
    """The model in production."""

    model_id: str
    recipe: str
    train_months: tuple[MonthName, ...]
    age_months: int = Field(
        description="Between the last train month and this month."
    )


class WatchedPredictions(Part):
    """What the model predicts, compared with what it predicted before."""

    against: dict[str, Drift] = Field(
        description="`train_months`, `month_before`, `year_before`: those"
        " that could be compared."
    )
    profile: NumberProfile = Field(description="Of the predictions.")
    errors: NumberProfile = Field(
        description="Of `total_amount - prediction`."
    )


class Watch(Document):
    """``watch.json``: a month against what production knows."""

    month: MonthName
    verdict: Word
    reasons: tuple[str, ...] = Field(
        description="What matters first: accuracy, predictions, data, age."
    )
    notes: tuple[str, ...] = Field(
        description="What could not be compared, and why."
    )
    model: WatchedModel | None = Field(
        description="None: there is none in production."
    )
    rows: Trips
    valid_rows: Trips
    accuracy: Accuracy | None
    data: dict[str, Compared] = Field(
        description="Against `train_months`, `month_before`, `year_before`:"
        " those that there are."
    )
    predictions: WatchedPredictions | None

    def at_least(self, word: str) -> bool:
        """Tell whether the verdict is so bad, or worse."""
        words: list[str] = [*WORDS]
        return words.index(self.verdict) >= words.index(word)


class SeriesEntry(Part):
    """What is remembered of a month."""

    month: MonthName
    recorded_by: Literal["watch", "train"] = Field(
        description="`train` knows the accuracy alone."
    )
    model_id: str | None
    train_months: tuple[MonthName, ...]
    verdict: Word | None = Field(description="None: nobody watched it.")
    reasons: tuple[str, ...]
    accuracy: Measured | None = Field(description="Of all trips.")
    drift: dict[str, float | None] = Field(
        description="PSI by column, against the train months; without a"
        " model, against the month before."
    )


class WatchSeries(Document):
    """``series.json``: every month that was watched, in their order."""

    months: tuple[SeriesEntry, ...]


class MonthProfile(Document):
    """``profiles/YYYY-MM.json``: what the trips of a month look like."""

    made_from: str = Field(
        description="Identifies the trips, the rules and the grids."
    )
    profile: Profile


class TrivialModel(Part):
    """What the trivial baselines learnt from the train months."""

    mean: Dollars
    median: Dollars
    pairs: tuple[int, ...]
    medians: tuple[Dollars, ...]


class ModelProfile(Document):
    """``models/ID.json``: what a model learnt from, and predicts for it."""

    made_from: str
    model_id: str
    profile: Profile = Field(
        description="Of the train months together; predictions and errors"
        " are of a sample of their trips."
    )
    sampled_share: Share
    baselines: TrivialModel
