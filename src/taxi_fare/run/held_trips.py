"""Trips that are held in memory: a sample, to be learnt from many times."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taxi_fare.core.columns import LABEL
from taxi_fare.features.levels import Floats
from taxi_fare.run.local_month import Result
from taxi_fare.run.trips_here import TripsHere


@dataclass(frozen=True)
class HeldTrips(TripsHere):
    """
    Some trips.

    Parameters
    ----------
    table : pyarrow.Table
        The 12 features and the label.
    """

    table: pa.Table

    @property
    def rows(self) -> int:
        """How many they are."""
        return int(self.table.num_rows)

    def map(
        self, work: Callable[[pa.Table, Floats], Result]
    ) -> Iterator[Result]:
        """Work on all of them at once."""
        yield work(
            self.table.drop_columns(LABEL), self.table[LABEL].to_numpy()
        )

    def part(self, rows: int) -> "HeldTrips":
        """Return so many of them, evenly spread."""
        places = np.linspace(0, self.rows - 1, num=rows).astype(np.int64)
        return HeldTrips(self.table.take(places))
