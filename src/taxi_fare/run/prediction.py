"""Predict the trips of a month and write them, in one Spark action."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyspark.sql import DataFrame, Observation

from taxi_fare.core.columns import (
    LABEL,
    PREDICTION,
)
from taxi_fare.core.manifest import MonthCounts
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark.session import has_own_python
from taxi_fare.features.derive import PACKED_TRIP, derive_beside
from taxi_fare.lake.catalog import require_unchanged
from taxi_fare.lake.month import LakeMonth
from taxi_fare.lake.read import refusing_damage, require_all_rows
from taxi_fare.lake.tables.collect import Change, collected
from taxi_fare.lake.tables.file import write_table
from taxi_fare.reports.documents.predictions import PredictionsOrigin
from taxi_fare.run.models import CheckedModel
from taxi_fare.run.predicted_rows import (
    IS_PAID,
    PredictedRows,
    Predictions,
)
from taxi_fare.run.trip_counts import SparkCounting, told_months
from taxi_fare.scoring.table_batches import predict_batches
from taxi_fare.validation.checks import (
    is_valid,
    read_counts,
    rule_counts,
    valid_trips,
    validate,
)
from taxi_fare.validation.rules import input_rules, label_rules


@dataclass(frozen=True)
class SparkEngine:
    """
    A month that Spark reads, and a model.

    Parameters
    ----------
    trips : DataFrame
        All trips of the month.
    """

    trips: DataFrame
    month: LakeMonth
    model: CheckedModel
    settings: Settings

    def count_sample(self, share: float) -> MonthCounts:
        """Count the violations in some of the trips, drawn at random."""
        sample = self.trips.sample(
            fraction=share, seed=self.settings.training.seed
        )
        rules = input_rules(self.settings.validation)
        with refusing_damage():
            found = validate(sample, rules=rules)
        nothing = {rule.name: 0 for rule in rules}
        return found.get(
            str(self.month.month),
            read_counts({"rows": 0, "valid_rows": 0, **nothing}, rules=rules),
        )

    def told_months(self, found: MonthCounts) -> str:
        """Tell which months the trips are of; nothing if of no other."""
        counting = SparkCounting(self.trips)
        return told_months(counting, str(self.month.month), found)

    def predict(self, output: Path) -> Predictions:
        """
        Predict every trip that can be, and write the file.

        Raises
        ------
        DataRefusedError
            If the month is damaged.
        DataMissingError
            If a store removed or replaced it meanwhile.
        """
        limits, month = self.settings.validation, self.month
        rules = input_rules(limits)
        seen = Observation()
        columns = kept = list(month.columns)
        observed = self.trips.observe(seen, *rule_counts(rules))
        valid = valid_trips(observed, rules=rules)
        if LABEL in columns:
            valid = valid.withColumn(IS_PAID, is_valid(label_rules(limits)))
            kept = [*columns, IS_PAID]
        rows, change = _with_prediction(valid, model=self.model, columns=kept)
        predicted = PredictedRows(columns, self.model, self.settings)

        with (
            refusing_damage(),
            collected(rows, beside=output, change=change) as batches,
        ):
            write_table(
                batches,
                file=output,
                document=origin_of(month, self.model),
                finish=predicted.finish,
                accept=lambda: require_whole(month, rows=seen.get["rows"]),
            )
        counts = read_counts(seen.get, rules=rules)
        return predicted.told(counts)


def require_whole(month: LakeMonth, *, rows: int) -> None:
    """Check, before a file is in its place, that it is about all trips."""
    require_unchanged([month])
    require_all_rows([month], {str(month.month): rows})


def origin_of(month: LakeMonth, model: CheckedModel) -> PredictionsOrigin:
    """Say where the rows of a file come from."""
    return PredictionsOrigin(
        model_id=model.model_id,
        month=str(month.month),
        simulated=month.simulated or model.simulated,
    )


def _with_prediction(
    trips: DataFrame, *, model: CheckedModel, columns: list[str]
) -> tuple[DataFrame, Change]:
    """
    Predict with Spark's model, or as it does in a third of the time.

    MLlib follows pointers from node to node of each tree, for one trip after
    another. Its portable copy asks whole columns.
    """
    if model.portable is None or not has_own_python(trips.sparkSession):
        features = derive_beside(trips, columns=columns)
        predicted = model.pipeline.transform(features)
        return predicted.select(f"{PACKED_TRIP}.*", PREDICTION), iter
    change = partial(predict_batches, model=model.portable)
    return trips.select(*columns), change
