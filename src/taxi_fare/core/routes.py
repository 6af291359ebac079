"""A route table: how far and how long rides between two zones usually are."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pydantic import Field, model_validator

from taxi_fare.core.documents import (
    Document,
    MonthName,
    Part,
    Refusal,
    Share,
    Trips,
    parse_document,
)
from taxi_fare.core.errors import RegistryConflictError
from taxi_fare.core.intervals import Intervals
from taxi_fare.core.manifest import Metrics
from taxi_fare.core.ways import (
    KINDS_OF_WAYS,
    SLOTS,
    WAYS,
    ZONES,
    Numbers,
    Ways,
    kinds_of_ways,
    street_miles,
)

ROUTES_FILE = "portable/routes.json"
# Where a quarter of a normal distribution ends, in standard deviations.
_QUARTER = 0.674
_REFUSAL = Refusal(
    expected="the route table that training wrote",
    remedy="train again with `taxi-fare train --force`, or name another"
    " model.",
    error=RegistryConflictError,
)
Row = tuple[float, ...]


class Effects(Part):
    """
    What the logarithm of miles, or of minutes, is made of.

    It is ``start + slope * log(length by the map)`` and what the kind of the
    way, its two zones, the way itself, and the hour add.
    """

    start: float
    slope: float = Field(ge=0, description="A longer way is never shorter.")
    kinds: Row = Field(description="By the kind of the way.")
    pickups: Row = Field(description="By the number of the zone.")
    dropoffs: Row
    ways: Row = Field(description="Of each way that was seen.")
    hours: tuple[Row, ...] = Field(
        description="By the kind of the way, and hour: of working days, then"
        " of Saturday and Sunday."
    )
    spreads: Row = Field(
        description="Standard deviation of a ride, of each way that was seen."
    )
    usual_spreads: Row = Field(description="By the kind of the way.")


class BeforeTheRide(Part):
    """How good a price is that is asked for before the ride."""

    metrics: Metrics = Field(
        description="On a sample of the test month, of which only zones and"
        " time were told."
    )
    intervals: Intervals | None = Field(
        description="Made of these errors; None: too few trips."
    )
    with_payment: Intervals | None = Field(
        None,
        description="Made of the errors where the type of payment was told"
        " too; None: the others are used.",
    )

    def intervals_of(self, *, payment_given: bool) -> Intervals | None:
        """Return those for rides whose payment is told, or is not."""
        told = self.with_payment if payment_given else None
        return told or self.intervals


class Routes(Document):
    """``portable/routes.json``: miles and minutes before a ride."""

    train_months: tuple[MonthName, ...]
    usual_log_miles: float = Field(
        description="Of a way from or to no place on the map."
    )
    ways: tuple[int, ...] = Field(
        description="That were seen: 266 times the number of the pickup zone,"
        " plus that of the dropoff zone; ascending."
    )
    trips: tuple[Trips, ...] = Field(description="Train trips of each.")
    miles: Effects
    minutes: Effects
    payments: dict[str, Share] = Field(
        description="How often each type of payment was, the rarest left out."
    )
    before: BeforeTheRide | None = Field(
        None, description="Missing: it was not measured."
    )

    @model_validator(mode="after")
    def _complete(self) -> "Routes":
        """Refuse lists of another length: they would give wrong numbers."""
        seen = len(self.ways)
        if sorted({*self.ways}) != [*self.ways] or not all(
            0 <= way < WAYS for way in self.ways
        ):
            raise ValueError("ways that are none, or not in order")
        sizes = [(len(self.trips), seen)]
        for each in (self.miles, self.minutes):
            sizes += [
                (len(each.kinds), KINDS_OF_WAYS),
                (len(each.pickups), ZONES),
                (len(each.dropoffs), ZONES),
                (len(each.ways), seen),
                (len(each.spreads), seen),
                (len(each.usual_spreads), KINDS_OF_WAYS),
                (len(each.hours), KINDS_OF_WAYS),
                *((len(row), SLOTS) for row in each.hours),
            ]
        if any(found != wanted for found, wanted in sizes):
            raise ValueError("lists of other lengths")
        if not self.payments:
            raise ValueError("no type of payment")
        return self


@dataclass(frozen=True)
class Usual:
    """
    What some rides usually are.

    Parameters
    ----------
    log_miles, log_minutes : ndarray of float64, shape (rides,)
        Means of the logarithms.
    miles_spread, minutes_spread : ndarray of float64, shape (rides,)
        Standard deviations of the logarithms.
    """

    log_miles: Numbers
    log_minutes: Numbers
    miles_spread: Numbers
    minutes_spread: Numbers


@dataclass(frozen=True)
class Quartiles:
    """What a quarter, a half and three quarters of the rides stay below."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, logs: Numbers, spreads: Numbers) -> list["Quartiles"]:
        """Return those of log-normal distributions."""
        far = _QUARTER * spreads
        ends = np.exp(np.column_stack((logs - far, logs, logs + far)))
        return [cls(*each) for each in ends.tolist()]


class RouteTable:
    """A route table, laid out to be looked up."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes

    @cached_property
    def _trips(self) -> Ways:
        trips = np.zeros(WAYS, dtype=np.int64)
        trips[list(self.routes.ways)] = self.routes.trips
        return trips

    @cached_property
    def _miles(self) -> tuple[Numbers, Numbers]:
        return self._laid_out(self.routes.miles)

    @cached_property
    def _minutes(self) -> tuple[Numbers, Numbers]:
        return self._laid_out(self.routes.minutes)

    def _laid_out(self, effects: Effects) -> tuple[Numbers, Numbers]:
        """Return mean and spread of every way, whatever the hour."""
        kinds, length = kinds_of_ways(), street_miles()
        log_miles = np.where(
            np.isnan(length), self.routes.usual_log_miles, np.log(length)
        )
        pickups, dropoffs = np.divmod(np.arange(WAYS), ZONES)
        means = effects.start + effects.slope * log_miles
        means += np.array(effects.kinds)[kinds]
        means += np.array(effects.pickups)[pickups]
        means += np.array(effects.dropoffs)[dropoffs]
        spreads = np.array(effects.usual_spreads)[kinds]
        seen = list(self.routes.ways)
        means[seen] += effects.ways
        spreads[seen] = effects.spreads
        return means, spreads

    def usual(self, ways: Ways, slots: Ways) -> Usual:
        """Say how far and how long rides usually are."""
        kinds = kinds_of_ways()[ways]
        found = []
        for effects, (means, spreads) in (
            (self.routes.miles, self._miles),
            (self.routes.minutes, self._minutes),
        ):
            hours = np.array(effects.hours)[kinds, slots]
            found.append((means[ways] + hours, spreads[ways]))
        (miles, miles_spread), (minutes, minutes_spread) = found
        return Usual(miles, minutes, miles_spread, minutes_spread)

    def trips(self, way: int) -> int:
        """Return how many train trips went a way."""
        return int(self._trips[way])

    def trips_of(self, ways: Ways) -> list[int]:
        """Return how many train trips went each way."""
        found: list[int] = self._trips[ways].tolist()
        return found


def parse_routes(content: bytes, *, place: object) -> Routes:
    """
    Read a route table.

    Raises
    ------
    RegistryConflictError
        If it is damaged.
    """
    return parse_document(content, Routes, place=place, refusal=_REFUSAL)
