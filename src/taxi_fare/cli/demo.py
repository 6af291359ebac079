"""``taxi-fare demo``: the whole system on simulated trips."""

from pathlib import Path
from typing import Annotated

import typer

from taxi_fare.cli import options
from taxi_fare.cli.bars import tree_bar
from taxi_fare.cli.show import print_result
from taxi_fare.cli.show_demo import show_demo
from taxi_fare.core.usual_places import DEMO_FOLDER

Folder = Annotated[Path, typer.Option(help="Folder for all of its files.")]
Trips = Annotated[
    int, typer.Option(min=1_000, help="Simulated trips a month.")
]
Seed = Annotated[
    int, typer.Option(min=0, help="The same seed gives the same trips.")
]


def demo(
    *,
    folder: Folder = DEMO_FOLDER,
    trips: Trips = 20_000,
    seed: Seed = 42,
    json: options.Json = False,
) -> None:
    """Simulate five months and run the whole system on them."""
    from taxi_fare.core.settings import load_settings
    from taxi_fare.workflows import demo as workflow

    settings = load_settings()
    with tree_bar(settings.gbt.max_iter) as on_tree:
        result = workflow.demo(
            workflow.DemoPlace(folder),
            settings=settings,
            trips=trips,
            seed=seed,
            on_tree=on_tree,
        )
    language = settings.reports.language
    print_result(result, json=json, show=show_demo, language=language)
