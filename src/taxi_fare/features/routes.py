"""
Fit a route table to sums: in closed form, but for a few rounds.

Each effect is the mean of what the others leave, shrunk towards 0 by as many
trips as it takes to believe it: n / (n + k) of it. Sources: C. Morris,
Parametric Empirical Bayes Inference, JASA 78, 1983; A. Buja, T. Hastie, R.
Tibshirani, Linear Smoothers and Additive Models, Annals of Statistics 17, 1989
(backfitting).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from taxi_fare.core.routes import Effects
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
from taxi_fare.features.route_sums import RouteSums

# Trips' worth of doubt, by effect: what pays on the nine windows of 2019.
_DOUBT = {
    "kinds": 5.0,
    "slots": 20.0,
    "hours": 30.0,
    "pickups": 8.0,
    "dropoffs": 8.0,
    "ways": 5.0,
}
_ROUNDS = 6
_SPREAD_DOUBT, _FIRST_SPREAD = 20.0, 0.35
# Four decimals of a logarithm are a ten-thousandth of a mile.
_DIGITS = 4


@dataclass(frozen=True)
class FittedRoutes:
    """What a route table holds of miles and minutes."""

    usual_log_miles: float
    ways: Ways
    trips: Ways
    miles: Effects
    minutes: Effects


def fit_routes(sums: RouteSums) -> FittedRoutes:
    """Fit miles and minutes of every way to the train trips' sums."""
    ways, slots = np.divmod(sums.cells, SLOTS)
    length = street_miles()
    there = ~np.isnan(length[ways])
    weights = sums.column("trips")
    usual = 0.0
    if there.any():
        usual = float(
            np.average(np.log(length[ways[there]]), weights=weights[there])
        )
    log_miles = np.where(np.isnan(length), usual, np.log(length))
    trips = np.bincount(ways, weights, minlength=WAYS)
    seen = np.flatnonzero(trips)
    fit = _Fit(sums, ways, slots, log_miles, seen)
    return FittedRoutes(
        usual_log_miles=round(usual, _DIGITS),
        ways=seen,
        trips=trips[seen].astype(np.int64),
        miles=fit.effects("miles", by_hour=False),
        minutes=fit.effects("minutes", by_hour=True),
    )


@dataclass(frozen=True)
class _Fit:
    """Sums, where they lie, and the lengths of all ways by the map."""

    sums: RouteSums
    ways: Ways
    slots: Ways
    log_miles: Numbers
    seen: Ways

    def effects(
        self, target: Literal["miles", "minutes"], *, by_hour: bool
    ) -> Effects:
        count, total = self.sums.column("told"), self.sums.column(target)
        start, slope = _line(self.log_miles[self.ways], count, total)
        base = start + slope * self.log_miles[self.ways]
        found, fitted = _backfit(count, total, base, self._keys(by_hour))
        hours = np.zeros((KINDS_OF_WAYS, SLOTS))
        if by_hour:
            hours = found["hours"].reshape(hours.shape) + found["slots"]
        squares = self.sums.column(f"{target}2")
        rest = squares - 2 * fitted * total + fitted**2 * count
        spreads, usual = self._spreads(rest, count, found["ways"])
        return Effects(
            start=round(start, _DIGITS),
            slope=round(slope, _DIGITS),
            kinds=_row(found["kinds"]),
            pickups=_row(found["pickups"]),
            dropoffs=_row(found["dropoffs"]),
            ways=_row(found["ways"][self.seen]),
            hours=tuple(map(_row, hours)),
            spreads=_row(spreads[self.seen]),
            usual_spreads=_row(usual),
        )

    def _keys(self, by_hour: bool) -> dict[str, tuple[Ways, int]]:
        """Return which level of each effect a cell has, and how many."""
        kinds = kinds_of_ways()[self.ways]
        pickups, dropoffs = np.divmod(self.ways, ZONES)
        hours = {
            "slots": (self.slots, SLOTS),
            "hours": (kinds * SLOTS + self.slots, KINDS_OF_WAYS * SLOTS),
        }
        return {
            "kinds": (kinds, KINDS_OF_WAYS),
            **(hours if by_hour else {}),
            "pickups": (pickups, ZONES),
            "dropoffs": (dropoffs, ZONES),
            "ways": (self.ways, WAYS),
        }

    def _spreads(
        self, rest: Numbers, count: Numbers, effect: Numbers
    ) -> tuple[Numbers, Numbers]:
        """Return how far rides of each way, and kind, lie from their mean."""
        kinds, k = kinds_of_ways(), _SPREAD_DOUBT
        everything = (rest.sum() + 5 * _FIRST_SPREAD**2) / (count.sum() + 5)
        of_kind, in_kind = (
            np.bincount(kinds[self.ways], each, minlength=KINDS_OF_WAYS)
            for each in (rest, count)
        )
        usual = (of_kind + k * everything) / (in_kind + k)
        of_way, in_way = (
            np.bincount(self.ways, each, minlength=WAYS)
            for each in (rest, count)
        )
        own = (of_way + k * usual[kinds]) / (in_way + k)
        # A way that was hardly seen may differ from what its zones tell.
        known = in_way >= k
        doubt = float(np.mean(effect[known] ** 2)) if known.any() else 0.0
        own += doubt * _DOUBT["ways"] / (in_way + _DOUBT["ways"])
        return (
            np.sqrt(np.maximum(own, 0.0)),
            np.sqrt(np.maximum(usual + doubt, 0.0)),
        )


def _line(
    log_miles: Numbers, count: Numbers, total: Numbers
) -> tuple[float, float]:
    """Fit a straight line by weighted least squares; it never falls."""
    trips = count.sum()
    if not trips:
        return 0.0, 1.0
    x, y = (log_miles * count).sum() / trips, total.sum() / trips
    along = (np.square(log_miles - x) * count).sum()
    across = ((log_miles - x) * (total - y * count)).sum()
    slope = max(float(across / along), 0.0) if along > 0 else 1.0
    return float(y - slope * x), slope


def _backfit(
    count: Numbers,
    total: Numbers,
    base: Numbers,
    keys: Mapping[str, tuple[Ways, int]],
) -> tuple[dict[str, Numbers], Numbers]:
    """Shrink one effect after the other; return them and what they fit."""
    counts = {
        name: np.bincount(key, count, minlength=size)
        for name, (key, size) in keys.items()
    }
    effects: dict[str, Numbers] = {
        name: np.zeros(size) for name, (_, size) in keys.items()
    }
    fitted = base
    for _ in range(_ROUNDS):
        for name, (key, size) in keys.items():
            rest = total - count * (fitted - effects[name][key])
            left = np.bincount(key, rest, minlength=size)
            new: Numbers = left / (counts[name] + _DOUBT[name])
            fitted = fitted + (new - effects[name])[key]
            effects[name] = new
    return effects, fitted


def _row(values: Numbers) -> tuple[float, ...]:
    return tuple(np.round(values, _DIGITS).tolist())
