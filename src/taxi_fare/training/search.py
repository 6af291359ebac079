"""Which hyper-parameters are worth searching, and how far."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from taxi_fare.core.choices import TARIFF
from taxi_fare.core.settings import Settings
from taxi_fare.training.recipes import Recipe


@dataclass(frozen=True)
class Range:
    """
    Values of a parameter, both ends included.

    Parameters
    ----------
    low, high : int or float
        Whole numbers where both are.
    log : bool, optional
        Whether 10 is as far from 1 as 100 from 10.
    """

    low: float
    high: float
    log: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def holding(self, value: float) -> "Range":
        """Return the range, wide enough for what the settings say."""
        low, high = min(self.low, value), max(self.high, value)
        return Range(low, high, self.log)


# What a parameter may be by now, and by how much a fit may get longer: with
# the most trees it takes about three times as long as with the settings.
SEARCHED: Mapping[str, Mapping[str, Range]] = {
    "gbt": {
        "max_depth": Range(4, 8),
        "max_iter": Range(20, 120, log=True),
        "min_instances_per_node": Range(5, 200, log=True),
    },
    "xgboost": {
        "max_depth": Range(4, 9),
        "max_iter": Range(60, 400, log=True),
        "learning_rate": Range(0.02, 0.3, log=True),
        "features_per_tree": Range(0.4, 1.0),
        "min_instances_per_node": Range(5, 200, log=True),
    },
    TARIFF: {
        "outlier_dollars": Range(30.0, 300.0, log=True),
        "huber_slope": Range(2.0, 40.0, log=True),
        "min_weight_per_node": Range(1.0, 50.0, log=True),
    },
}


def searched(recipe: Recipe, settings: Settings) -> dict[str, Range]:
    """Return the ranges of what a recipe reads, by section and name."""
    read = recipe.parameters(settings)
    sections = (recipe.algorithm, *((TARIFF,) if recipe.tariff else ()))
    return {
        f"{section}.{name}": each
        for section in sections
        for name, each in SEARCHED[section].items()
        if name in read
    }


def untuned(recipe: Recipe, settings: Settings) -> dict[str, Any]:
    """Return what the settings say of the same parameters."""
    read = recipe.parameters(settings)
    return {
        name: read[name.partition(".")[2]]
        for name in searched(recipe, settings)
    }
