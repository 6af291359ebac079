"""Options that say how a model is built."""

from typing import TYPE_CHECKING, Annotated

import typer

from taxi_fare.core.choices import Algorithm, Encoding

if TYPE_CHECKING:
    from taxi_fare.core.settings import Settings

AlgorithmOption = Annotated[
    Algorithm | None,
    typer.Option(
        "--algorithm",
        help="MLlib's GBTRegressor, or XGBoost on the same Spark session."
        " Default: training.algorithm of the settings, gbt.",
    ),
]
EncodingOption = Annotated[
    Encoding | None,
    typer.Option(
        "--encoding",
        help="A column for each level that the price depends on, or one for"
        " all levels. Default: onehot for gbt, index for xgboost.",
    ),
]


def with_recipe(
    settings: "Settings",
    *,
    algorithm: Algorithm | None,
    encoding: Encoding | None,
) -> "Settings":
    """Let the options win over the settings."""
    given = {"algorithm": algorithm, "encoding": encoding}
    chosen = {name: value for name, value in given.items() if value}
    training = settings.training.model_copy(update=chosen)
    return settings.model_copy(update={"training": training})
