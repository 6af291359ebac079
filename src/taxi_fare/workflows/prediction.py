"""Predict the trips of a month and write them, in one Spark action."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, Observation
from pyspark.sql import functions as F
from pyspark.sql.types import DoubleType, StructType

from taxi_fare.core.columns import LABEL, PREDICTION, TRIP_COLUMNS
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import has_own_python
from taxi_fare.evaluation.metrics import Metrics, metric_sums, read_metrics
from taxi_fare.evaluation.predictions import (
    PredictionFigures,
    prediction_figures,
    read_figures,
)
from taxi_fare.features.derive import PACKED_TRIP, derive_beside
from taxi_fare.lake.lake_month import LakeMonth
from taxi_fare.lake.read import refusing_damage
from taxi_fare.lake.store_catalog import require_unchanged
from taxi_fare.lake.table_file import write_table
from taxi_fare.scoring.table_batches import predict_batches
from taxi_fare.validation.checks import (
    MonthValidation,
    is_valid,
    read_counts,
    rule_counts,
    valid_trips,
)
from taxi_fare.validation.rules import input_rules, label_rules
from taxi_fare.workflows.models import LoadedModel

MODEL_ID = "model_id"


@dataclass(frozen=True)
class Predictions:
    """
    What was predicted.

    Parameters
    ----------
    counts : MonthValidation
        Trips of the month, those that were predicted, and why the others
        were not.
    figures : PredictionFigures
        What the model says, before any floor.
    metrics : Metrics or None
        Of the trips with a valid total; None without any, or where a
        prediction is not finite.
    """

    counts: MonthValidation
    figures: PredictionFigures
    metrics: Metrics | None


def predict_trips(
    trips: DataFrame,
    model: LoadedModel,
    *,
    month: LakeMonth,
    output: Path,
    settings: Settings,
) -> Predictions:
    """
    Predict every trip that can be, and write the file.

    Parameters
    ----------
    trips : DataFrame
        Trips of the month, with the declared columns.
    model : LoadedModel
        What predicts.
    month : LakeMonth
        Which columns it has.
    output : Path
        The parquet file: the month's trip columns, ``prediction`` in
        dollars, ``model_id``.
    settings : Settings
        Rules, limits and floor.

    Returns
    -------
    Predictions
        Counts, figures and metrics.

    Raises
    ------
    DataRefusedError
        If the month is damaged.
    DataMissingError
        If a store removed or replaced it meanwhile.
    """
    rules = input_rules(settings.validation)
    seen, predicted, scored = (Observation() for _ in range(3))
    columns = _declared(month)
    valid = valid_trips(trips.observe(seen, *rule_counts(rules)), rules=rules)
    rows = _with_prediction(valid, model, columns).observe(
        predicted,
        *prediction_figures(
            limit_dollars=settings.plausibility.total_max_dollars,
            minimum_fare_dollars=settings.prediction.minimum_fare_dollars,
        ),
    )
    if LABEL in columns:
        paid = is_valid(label_rules(settings.validation))
        rows = rows.observe(scored, *metric_sums([PREDICTION], among=paid))
    with refusing_damage():
        write_table(
            _floored(rows, settings).withColumn(
                MODEL_ID, F.lit(model.model_id)
            ),
            output,
            document={
                "model_id": model.model_id,
                "month": str(month.month),
                "simulated": month.simulated or model.simulated,
            },
            accept=lambda: require_unchanged([month]),
        )
    figures = read_figures(predicted.get)
    metrics = None
    if LABEL in columns and not figures.non_finite and scored.get["rows"]:
        metrics = read_metrics(scored.get, PREDICTION)
    return Predictions(read_counts(seen.get, rules=rules), figures, metrics)


def _declared(month: LakeMonth) -> list[str]:
    """Return the declared columns that a month has."""
    there = {name.lower() for name in month.columns}
    return [each.name for each in TRIP_COLUMNS if each.name.lower() in there]


def _with_prediction(
    trips: DataFrame, model: LoadedModel, columns: list[str]
) -> DataFrame:
    """
    Predict with Spark's model, or as it does in a third of the time.

    MLlib follows pointers from node to node of each tree, for one trip after
    another. Its portable copy asks whole columns.
    """
    if model.portable is None or not has_own_python(trips.sparkSession):
        features = derive_beside(trips, columns=columns)
        predicted = model.model.transform(features)
        return predicted.select(f"{PACKED_TRIP}.*", PREDICTION)
    kept = trips.select(*columns)
    schema = StructType([*kept.schema.fields])
    return kept.mapInArrow(
        partial(predict_batches, model=model.portable),
        schema.add(PREDICTION, DoubleType()),
    )


def _floored(rows: DataFrame, settings: Settings) -> DataFrame:
    if not settings.prediction.floor_at_minimum_fare:
        return rows
    lowest = F.lit(settings.prediction.minimum_fare_dollars)
    return rows.withColumn(PREDICTION, F.greatest(PREDICTION, lowest))
