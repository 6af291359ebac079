"""Recipes: named ways to build a model."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from taxi_fare.core.choices import BEST, TARIFF, Encoding
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.training.algorithms import (
    ALGORITHMS,
    Algorithm,
    find_algorithm,
)

if TYPE_CHECKING:
    from taxi_fare.core.recipe_sections import AlgorithmSettings
    from taxi_fare.core.settings import Settings

# What only one of the encodings asks for.
_ONEHOT_ONLY = {"min_level_variance"}
# What trees beyond a tariff ask for, and do not, where they can be robust.
_ROBUST_ONLY = {"huber_slope", "min_weight_per_node"}
_NOT_ROBUST = {"min_instances_per_node"}


@dataclass(frozen=True)
class Recipe:
    """
    A named way to build a model.

    Parameters
    ----------
    algorithm : {'gbt', 'xgboost'}
        MLlib's GBTRegressor, or XGBoost on the same Spark session.
    encoding : {'onehot', 'index'}
        A column for each level that the price depends on, or one for all.
    tariff : bool, optional
        Whether a robust line by miles, minutes, rate code and payment comes
        first, and the algorithm learns what prices lie beside it; with the
        algorithm's usual encoding.

    Raises
    ------
    WrongUsageError
        If there is no such algorithm, or no such recipe.

    Examples
    --------
    >>> Recipe("gbt", "index").name
    'gbt-index'
    >>> Recipe("xgboost", "index", tariff=True).name
    'xgboost-tariff'
    """

    algorithm: str
    encoding: Encoding
    tariff: bool = False

    def __post_init__(self) -> None:
        """Refuse an algorithm or a combination that there is not."""
        usual = find_algorithm(self.algorithm).usual_encoding
        if self.tariff and self.encoding != usual:
            raise WrongUsageError(
                f"There is no recipe of {self.algorithm}, {self.encoding} and"
                " a tariff.",
                expected=f"the encoding {usual}",
                remedy="leave the encoding out.",
            )

    @property
    def record(self) -> Algorithm:
        """What is known of its algorithm."""
        return find_algorithm(self.algorithm)

    @property
    def name(self) -> str:
        """Its name in manifests, reports and on the command line."""
        return f"{self.algorithm}-{TARIFF if self.tariff else self.encoding}"

    @property
    def takes_vector(self) -> bool:
        """Whether the estimator reads one vector, or plain columns."""
        return self.encoding in self.record.vector_for

    @property
    def fits_here(self) -> bool:
        """Whether one process can fit it as well as Spark's workers."""
        return bool(self.record.load_here) and not self.takes_vector

    def settings(self, settings: "Settings") -> "AlgorithmSettings":
        """
        Return the hyper-parameters of the algorithm.

        Parameters
        ----------
        settings : Settings
            Of every algorithm.

        Returns
        -------
        AlgorithmSettings
            Of this one.
        """
        return self.record.settings(settings)

    def parameters(self, settings: "Settings") -> dict[str, Any]:
        """
        Return what the recipe depends on.

        Parameters
        ----------
        settings : Settings
            Of every algorithm.

        Returns
        -------
        dict
            Hyper-parameters by name, without those it does not read, and
            the seed.
        """
        unread = _ONEHOT_ONLY if self.encoding == "index" else set()
        tariff = {}
        if self.tariff:
            robust = self.record.robust
            unread = unread | (_NOT_ROBUST if robust else set())
            tariff = settings.tariff.model_dump(
                exclude=None if robust else _ROBUST_ONLY
            )
        read = self.settings(settings).model_dump(exclude=unread)
        return read | tariff | {"seed": settings.training.seed}


def _every_recipe() -> Iterator[Recipe]:
    for algorithm in ALGORITHMS.values():
        for encoding in get_args(Encoding):
            yield Recipe(algorithm.name, encoding)
        yield Recipe(algorithm.name, algorithm.usual_encoding, tariff=True)


DEFAULT_RECIPE = Recipe("gbt", "onehot")
RECIPES = {recipe.name: recipe for recipe in _every_recipe()}
# The most accurate one: docs/results.md shows by how much. What is recorded
# is its own name, as another one may be the most accurate some day.
MOST_ACCURATE = "xgboost-tariff"


def chosen_recipe(settings: "Settings") -> Recipe:
    """Return the recipe that the settings name."""
    training = settings.training
    if training.recipe:
        return find_recipe(training.recipe)
    encoding = training.encoding
    if encoding == "auto":
        encoding = find_algorithm(training.algorithm).usual_encoding
    return Recipe(training.algorithm, encoding)


def find_recipe(name: str) -> Recipe:
    """
    Find a recipe by its name.

    Raises
    ------
    WrongUsageError
        If there is none of that name.
    """
    found = RECIPES.get(MOST_ACCURATE if name == BEST else name)
    if found is not None:
        return found
    raise WrongUsageError(
        f"There is no recipe {name!r}.",
        expected=f"one of {', '.join([*RECIPES, BEST])}",
        remedy="correct the name.",
    )
