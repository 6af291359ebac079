"""Train several recipes on one window, and rank them. Promotes nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import BY_TARIFF, PREDICTION
from taxi_fare.core.documents import new_run_id, report_header
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.metrics import ERRORS
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import spark_session
from taxi_fare.evaluation.baselines import fit_trivially, predict_trivially
from taxi_fare.evaluation.closeness import measure_closeness
from taxi_fare.evaluation.local_baselines import MEAN, PAIR_MEDIAN
from taxi_fare.features.derive import PACKED_TRIP
from taxi_fare.features.tariff import fit_tariff
from taxi_fare.lake.catalog import one_snapshot, require_unchanged
from taxi_fare.lake.read import paths_of, refusing_damage
from taxi_fare.reports.documents.listing import COMPARISON
from taxi_fare.reports.documents.predictions import Comparison, Contestant
from taxi_fare.run.fit import (
    FittedPipeline,
    fit_pipeline,
    require_recipe,
)
from taxi_fare.run.local_trips import local_trips
from taxi_fare.run.report import data_document
from taxi_fare.run.run import Run
from taxi_fare.run.train_trips import TARIFF_TRIPS, TrainTrips
from taxi_fare.run.trained import read_run
from taxi_fare.run.window import RunData, WindowRequest, find_window
from taxi_fare.training.recipes import Recipe

# Of train trips and the features of test trips: the latter with predictions.
Scoring = Callable[[TrainTrips, DataFrame], DataFrame]


@dataclass(frozen=True)
class CompareRequest:
    """
    A comparison that was asked for.

    Parameters
    ----------
    window : WindowRequest
        Lake and months.
    recipes : sequence of Recipe
        What to compare.
    reports : Path
        Folder of the reports.

    Examples
    --------
    >>> lake = lake_place("data/nyc-interim/yellow", load_settings())
    >>> window = WindowRequest(lake, test_month=Month("2023-04"))
    >>> recipes = [Recipe("gbt", "onehot"), Recipe("gbt", "index")]
    >>> request = CompareRequest(window, recipes, reports=Path("reports"))
    """

    window: WindowRequest
    recipes: Sequence[Recipe]
    reports: Path


@refusing_damage()
def compare(
    request: CompareRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None = None,
) -> Comparison:
    """
    Train each recipe, score it on the test month, rank all of them.

    Parameters
    ----------
    request : CompareRequest
        Months and recipes.
    settings : Settings
        Everything else.
    on_tree : callable, optional
        Called with the number of the tree that is growing.

    Returns
    -------
    Comparison
        What ``comparison.json`` holds: the window and the ``leaderboard``,
        the lowest RMSE first, with three baselines: the tariff alone, and
        two that no training needs.

    Raises
    ------
    DataMissingError
        If months are missing.
    DataRefusedError
        If months must not be used.
    EnvironmentLackError
        If a recipe needs what is not installed.

    Examples
    --------
    >>> window = WindowRequest(Path("no-lake"), test_month=Month("2023-04"))
    >>> recipes = [Recipe("gbt", "index")]
    >>> request = CompareRequest(window, recipes, reports=Path("reports"))
    >>> compare(request, settings=load_settings())
    Traceback (most recent call last):
        ...
    DataMissingError: ❌ DATA NOT FOUND
    """
    data = find_window(request.window, settings)
    with one_snapshot(data.months):
        return _compare(data, request, settings=settings, on_tree=on_tree)


def _compare(
    data: RunData,
    request: CompareRequest,
    *,
    settings: Settings,
    on_tree: Callable[[int], None] | None,
) -> Comparison:
    """Compare on the months that were found."""
    log = PipelineLogger(__name__)
    spark = spark_session(settings, paths=paths_of(data.months))
    for recipe in request.recipes:
        require_recipe(recipe, spark=spark, settings=settings)
    run = Run.start(data, recipe=request.recipes[0], settings=settings)
    trips = read_run(run, spark=spark, log=log)
    train, test = (each.drop(PACKED_TRIP) for each in data.parted(trips))

    trips_here = local_trips(run, data.parts.train_months)
    fit = partial(fit_pipeline, settings=settings, log=log, on_tree=on_tree)
    contestants: dict[str, Scoring] = {
        recipe.name: partial(_fit_and_predict, partial(fit, recipe=recipe))
        for recipe in request.recipes
    }
    measured = [
        _measured(
            name,
            scoring=scoring,
            train=TrainTrips(train, trips_here),
            test=test,
        )
        for name, scoring in (contestants | _BASELINES).items()
    ]
    test_rows = trips.months[data.label].valid_rows
    document = Comparison(
        **report_header(new_run_id(), simulated=run.simulated),
        data=data_document(run, trips=trips, test_rows=test_rows),
        recipes={x.name: x.parameters(settings) for x in request.recipes},
        leaderboard=tuple(sorted(_with_gains(measured), key=_rmse)),
    )
    require_unchanged(data.months)
    COMPARISON.write(request.reports, document)
    return document


def _fit_and_predict(
    fit: Callable[[TrainTrips], FittedPipeline],
    train: TrainTrips,
    test: DataFrame,
) -> DataFrame:
    return fit(train).model.transform(test)


def _trivially(name: str, train: TrainTrips, test: DataFrame) -> DataFrame:
    predicted = predict_trivially(test, fit_trivially(train.features))
    return predicted.withColumn(PREDICTION, F.col(name))


def _by_tariff(train: TrainTrips, test: DataFrame) -> DataFrame:
    predicted = fit_tariff(train.sample(TARIFF_TRIPS)).stage.transform(test)
    return predicted.withColumn(PREDICTION, F.col(BY_TARIFF))


_TARIFF = "baseline: tariff"
_BASELINES: dict[str, Scoring] = {
    _TARIFF: _by_tariff,
    **{
        f"baseline: {name}": partial(_trivially, name)
        for name in (PAIR_MEDIAN, MEAN)
    },
}


def _rmse(contestant: Contestant) -> float:
    return contestant.rmse


def _with_gains(measured: Sequence[Contestant]) -> Iterator[Contestant]:
    """Say by how much each beats the tariff, or its trees are for nothing."""
    (tariff,) = (x.to_document() for x in measured if x.name == _TARIFF)
    for each in measured:
        errors = each.to_document()
        gain = {x.name: 1 - errors[x.name] / tariff[x.name] for x in ERRORS}
        yield each.model_copy(update={"gain": gain})


def _measured(
    name: str, *, scoring: Scoring, train: TrainTrips, test: DataFrame
) -> Contestant:
    started = time.perf_counter()
    scored = scoring(train, test)
    fitted = time.perf_counter()
    found = measure_closeness(scored)
    ended = time.perf_counter()
    return Contestant(
        name=name,
        fit_seconds=fitted - started,
        predict_seconds=ended - fitted,
        **found.metrics.to_document(),
        **found.within,
    )
