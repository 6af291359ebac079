"""Options that say how a model is built."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from taxi_fare.core import choices
from taxi_fare.training.algorithms import ALGORITHMS

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings

    AlgorithmName = str
else:
    AlgorithmName = Literal[tuple(ALGORITHMS)]

_TITLES = ", or ".join(each.title for each in ALGORITHMS.values())
_USUAL = ", ".join(
    f"{each.usual_encoding} for {each.name}" for each in ALGORITHMS.values()
)
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


def with_recipe(
    settings: "Settings",
    *,
    algorithm: str | None,
    encoding: choices.Encoding | None,
) -> "Settings":
    """Let the options win over the settings."""
    given = {"algorithm": algorithm, "encoding": encoding}
    chosen = {name: value for name, value in given.items() if value}
    training = settings.training.model_copy(update=chosen)
    return settings.model_copy(update={"training": training})
