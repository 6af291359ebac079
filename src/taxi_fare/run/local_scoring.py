"""Score the test month of a run by portable models: without Spark."""

from collections.abc import Mapping
from functools import partial

import pyarrow as pa

from taxi_fare.core.columns import (
    CURRENT_PREDICTION,
    INPUTS,
    LABEL,
    PREDICTION,
)
from taxi_fare.core.errors import DataRefusedError
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.evaluation.scored_trips import ScoredTrips
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.current_model import CurrentModel
from taxi_fare.run.local_month import map_batches, needs_no_spark
from taxi_fare.run.run import Run
from taxi_fare.run.saved import SavedModel
from taxi_fare.run.trained import Trained
from taxi_fare.scoring.derive import derive_features
from taxi_fare.scoring.encode import encode
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.validation.arrow_checks import Broken
from taxi_fare.validation.rules import trip_rules

Models = Mapping[str, PortableModel]


def portable_models(
    run: Run, *, saved: SavedModel | None, current: CurrentModel | None
) -> Models:
    """
    Name the models that can score a test month without Spark.

    Returns
    -------
    mapping of str to PortableModel
        By the name of their prediction; empty where Spark is needed for one
        of them, or for the month.
    """
    month = _test_month(run)
    if saved is None or not (month and needs_no_spark(month, run.settings)):
        return {}
    models = {PREDICTION: saved.portable}
    if current is not None and current.usable is not None:
        if current.usable.portable is None:
            return {}
        models[CURRENT_PREDICTION] = current.usable.portable
    return models


def score_month(trained: Trained, models: Models) -> ScoredTrips:
    """
    Score the valid trips of the test month.

    Raises
    ------
    DataRefusedError
        If the month is damaged, or its valid trips are not those that
        training counted.
    """
    month = _test_month(trained.run)
    if month is None:
        raise ValueError("a part of the train months is no month")
    work = partial(
        _scored,
        models=models,
        month=month.month,
        settings=trained.run.settings,
    )
    scored = ScoredTrips.together(map_batches(work, month, *INPUTS, LABEL))
    counted = trained.trips.months[str(month.month)].valid_rows
    if len(scored.paid) != counted:
        raise DataRefusedError(
            f"Of {month.month} {len(scored.paid):,} trips are valid without"
            f" Spark, and {counted:,} with it.",
            expected="the same trips",
            remedy="set TAXI_FARE_PREDICTION__ENGINE=spark, and report it.",
        )
    return scored


def _test_month(run: Run) -> LakeMonth | None:
    name = run.data.parts.test_month
    return next((x for x in run.data.months if str(x.month) == name), None)


def _scored(
    trips: pa.RecordBatch, *, models: Models, month: Month, settings: Settings
) -> ScoredTrips:
    rules = trip_rules(settings.validation)
    broken = Broken(trips, rules=rules, month=month)
    valid = pa.Table.from_batches([trips.filter(broken.valid)])
    features = derive_features(valid)
    return ScoredTrips.of_batch(
        features,
        paid=valid[LABEL].to_numpy(),
        predictions={
            name: model.predict(encode(features, levels=model.levels))
            for name, model in models.items()
        },
        worst=settings.error_analysis.worst_trips,
    )
