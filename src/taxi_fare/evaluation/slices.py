"""The groups of trips that accuracy is told of: the one list of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from taxi_fare.core.columns import (
    DROPOFF_ZONE,
    PAYMENT,
    PICKUP_HOUR,
    PICKUP_WEEKDAY,
    PICKUP_ZONE,
    VENDOR,
)
from taxi_fare.core.sections import ErrorAnalysisSettings
from taxi_fare.core.zones import EWR, JFK, LGA, zones
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
_VENDORS = {"1": "Creative Mobile", "2": "Curb", "6": "Myle", "7": "Helix"}


@dataclass(frozen=True)
class Slice:
    """
    A way to part all trips.

    Parameters
    ----------
    codes : callable
        Numbers the level of each trip, from features and what was paid.
    """

    name: str
    title: str
    levels: tuple[str, ...]
    codes: Callable[[pa.Table, Numbers], Codes]


def slices(settings: ErrorAnalysisSettings) -> tuple[Slice, ...]:
    """Return every way to part trips."""
    limits = settings.bucket_limits_dollars
    boroughs = {str(zone.number): zone.borough for zone in zones().values()}
    return (
        Slice(
            "price_bucket",
            "Price",
            BUCKETS,
            lambda _, paid: np.searchsorted(limits, paid),
        ),
        Slice("airport", "To or from an airport", ("no", "yes"), _airport),
        _by_level(PICKUP_ZONE, "borough", "Borough of the pickup", boroughs),
        Slice("hour_band", "Hour of the pickup", tuple(_BANDS), _band),
        Slice(
            "weekday",
            "Day of the week",
            _WEEKDAYS,
            lambda trips, _: _whole(trips[PICKUP_WEEKDAY]),
        ),
        _by_level(PAYMENT, "payment_type", "Payment type", _PAYMENTS),
        _by_level(VENDOR, "vendor", "Vendor of the meter", _VENDORS),
    )


def _by_level(
    feature: str, name: str, title: str, names: Mapping[str, str]
) -> Slice:
    """Part trips by the level of a category; levels may share a name."""
    levels = (*dict.fromkeys(names.values()), OTHER)
    known = pa.array(names)
    # What is at no place, -1, is the last.
    places = np.array([*map(levels.index, names.values()), len(names)])
    places[-1] = len(levels) - 1

    def codes(trips: pa.Table, _: Numbers) -> Codes:
        """Number the name of each trip's level."""
        found = pc.index_in(trips[feature], value_set=known)
        return np.asarray(places[pc.fill_null(found, -1).to_numpy()])

    return Slice(name, title, levels, codes)


def _airport(trips: pa.Table, _: Numbers) -> Codes:
    airports = pa.array([str(each) for each in (EWR, JFK, LGA)])
    ends = [
        pc.is_in(trips[name], value_set=airports)
        for name in (PICKUP_ZONE, DROPOFF_ZONE)
    ]
    return _whole(pc.or_(*ends).cast(pa.int8()))


def _band(trips: pa.Table, _: Numbers) -> Codes:
    hours = _whole(trips[PICKUP_HOUR])
    return np.searchsorted([*_BANDS.values()], hours, side="right") - 1


def _whole(column: pa.ChunkedArray) -> Codes:
    return np.asarray(column.to_numpy(), dtype=np.intp)
