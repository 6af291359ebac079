"""Recipes: named ways to build a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from taxi_fare.core.choices import Encoding
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.training.algorithms import (
    ALGORITHMS,
    Algorithm,
    find_algorithm,
)

if TYPE_CHECKING:
    from taxi_fare.core.sections import AlgorithmSettings
    from taxi_fare.core.settings import Settings

# What only one of the encodings asks for.
_ONEHOT_ONLY = {"min_level_variance"}


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

    Raises
    ------
    WrongUsageError
        If there is no such algorithm.

    Examples
    --------
    >>> Recipe("gbt", "index").name
    'gbt-index'
    """

    algorithm: str
    encoding: Encoding

    def __post_init__(self) -> None:
        """Refuse an algorithm that there is not."""
        find_algorithm(self.algorithm)

    @property
    def record(self) -> Algorithm:
        """What is known of its algorithm."""
        return find_algorithm(self.algorithm)

    @property
    def name(self) -> str:
        """Its name in manifests, reports and on the command line."""
        return f"{self.algorithm}-{self.encoding}"

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
        read = self.settings(settings).model_dump(exclude=unread)
        return read | {"seed": settings.training.seed}


DEFAULT_RECIPE = Recipe("gbt", "onehot")
RECIPES = {
    recipe.name: recipe
    for recipe in (
        Recipe(algorithm, encoding)
        for algorithm in ALGORITHMS
        for encoding in get_args(Encoding)
    )
}


def chosen_recipe(settings: "Settings") -> Recipe:
    """Return the recipe that the settings name."""
    training = settings.training
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
    if name in RECIPES:
        return RECIPES[name]
    raise WrongUsageError(
        f"There is no recipe {name!r}.",
        expected=f"one of {', '.join(RECIPES)}",
        remedy="correct the name.",
    )
