"""The groups of trips that accuracy is told of: the one list of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyspark.sql import Column
from pyspark.sql import functions as F

from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    LABEL,
    PAYMENT,
    PICKUP_DAY,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
    VENDOR,
    VENDOR_NAMES,
)
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.core.spark.places import limits_below, place_of
from taxi_fare.core.zones import EWR, JFK, LGA, zones
from taxi_fare.evaluation.day_sums import OVERALL, DaySums, day_sums
from taxi_fare.evaluation.error_analysis import BUCKETS
from taxi_fare.evaluation.metrics import Numbers

Codes = NDArray[np.intp]

OTHER = "other"
# The hours that they begin with.
_BANDS = {"night": 0, "morning": 6, "midday": 10, "evening": 16, "late": 20}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
# The TLC's data dictionary.
_PAYMENTS = {
    "0": "flex fare",
    "1": "card",
    "2": "cash",
    "3": "no charge",
    "4": "dispute",
}
_VENDORS = {str(code): name for code, name in VENDOR_NAMES.items()}


class Parting(Protocol):
    """Numbers the level of each trip, from 0: for two engines."""

    def numpy(self, trips: pa.Table, paid: Numbers) -> Codes:
        """Number it from features and what was paid."""

    def spark(self) -> Column:
        """Return the same as a column."""


@dataclass(frozen=True)
class Slice:
    """
    A way to part all trips.

    Parameters
    ----------
    guards : bool
        Whether a promotion asks that no level of it gets worse.
    """

    name: str
    title: str
    levels: tuple[str, ...]
    by: Parting
    guards: bool = True


@dataclass(frozen=True)
class _Above:
    """How many limits a number is above, or at."""

    column: str
    limits: Sequence[float]
    or_at: bool = False

    def numpy(self, trips: pa.Table, paid: Numbers) -> Codes:
        values = paid if self.column == LABEL else trips[self.column]
        return np.searchsorted(
            [*self.limits],
            np.asarray(values),
            side="right" if self.or_at else "left",
        )

    def spark(self) -> Column:
        value = F.col(self.column)
        return limits_below(value, self.limits, or_at=self.or_at)


@dataclass(frozen=True)
class _Level:
    """The place of a category's level; what has none shares the last."""

    column: str
    places: Mapping[str, int]
    last: int

    def numpy(self, trips: pa.Table, paid: Numbers) -> Codes:
        known = pa.array(self.places)
        # What is unknown, -1, is the last.
        places = np.array([*self.places.values(), self.last])
        found = pc.index_in(trips[self.column], value_set=known)
        return np.asarray(places[pc.fill_null(found, -1).to_numpy()])

    def spark(self) -> Column:
        return place_of(F.col(self.column), self.places, last=self.last)


@dataclass(frozen=True)
class _Among:
    """Whether any of some categories has one of some levels."""

    columns: Sequence[str]
    levels: Sequence[str]

    def numpy(self, trips: pa.Table, paid: Numbers) -> Codes:
        levels = pa.array(self.levels)
        first, *others = (
            pc.is_in(trips[name], value_set=levels) for name in self.columns
        )
        for other in others:
            first = pc.or_(first, other)
        return np.asarray(first, dtype=np.intp)

    def spark(self) -> Column:
        first, *others = (F.col(x).isin(*self.levels) for x in self.columns)
        for other in others:
            first = first | other
        return first.cast("int")


def slices(settings: ErrorAnalysisSettings) -> tuple[Slice, ...]:
    """Return every way to part trips."""
    limits = settings.bucket_limits_dollars
    airports = tuple(map(str, (EWR, JFK, LGA)))
    boroughs = {str(zone.number): zone.borough for zone in zones().values()}
    return (
        Slice("price_bucket", "Price", BUCKETS, _Above(LABEL, limits)),
        Slice(
            "airport",
            "To or from an airport",
            ("no", "yes"),
            _Among((PICKUP_ZONE, DROPOFF_ZONE), airports),
        ),
        _by_level(PICKUP_ZONE, "borough", "Borough of the pickup", boroughs),
        Slice(
            "hour_band",
            "Hour of the pickup",
            tuple(_BANDS),
            _Above(PICKUP_HOUR, [*_BANDS.values()][1:], or_at=True),
        ),
        Slice(
            "weekday",
            "Day of the week",
            _WEEKDAYS,
            _Above(PICKUP_WEEKDAY, range(1, len(_WEEKDAYS)), or_at=True),
            guards=False,
        ),
        _by_level(PAYMENT, "payment_type", "Payment type", _PAYMENTS),
        replace(
            _by_level(VENDOR, "vendor", "Vendor of the meter", _VENDORS),
            guards=False,
        ),
    )


def guarding(settings: ErrorAnalysisSettings) -> tuple[Slice, ...]:
    """Return the ways to part trips that a promotion looks at."""
    return tuple(each for each in slices(settings) if each.guards)


def told(settings: ErrorAnalysisSettings) -> tuple[Slice, ...]:
    """Return the ways to part trips that a run tells of."""
    return (*guarding(settings), *WHEN_AND_WHERE)


def parted_sums(
    trips: pa.Table,
    paid: Numbers,
    predicted: Mapping[str, Numbers],
    *,
    ways: Sequence[Slice] = (),
) -> dict[str, DaySums]:
    """
    Sum up the errors of one or more models on the same trips.

    Parameters
    ----------
    trips : pyarrow.Table
        Features, and the day of the month.
    predicted : mapping of str to ndarray of float64, shape (trips,)
        Dollars, by who predicted.

    Returns
    -------
    dict of str to DaySums
        Of all trips, and by each way to part them.
    """
    days = np.asarray(trips[PICKUP_DAY], dtype=np.intp) - 1
    codes = {OVERALL: (np.zeros(len(paid), dtype=np.intp), 1)} | {
        each.name: (each.by.numpy(trips, paid), len(each.levels))
        for each in ways
    }
    return {
        name: day_sums(paid - values, paid, days=days, codes=codes)
        for name, values in predicted.items()
    }


def _by_level(
    feature: str, name: str, title: str, names: Mapping[str, str]
) -> Slice:
    """Part trips by the level of a category; levels may share a name."""
    levels = (*dict.fromkeys(names.values()), OTHER)
    places = {level: levels.index(each) for level, each in names.items()}
    return Slice(name, title, levels, _Level(feature, places, len(levels) - 1))


# Too fine for a promotion to ask about.
WHEN_AND_WHERE = (
    Slice(
        "hour",
        "Hour of the pickup",
        tuple(map(str, range(24))),
        _Above(PICKUP_HOUR, range(1, 24), or_at=True),
        guards=False,
    ),
    replace(
        _by_level(
            PICKUP_ZONE,
            "pickup_zone",
            "Pickup zone",
            {str(number): str(number) for number in zones()},
        ),
        guards=False,
    ),
)
