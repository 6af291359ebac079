"""Sections of the settings that say how a model is built."""

from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from taxi_fare.core.choices import BEST, TARIFF, Encoding
from taxi_fare.core.setting_types import (
    LARGEST,
    Count,
    Few,
    Months,
    Positive,
    Section,
    Seed,
    Share,
)


class AlgorithmSettings(Section):
    """What every algorithm has; its section is named after it."""

    max_bins: Annotated[int, Field(ge=2, le=LARGEST)] = 256
    min_level_share: Share = 0.001
    min_level_variance: Share = 0.002


class GbtSettings(AlgorithmSettings):
    """Hyper-parameters of the algorithm ``gbt``."""

    max_depth: Annotated[int, Field(ge=1, le=30)] = 6
    max_iter: Count = 50
    min_instances_per_node: Count = 20


class XgboostSettings(GbtSettings):
    """Hyper-parameters of the algorithm ``xgboost``."""

    max_iter: Count = 100
    learning_rate: Annotated[float, Field(gt=0, le=1)] = 0.1
    features_per_tree: Annotated[float, Field(gt=0, le=1)] = 0.7


class TariffSettings(Section):
    """How trees learn what prices lie beside a tariff."""

    outlier_dollars: Positive = 100.0
    huber_slope: Positive = 10.0
    min_weight_per_node: Positive = 5.0


# Each algorithm has a section of its name.
ALGORITHM_SECTIONS: dict[str, type[AlgorithmSettings]] = {
    "gbt": GbtSettings,
    "xgboost": XgboostSettings,
}
RECIPE_NAMES = tuple(
    f"{algorithm}-{way}"
    for algorithm in ALGORITHM_SECTIONS
    for way in (*get_args(Encoding), TARIFF)
)


class TrainingSettings(Section):
    """The sliding window, the recipe, the layout of the train trips."""

    window_months: Months = 3
    min_train_months: Months = 2
    partitions: Few = 2
    seed: Seed = 42
    algorithm: str = "gbt"
    encoding: Encoding | Literal["auto"] = "auto"
    recipe: str = ""

    @model_validator(mode="after")
    def _named(self) -> Self:
        """Refuse an algorithm that has no section, and an unknown recipe."""
        known = ALGORITHM_SECTIONS
        if self.algorithm not in known:
            raise ValueError(
                f"the algorithm {self.algorithm!r:.60} is none of"
                f" {', '.join(known)}"
            )
        recipes = (*RECIPE_NAMES, BEST)
        if self.recipe and self.recipe not in recipes:
            raise ValueError(
                f"the recipe {self.recipe!r:.60} is none of"
                f" {', '.join(recipes)}"
            )
        return self
