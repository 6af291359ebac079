"""
Try other ways than the recipe `best`: what pays on real months, what does not.

Each way changes one thing of it: XGBoost with the recipe's parameters learns
what the tariff leaves of the trips of three months, and predicts the month
after them, for every month of the raw --months that has three before it.
LightGBM is left out where it is not installed (`pip install --group peers`).
Means over the months go into a marked part of docs/results.md.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from accuracy import Numbers, Trips, encoded_trips, errors_of, features_of
from real_source import ingested_months, parsed, parser_of, write_between
from xgboost import XGBRegressor

from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DROPOFF_ZONE,
    DURATION,
    FEATURES,
    LABEL,
    PICKUP_ZONE,
)
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.months import parse_months
from taxi_fare.core.provenance import git_commit
from taxi_fare.core.recipe_sections import TariffSettings
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.features.encode import INDEX_COLUMNS, VECTOR
from taxi_fare.features.tariff import fit_tariff
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.training.algorithms import Fitting
from taxi_fare.training.xgboost import parameters

_BEGIN, _END = "<!-- tried from here -->", "<!-- tried to here -->"
_BEST = "the recipe"
_FOLDS, _PRIOR_TRIPS = 5, 20
_WHERE = {name: place for place, name in enumerate(FEATURES)}
Parameters = dict[str, Any]


@dataclass(frozen=True)
class Window:
    """
    The trips of a window, and what the tariff says of them.

    Parameters
    ----------
    train_tariff, test_tariff : ndarray, shape (trips,)
        Dollars.
    """

    train: Trips
    test: Trips
    train_tariff: Numbers
    test_tariff: Numbers
    settings: Settings

    @property
    def rest(self) -> Numbers:
        """What the tariff leaves, as much of it as teaches."""
        most = self.settings.tariff.outlier_dollars
        return np.clip(self.train.paid - self.train_tariff, -most, most)

    def robust(self) -> Parameters:
        """Return what the recipe tells XGBoost."""
        return self._told(self.settings.tariff)

    def squares(self) -> Parameters:
        """Return what recipes without a tariff tell it."""
        return self._told(None)

    def _told(self, tariff: TariffSettings | None) -> Parameters:
        fitting = Fitting(self.settings, VECTOR, INDEX_COLUMNS, None, tariff)
        return parameters(fitting)

    def grown(
        self,
        label: Numbers,
        told: Parameters,
        *,
        beside: tuple[Numbers, Numbers] | None = None,
    ) -> Numbers:
        """Predict with trees that learnt a label; columns may be beside."""
        train, test = self.train.matrix, self.test.matrix
        kinds = told["feature_types"]
        if beside is not None:
            train, test = (
                np.column_stack(pair)
                for pair in zip((train, test), beside, strict=True)
            )
            kinds = kinds + ["q"] * (train.shape[1] - len(kinds))
        model = XGBRegressor(**told | {"feature_types": kinds})
        found: Numbers = model.fit(train, label).predict(test)
        return found.astype(np.float64)


Way = Callable[[Window], Numbers]


def _best(window: Window, **changes: Any) -> Numbers:
    rest = window.grown(window.rest, window.robust() | changes)
    return window.test_tariff + rest


def _slope(slope: float, window: Window) -> Numbers:
    return _best(window, huber_slope=slope)


def _squares(window: Window) -> Numbers:
    return window.test_tariff + window.grown(window.rest, window.squares())


def _unclipped(window: Window) -> Numbers:
    rest = window.train.paid - window.train_tariff
    return window.test_tariff + window.grown(rest, window.robust())


def _without_tariff(window: Window) -> Numbers:
    return window.grown(window.train.paid, window.squares())


def _monotone(window: Window) -> Numbers:
    rising = [int(name in {DISTANCE, DURATION}) for name in FEATURES]
    return _best(window, monotone_constraints=tuple(rising))


def _derived(window: Window) -> Numbers:
    """Speed, hour of the week, and whether both zones are the same."""

    def columns(matrix: Numbers) -> Numbers:
        """Return them."""
        of = {name: matrix[:, place] for name, place in _WHERE.items()}
        hours = np.maximum(of[DURATION], 0.5) / 60
        week = 24 * of["pickup_dayofweek"] + of["pickup_hour"]
        same = of[PICKUP_ZONE] == of[DROPOFF_ZONE]
        return np.column_stack([of[DISTANCE] / hours, week, same])

    pair = columns(window.train.matrix), columns(window.test.matrix)
    rest = window.grown(window.rest, window.robust(), beside=pair)
    return window.test_tariff + rest


def _zone_pairs(window: Window) -> Numbers:
    """What trips between the same zones leave, on average, out of fold."""
    rest = window.rest
    keys, tested = (_pairs(x.matrix) for x in (window.train, window.test))
    draw = np.random.default_rng(window.settings.training.seed)
    folds = draw.integers(0, _FOLDS, len(rest))
    told = np.empty(len(rest))
    for fold in range(_FOLDS):
        left = folds != fold
        told[~left] = _mean_of(keys[left], rest[left], asked=keys[~left])
    pair = told, _mean_of(keys, rest, asked=tested)
    found = window.grown(rest, window.robust(), beside=pair)
    return window.test_tariff + found


def _pairs(matrix: Numbers) -> Numbers:
    found: Numbers = (
        1_000 * matrix[:, _WHERE[PICKUP_ZONE]]
        + matrix[:, _WHERE[DROPOFF_ZONE]]
    )
    return found


def _mean_of(keys: Numbers, values: Numbers, *, asked: Numbers) -> Numbers:
    known, places = np.unique(keys, return_inverse=True)
    trips = np.bincount(places)
    means = np.bincount(places, values) / (trips + _PRIOR_TRIPS)
    at = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[at] == asked, means[at], 0.0)


def _lightgbm(window: Window) -> Numbers:
    model = import_module("lightgbm").LGBMRegressor(
        num_leaves=64, verbose=-1, random_state=window.settings.training.seed
    )
    categories = [_WHERE[name] for name in CATEGORICAL_FEATURES]
    model.fit(window.train.matrix, window.rest, categorical_feature=categories)
    found: Numbers = model.predict(window.test.matrix)
    return window.test_tariff + found


def _mean(first: Way, second: Way, window: Window) -> Numbers:
    return (first(window) + second(window)) / 2


WAYS: dict[str, Way] = {
    _BEST: _best,
    "the tariff alone": lambda window: window.test_tariff,
    "no tariff, squares": _without_tariff,
    "squares instead of pseudo-Huber": _squares,
    **{
        f"pseudo-Huber of slope {slope}": partial(_slope, slope)
        for slope in (5, 20, 40)
    },
    "no limit to what a trip teaches": _unclipped,
    "price never falls with miles, minutes": _monotone,
    "speed, hour of the week, same zone": _derived,
    "mean of the zone pair, out of fold": _zone_pairs,
    "300 trees of rate 0.05": partial(
        _best, n_estimators=300, learning_rate=0.05
    ),
    "mean of it and squares": partial(_mean, _best, _squares),
    "mean of it and no tariff": partial(_mean, _best, _without_tariff),
}
_WITH_LIGHTGBM: dict[str, Way] = {
    "LightGBM, 100 × 64 leaves": _lightgbm,
    "mean of it and LightGBM": partial(_mean, _best, _lightgbm),
}


def main() -> None:
    """Try every way on every window, and write the table."""
    arguments = parsed(parser_of(__doc__, page="results.md"))
    configure_logging(level="WARNING")
    ways = WAYS | (_WITH_LIGHTGBM if find_spec("lightgbm") else {})
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        for window in _windows(arguments, Path(work)):
            for name, way in ways.items():
                found[name].append(errors_of(window.test, way(window)))
    text = _table(found, arguments)
    print(text)
    write_between(arguments.output, text, begin=_BEGIN, end=_END)


def _windows(arguments: argparse.Namespace, work: Path) -> Iterator[Window]:
    settings = load_settings()
    months = parse_months(arguments.months)
    ingested_months(arguments, work)
    catalog = read_catalog(work / "lake")
    length = settings.training.window_months
    for place in range(length, len(months)):
        parts = months[place - length : place], [months[place]]
        train, test = encoded_trips(work / "lake", *parts, settings=settings)
        features, tested = (
            features_of(catalog.select(part), settings)[0] for part in parts
        )
        sample = features.append_column(LABEL, pa.array(train.paid))
        tariff = fit_tariff(sample).tariff
        yield Window(
            train,
            test,
            tariff.prices(features),
            tariff.prices(tested),
            settings,
        )


def _table(
    found: dict[str, list[tuple[float, float]]], arguments: argparse.Namespace
) -> str:
    errors = {name: np.array(each) for name, each in found.items()}
    best = errors[_BEST]
    lines = [
        f"Means over {len(best)} test months of {arguments.months}, commit"
        f" {git_commit()}; in how many of them a way was better than the"
        " recipe.",
        "",
        "| way | RMSE $ | better | MAE $ | better |",
        "|---|---|---|---|---|",
    ]
    for name, each in sorted(
        errors.items(), key=lambda pair: float(pair[1][:, 0].mean())
    ):
        better = (each < best).sum(axis=0)
        cells = [
            f"{mean:.3f} | {count}"
            for mean, count in zip(each.mean(axis=0), better, strict=True)
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
