"""The valid trips of months of a folder, as features: without Spark."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import pyarrow as pa

from taxi_fare.core.columns import INPUTS, LABEL
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.features.levels import Floats
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.local_month import Result, map_batches
from taxi_fare.run.run import Run
from taxi_fare.run.trips_here import TripsHere
from taxi_fare.run.valid_batch import valid_batch


@dataclass(frozen=True)
class LocalTrips(TripsHere):
    """Months whose valid trips this process reads itself."""

    months: Sequence[LakeMonth]
    settings: Settings

    @property
    def rows(self) -> int:
        """How many they are, those that are not valid included."""
        return sum(each.rows for each in self.months)

    def map(
        self, work: Callable[[pa.Table, Floats], Result]
    ) -> Iterator[Result]:
        """
        Work on features and prices, some batches at once, in their order.

        The day of the month is beside the features.

        Raises
        ------
        DataRefusedError
            If a file is damaged.
        """
        for each in self.months:
            whole = partial(
                _of_valid, work=work, month=each.month, settings=self.settings
            )
            yield from map_batches(whole, each, *INPUTS, LABEL)


def local_trips(run: Run, names: Iterable[str]) -> LocalTrips | None:
    """Return trips of some months of a run; None where Spark is needed."""
    months = run.data.read_here(names, run.settings)
    return LocalTrips(months, run.settings) if months else None


def _of_valid(
    trips: pa.RecordBatch,
    *,
    work: Callable[[pa.Table, Floats], Result],
    month: Month,
    settings: Settings,
) -> Result:
    valid = valid_batch(trips, month=month, settings=settings)
    return work(valid.features, valid.paid)
