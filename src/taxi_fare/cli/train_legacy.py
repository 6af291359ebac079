"""``taxi-fare train-legacy``: the description's first mode."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.options import (
    DEFAULT_REPORTS,
    DataBasePath,
    Json,
    ReportsDir,
    lake_of,
)
from taxi_fare.cli.recipe_options import (
    AlgorithmOption,
    EncodingOption,
    with_recipe,
)
from taxi_fare.cli.show import print_json, show_train
from taxi_fare.cli.window_options import Force
from taxi_fare.core.months import parse_months
from taxi_fare.core.usual_places import LEGACY_MODEL

Months = Annotated[
    str | None,
    typer.Option(
        help="Months to train and test on, such as 2023-01,2023-02."
        " Default: these two."
    ),
]
ModelPath = Annotated[
    Path, typer.Option(help="Name of the model; the one there is replaced.")
]


def train_legacy(
    *,
    months: Months = None,
    model_path: ModelPath = LEGACY_MODEL,
    data_base_path: DataBasePath = None,
    reports_dir: ReportsDir = DEFAULT_REPORTS,
    force: Force = False,
    algorithm: AlgorithmOption = None,
    encoding: EncodingOption = None,
    json: Json = False,
) -> None:
    """Train on 80 % of fixed months, test on the rest (the legacy mode)."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows.train_legacy import (
        LegacyRequest,
    )
    from taxi_fare.workflows.train_legacy import (
        train_legacy as run_train_legacy,
    )

    settings = with_recipe(
        load_settings(), algorithm=algorithm, encoding=encoding
    )
    request = LegacyRequest(
        lake_of(data_base_path, settings),
        reports_dir,
        months=None if months is None else tuple(parse_months(months)),
        model=model_path,
        force=force,
    )
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = run_train_legacy(request, settings=settings, on_tree=on_tree)
    if json:
        print_json(result.document.to_document())
    else:
        show_train(result, reports=reports_dir)
    refusal = result.refusal()
    if refusal is not None:
        raise refusal
