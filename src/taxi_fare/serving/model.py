"""What is told of the model that answers."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from taxi_fare.core.sections import ServingSettings
from taxi_fare.serving.production import Serving


class Limits(BaseModel):
    """What a request may be, as the settings of the service name it."""

    rides_max: int = Field(description="Rides, or trips, of a request.")
    explained_rides_max: int = Field(description="The same with `explain`.")
    body_max_bytes: int
    body_seconds: float = Field(description="To send a body in.")


class ModelTold(BaseModel):
    """The model that answers, in short."""

    model_id: str
    simulated: bool = Field(description="Learnt from simulated trips.")
    serving_since: datetime
    recipe: str
    train_months: tuple[str, ...]
    test_month: str | None
    metrics: dict[str, float] = Field(
        description="On the test month; errors in dollars."
    )
    before_the_ride: dict[str, float] | None = Field(
        description="Of prices for which miles and minutes are not told."
    )
    intervals: tuple[int, ...] = Field(
        description="Coverages that there are, percent."
    )
    prices_before_the_ride: bool = Field(
        description="Whether it knows miles and minutes of rides."
    )
    limits: Limits


def model_told(serving: Serving, limits: ServingSettings) -> ModelTold:
    """Tell it from the manifest, and what may be asked of it."""
    predictor = serving.predictor
    manifest = predictor.manifest
    data: Mapping[str, object] = manifest.get("data", {})
    intervals = predictor.intervals
    return ModelTold.model_validate(
        {
            "model_id": predictor.model_id,
            "simulated": predictor.simulated,
            "serving_since": serving.since,
            "recipe": manifest.get("recipe", {}).get("name", ""),
            "train_months": data.get("train_months", ()),
            "test_month": data.get("test_month"),
            "metrics": manifest.get("metrics", {}),
            "before_the_ride": manifest.get("before_the_ride"),
            "intervals": [*intervals.by_coverage] if intervals else (),
            "prices_before_the_ride": predictor.routes is not None,
            "limits": limits.model_dump(include=set(Limits.model_fields)),
        }
    )
