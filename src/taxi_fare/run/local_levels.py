"""Sum up the levels of the train months without Spark."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import pyarrow as pa

from taxi_fare.core.columns import INPUTS, LABEL
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.features.levels import LevelSums, added_up, collected_sums
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.local_month import map_batches, needs_no_spark
from taxi_fare.run.run import Run
from taxi_fare.scoring.derive import derive_features
from taxi_fare.validation.arrow_checks import Broken
from taxi_fare.validation.rules import trip_rules


def local_sums(run: Run) -> Callable[[], LevelSums] | None:
    """Return what sums up the train trips; None where Spark is needed."""
    if run.data.parts.test_month is None:
        return None  # parts of the same months: Spark alone knows which trips
    names, settings = run.data.parts.train_months, run.settings
    months = [x for x in run.data.months if str(x.month) in names]
    if not all(needs_no_spark(each, settings) for each in months):
        return None
    return lambda: added_up(_sums(months, settings))


def _sums(
    months: Sequence[LakeMonth], settings: Settings
) -> Iterator[LevelSums]:
    for each in months:
        work = partial(_of_batch, month=each.month, settings=settings)
        yield from map_batches(work, each, *INPUTS, LABEL)


def _of_batch(
    trips: pa.RecordBatch, *, month: Month, settings: Settings
) -> LevelSums:
    rules = trip_rules(settings.validation)
    valid = trips.filter(Broken(trips, rules=rules, month=month).valid)
    features = derive_features(pa.Table.from_batches([valid]))
    return collected_sums(features, valid[LABEL].to_numpy())
