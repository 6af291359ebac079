"""Recipes: named ways to build a model."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from taxi_fare.core.choices import Algorithm, Encoding
from taxi_fare.core.errors import WrongUsageError

if TYPE_CHECKING:
    from taxi_fare.core.sections import RecipeSettings
    from taxi_fare.core.settings import Settings

_USUAL: dict[Algorithm, Encoding] = {"gbt": "onehot", "xgboost": "index"}
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

    Examples
    --------
    >>> Recipe("gbt", "index").name
    'gbt-index'
    """

    algorithm: Algorithm
    encoding: Encoding

    @property
    def name(self) -> str:
        """Its name in manifests, reports and on the command line."""
        return f"{self.algorithm}-{self.encoding}"

    @property
    def takes_vector(self) -> bool:
        """Whether the estimator reads one vector, or plain columns."""
        # XGBoost gets a vector as a Python list of its numbers, a column as
        # an array: with few columns the latter is several times as fast.
        return self.algorithm == "gbt" or self.encoding == "onehot"

    def settings(self, settings: "Settings") -> "RecipeSettings":
        """
        Return the hyper-parameters of the algorithm.

        Parameters
        ----------
        settings : Settings
            Of every algorithm.

        Returns
        -------
        RecipeSettings
            Of this one.
        """
        return {"gbt": settings.recipe, "xgboost": settings.xgboost}[
            self.algorithm
        ]

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
            Hyper-parameters by name, without those it does not read.
        """
        unread = _ONEHOT_ONLY if self.encoding == "index" else set()
        return self.settings(settings).model_dump(exclude=unread)


DEFAULT_RECIPE = Recipe("gbt", "onehot")
RECIPES = {
    recipe.name: recipe
    for recipe in (
        DEFAULT_RECIPE,
        Recipe("gbt", "index"),
        Recipe("xgboost", "onehot"),
        Recipe("xgboost", "index"),
    )
}


def chosen_recipe(settings: "Settings") -> Recipe:
    """Return the recipe that the settings name."""
    training = settings.training
    encoding = training.encoding
    if encoding == "auto":
        encoding = _USUAL[training.algorithm]
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
