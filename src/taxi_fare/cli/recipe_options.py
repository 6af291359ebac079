"""Options that say how a model is built."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from taxi_fare.core import choices
from taxi_fare.core.errors import WrongUsageError
from taxi_fare.training.algorithms import ALGORITHMS
from taxi_fare.training.recipes import MOST_ACCURATE, RECIPES

if TYPE_CHECKING:
    from taxi_fare.core.recipe_used import Tuned
    from taxi_fare.core.settings import Settings

    AlgorithmName = str
    RecipeName = str
else:
    AlgorithmName = Literal[tuple(ALGORITHMS)]
    RecipeName = Literal[(*RECIPES, choices.BEST)]

_TITLES = ", or ".join(each.title for each in ALGORITHMS.values())
_USUAL = ", ".join(
    f"{each.usual_encoding} for {each.name}" for each in ALGORITHMS.values()
)
Recipe = Annotated[
    RecipeName | None,
    typer.Option(
        "--recipe",
        help=f"A recipe by its name, instead of algorithm and encoding;"
        f" {choices.BEST}"
        f" is the most accurate one, {MOST_ACCURATE}.",
    ),
]
Algorithm = Annotated[
    AlgorithmName | None,
    typer.Option(
        "--algorithm",
        help=f"{_TITLES}. Default: training.algorithm of the settings, gbt.",
    ),
]
Encoding = Annotated[
    choices.Encoding | None,
    typer.Option(
        "--encoding",
        help="A column for each level that the price depends on, or one for"
        f" all levels. Default: {_USUAL}.",
    ),
]


TunedFile = Annotated[
    Path | None,
    typer.Option(
        "--tuned",
        help="What `taxi-fare tune` has found: recipe and parameters.",
    ),
]
Rule = Annotated[
    choices.PromotionRule | None,
    typer.Option(
        "--promotion-rule",
        help="When the new model replaces the current one: 2 of 3 metrics"
        " improve, or surely and nowhere worse. Default: promotion.rule of"
        " the settings, two_of_three.",
    ),
]


def with_rule(
    settings: "Settings", rule: choices.PromotionRule | None
) -> "Settings":
    """Let the option win over the setting."""
    if rule is None:
        return settings
    promotion = settings.promotion.model_copy(update={"rule": rule})
    return settings.model_copy(update={"promotion": promotion})


def with_tuned(path: Path | None, *others: str | None) -> "Tuned | None":
    """
    Read what was tuned, if it was named, and nothing else beside it.

    Raises
    ------
    WrongUsageError
        If another option names a recipe, too.
    """
    if path is None:
        return None
    if any(others):
        raise WrongUsageError(
            f"--tuned {path} comes with a recipe, an algorithm or an"
            " encoding.",
            expected="one of them: what was tuned is a recipe",
            remedy="leave the others out.",
        )
    from taxi_fare.core.recipe_used import read_tuned

    return read_tuned(path)


def with_recipe(
    settings: "Settings",
    *,
    recipe: str | None = None,
    algorithm: str | None,
    encoding: choices.Encoding | None,
) -> "Settings":
    """
    Let the options win over the settings.

    Raises
    ------
    WrongUsageError
        If they name a recipe, and a part of another.
    """
    given = {"algorithm": algorithm, "encoding": encoding}
    chosen = {name: value for name, value in given.items() if value}
    if recipe and chosen:
        raise WrongUsageError(
            f"--recipe {recipe} comes with --{' and --'.join(chosen)}.",
            expected="a recipe by its name, or algorithm and encoding",
            remedy="leave one of them out.",
        )
    if settings.training.recipe and chosen.keys() == {"encoding"}:
        raise WrongUsageError(
            f"--encoding {encoding} comes beside training.recipe ="
            f" {settings.training.recipe!r} of the settings.",
            expected="--recipe, or --algorithm with the encoding",
            remedy="name the algorithm, too.",
        )
    if recipe or chosen:
        chosen |= {"recipe": recipe or ""}
    training = settings.training.model_copy(update=chosen)
    return settings.model_copy(update={"training": training})
