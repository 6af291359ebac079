"""What a run says of its model: ``train_metrics.json``, ``manifest.json``."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from taxi_fare.core.choices import PromotionRule
from taxi_fare.core.documents import (
    ByRule,
    ByStage,
    Document,
    Dollars,
    MonthName,
    Number,
    Part,
    Refusal,
    Share,
    Trips,
    having,
    require_layout,
)
from taxi_fare.core.errors import IncompatibleModelError
from taxi_fare.core.evidence import Evidence, Guarded
from taxi_fare.core.json_text import parse_json
from taxi_fare.core.metrics import ALWAYS
from taxi_fare.core.recipe_used import RecipeUsed
from taxi_fare.core.wrong_values import first_fault


def _measured(figures: Any) -> Any:
    """Leave out what is null: nobody measured it."""
    if not isinstance(figures, dict):
        return figures
    return {
        name: value for name, value in figures.items() if value is not None
    }


Metrics = Annotated[
    dict[str, Number],
    BeforeValidator(_measured),
    having(ALWAYS),
    Field(
        description="Figures by name; errors in dollars.",
        json_schema_extra={"required": [*ALWAYS]},
    ),
]
Mode = Literal["sliding_window", "legacy"]


class Split(Part):
    """How the months of a legacy run are parted."""

    train_share: Share
    seed: int


class Months(Part):
    """What a model was trained and tested on."""

    train_months: tuple[MonthName, ...]
    test_month: MonthName | None = Field(
        description="None: a part of the train months."
    )
    split: Split | None = Field(
        None, description="How; missing: train and test are other months."
    )


class MonthCounts(Part):
    """What the rules found in one month of the lake."""

    rows: Trips
    valid_rows: Trips
    violations: ByRule = Field(description="A trip may break several rules.")
    rejected_rows: Trips


class RunTrips(Months):
    """The trips of a run."""

    train_rows: Trips
    test_rows: Trips
    rejected_rows: Trips
    months: dict[MonthName, MonthCounts]


class GateResult(Part):
    """One limit, what was found, and whether it is kept."""

    gate: str = Field(description="The limit as a sentence.")
    value: Number
    passed: bool
    metric: str = Field(
        "",
        description="Name of the metric, or in words what else was looked"
        " at; missing: only the sentence was written then.",
    )
    sign: Literal["<", "<=", ">", ">=", ""] = Field(
        "", description="Missing: see metric."
    )
    limit: Number | None = Field(None, description="Missing: see metric.")
    limit_metric: str | None = Field(
        None, description="The metric that is the limit; None: a number is."
    )


class Promotion(Part):
    """What was decided about a model."""

    decision: Literal["promoted", "kept", "refused"]
    reason: str
    improved: tuple[str, ...] = Field(
        description="Metrics that are better than the current model's."
    )
    compared_with: str | None = Field(
        description="The current model; None where there was none."
    )
    current_metrics: Metrics | None = Field(
        description="Of the current model on the same trips."
    )
    not_compared: str | None = Field(
        None,
        description="Why the current model could not be compared; missing:"
        " it was, or there was none.",
    )
    current_trained_on_test_month: bool
    rule: PromotionRule = Field(
        "two_of_three", description="Which one decided."
    )
    evidence: Evidence | None = Field(
        None, description="How sure the difference is; missing: not known."
    )
    guarded: Guarded | None = Field(
        None, description="What the guarded rule decides, or would have."
    )
    baselines: dict[str, Metrics] = Field(
        {}, description="Of the trivial baselines on the same trips."
    )


class TrainMetrics(Document):
    """``train_metrics.json``: the main report of a run."""

    mode: Mode = Field(
        "sliding_window", description="Missing: sliding_window."
    )
    rmse: Dollars
    mae: Dollars
    r2: float
    model_id: str
    run_key: str = Field(description="Equal for runs of the same model.")
    metrics: Metrics
    before_the_ride: Metrics | None = Field(
        None,
        description="Of prices for which miles and minutes are not told, on a"
        " sample of the test trips; missing: not measured.",
    )
    data: RunTrips
    recipe: RecipeUsed
    seconds: ByStage
    gates: tuple[GateResult, ...]
    promotion: Promotion
    report: str | None = Field(
        None,
        description="The page for people, in the same folder; missing: none.",
    )


class ModelFeatures(Part):
    """What goes into a model."""

    version: int
    names: tuple[str, ...]
    levels: dict[str, tuple[str, ...]] = Field(
        description="Levels that the model tells apart, by feature."
    )
    usual_levels: dict[str, tuple[str, ...]] | None = Field(
        None,
        description="Levels with enough train trips; missing: those that"
        " the model tells apart.",
    )


class PortableCheck(Part):
    """How the model without Spark was compared with Spark's."""

    format: str = Field("", description="Missing: it was not told.")
    trips: Trips
    max_difference_dollars: Dollars


class Manifest(TrainMetrics):
    """``manifest.json``: explains a model without loading it."""

    fingerprints: dict[str, str] = Field(
        description="SHA-256 of each month's bytes."
    )
    seed: int
    features: ModelFeatures
    feature_importance: dict[str, Share]
    versions: dict[str, str] = Field(description="Of the libraries.")
    git_commit: str | None = Field(description="None outside a checkout.")
    portable: PortableCheck | None = Field(
        None, description="Missing: the model needs Spark."
    )
    files: dict[str, str] = Field(
        description="SHA-256 of each file of the version."
    )


def parse_manifest(content: bytes, *, model: str) -> dict[str, Any]:
    """
    Read what explains a model, as it was written.

    Raises
    ------
    ValueError
        If it is damaged; it says how.
    IncompatibleModelError
        If it is of a layout that this release does not read.
    """
    document = parse_json(content)
    refusal = Refusal("", train_again(document), IncompatibleModelError)
    require_layout(document, place=f"The model {model}", refusal=refusal)
    try:
        return Manifest.model_validate(document).to_document()
    except ValidationError as error:
        raise ValueError(first_fault(error)) from error


def train_again(manifest: Any) -> str:
    """Say what makes a model that this release can use."""
    legacy = isinstance(manifest, Mapping) and manifest.get("mode") == "legacy"
    return (
        f"run `taxi-fare {'train-legacy' if legacy else 'train'}`: it makes a"
        " model that this code can use; or name another model."
    )
