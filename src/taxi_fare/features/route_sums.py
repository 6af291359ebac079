"""Sums of miles and minutes by way and hour: what a route table is made of."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DISTANCE,
    DURATION,
)
from taxi_fare.core.spark.ways import slot_number, way_number
from taxi_fare.core.ways import SLOTS, Numbers, Ways, slots_of, ways_of

# Of a trip that tells how far and how long a way is: the least and the most.
_MILES, _MINUTES, _MILES_PER_HOUR = (0.05, 100.0), (1.0, 180.0), (1.0, 70.0)
# 100 MB; all ways at all hours that anybody takes are fewer.
_MOST_CELLS = 2_000_000
# What is summed up of each way and hour: all trips; of those that tell, how
# many, and the logarithms of both with their squares.
COLUMNS = ("trips", "told", "miles", "miles2", "minutes", "minutes2")


@dataclass(frozen=True)
class RouteSums:
    """
    Sums over trips by way and hour; those of other trips can be added.

    Parameters
    ----------
    cells : ndarray of int64, shape (cells,)
        Number of the way times ``SLOTS``, and the slot; ascending.
    sums : ndarray of float64, shape (cells, columns)
        ``COLUMNS``.
    """

    cells: Ways
    sums: Numbers

    @classmethod
    def together(cls, parts: Iterable["RouteSums"]) -> "RouteSums":
        """Add up the sums of some trips, of which there is one part."""
        every = list(parts)
        cells, place = np.unique(
            np.concatenate([each.cells for each in every]), return_inverse=True
        )
        rows = np.concatenate([each.sums for each in every])
        columns = [
            np.bincount(place, column, minlength=len(cells))
            for column in rows.T
        ]
        return cls(cells, np.column_stack(columns))

    def column(self, name: str) -> Numbers:
        """Return one of the sums."""
        return self.sums[:, COLUMNS.index(name)]


class RouteTotal:
    """The sums of many batches: added up now and then, to stay small."""

    def __init__(self) -> None:
        self._parts: list[RouteSums] = []

    def add(self, part: RouteSums) -> None:
        """Take the sums of one batch more."""
        self._parts.append(part)
        if sum(len(each.cells) for each in self._parts) > _MOST_CELLS:
            self._parts = [self.sums()]

    def sums(self) -> RouteSums:
        """Return the sums of all batches, of which there is one."""
        return RouteSums.together(self._parts)


def route_sums(features: pa.Table) -> RouteSums:
    """Sum up trips that are here."""
    miles, minutes = (
        np.asarray(features[name], dtype=np.float64)
        for name in (DISTANCE, DURATION)
    )
    slow, fast = (speed / 60 * minutes for speed in _MILES_PER_HOUR)
    told = (slow <= miles) & (miles <= fast)
    for value, (least, most) in ((miles, _MILES), (minutes, _MINUTES)):
        told &= (least <= value) & (value <= most)
    far = np.log(miles, where=told, out=np.zeros(len(miles)))
    long = np.log(minutes, where=told, out=np.zeros(len(miles)))
    columns = (np.ones(len(miles)), told, far, far**2, long, long**2)
    cells = ways_of(features) * SLOTS + slots_of(features)
    return RouteSums.together([RouteSums(cells, np.column_stack(columns))])


def route_sums_by_spark(trips: DataFrame) -> RouteSums:
    """Sum up the same by Spark, in one action."""
    cell = "cell"
    miles, minutes = F.col(DISTANCE), F.col(DURATION)
    slow, fast = (speed / 60 * minutes for speed in _MILES_PER_HOUR)
    told = (
        miles.between(slow, fast)
        & miles.between(*_MILES)
        & minutes.between(*_MINUTES)
    )
    far, long = (
        F.when(told, F.log(each)).otherwise(0.0) for each in (miles, minutes)
    )
    values = (F.lit(1.0), told.cast("double"), far, far**2, long, long**2)
    rows = (
        trips.groupBy((way_number() * SLOTS + slot_number()).alias(cell))
        .agg(
            *(
                F.sum(value).alias(name)
                for name, value in zip(COLUMNS, values, strict=True)
            )
        )
        .collect()
    )
    rows.sort(key=lambda row: row[cell])
    return RouteSums(
        np.array([row[cell] for row in rows], dtype=np.int64),
        np.array([[row[name] for name in COLUMNS] for row in rows]),
    )
