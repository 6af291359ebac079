"""Fit a recipe's estimator on encoded rows."""

from collections.abc import Callable, Sequence

from pyspark.ml.regression import GBTRegressionModel
from pyspark.sql import DataFrame

from taxi_fare.core.columns import FEATURES
from taxi_fare.core.sections import RecipeSettings
from taxi_fare.training.progress import tree_progress
from taxi_fare.training.recipes import Recipe


def fit(
    encoded: DataFrame,
    *,
    recipe: Recipe,
    settings: RecipeSettings,
    vector: str,
    on_tree: Callable[[int], None] | None = None,
) -> GBTRegressionModel:
    """
    Fit the estimator.

    Parameters
    ----------
    encoded : DataFrame
        Train rows with the vector and ``total_amount``, cached.
    recipe : Recipe
        The estimator to fit.
    settings : RecipeSettings
        Its hyper-parameters.
    vector : str
        Name of the vector's column.
    on_tree : callable, optional
        Called with the number of the tree that is growing.

    Returns
    -------
    GBTRegressionModel
        The fitted model.
    """
    with tree_progress(
        encoded.sparkSession.sparkContext,
        trees=settings.max_iter,
        depth=settings.max_depth,
        report=on_tree,
    ):
        model: GBTRegressionModel = recipe.estimator(settings, vector).fit(
            encoded
        )
    return model


def feature_importance(
    importances: Sequence[float], slots: Sequence[str]
) -> dict[str, float]:
    """
    Sum the importance of a vector's slots back to the features.

    Parameters
    ----------
    importances : sequence of float
        One for each slot, summing to 1; MLlib normalises the mean decrease
        in variance (Hastie, Tibshirani, Friedman, The Elements of
        Statistical Learning, 2001).
    slots : sequence of str
        The feature behind each slot.

    Returns
    -------
    dict of str to float
        By feature, all 12 of them, the most important first.
    """
    summed = dict.fromkeys(FEATURES, 0.0)
    for feature, importance in zip(slots, importances, strict=True):
        summed[feature] += float(importance)
    return dict(sorted(summed.items(), key=lambda pair: -pair[1]))
