"""
Compare the project's recipes with what people would use instead: accuracy.

For every test month of the raw --months that has three months before it,
LightGBM, XGBoost, CatBoost and scikit-learn's HistGradientBoosting learn from
the very trips and the 12 inputs that the recipes learn from. Each runs with
its defaults, and tuned: of --trials random choices of its parameters (0 leaves
that out), the one with the lowest RMSE on the last train month, learnt from
those before it. Two of them are not the project's: `pip install --group
peers`. Means over the months go into a marked part of docs/results.md.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from real_source import ingested_months, parsed, parser_of, write_between

from taxi_fare.core.columns import (
    FEATURES,
    NUMERIC_FEATURES,
)
from taxi_fare.core.logs import configure_logging
from taxi_fare.core.months import Month, parse_months
from taxi_fare.core.provenance import git_commit
from taxi_fare.core.settings import Settings, load_settings
from taxi_fare.evaluation.metrics import collected_metrics
from taxi_fare.features.levels import added_up, choose_levels, collected_sums
from taxi_fare.lake.catalog import read_catalog
from taxi_fare.lake.month import LakeMonth
from taxi_fare.run.local_trips import LocalTrips
from taxi_fare.run.window import WindowRequest
from taxi_fare.scoring.encode import encode
from taxi_fare.training.recipes import RECIPES
from taxi_fare.workflows.compare import CompareRequest, compare

_BEGIN, _END = "<!-- accuracy from here -->", "<!-- accuracy to here -->"
_SEED, _THREADS = 42, 2
_CATEGORIES = [*range(len(NUMERIC_FEATURES), len(FEATURES))]
Numbers = NDArray[np.float64]
Parameters = dict[str, Any]


@dataclass(frozen=True)
class Trips:
    """Encoded trips of some months, and what was paid for each."""

    matrix: Numbers
    paid: Numbers


@dataclass(frozen=True)
class Peer:
    """
    A library, as somebody uses it who has a table of numbers.

    Parameters
    ----------
    name : str
        The module that it needs.
    make : callable
        Returns a regressor of some parameters.
    tried : mapping of str to tuple
        Least and most of each parameter that is tuned; drawn evenly over
        orders of magnitude, whole where both are.
    beside : mapping
        What it is told when it learns.
    """

    name: str
    make: Callable[[Parameters], Any]
    tried: dict[str, tuple[float, float]]
    beside: Parameters = field(default_factory=dict)

    def choices(self, trials: int) -> Iterator[Parameters]:
        """Draw parameters, the same ones in every month."""
        draw = np.random.default_rng(_SEED)
        for _ in range(trials):
            yield {
                name: (round if isinstance(most, int) else float)(
                    float(np.exp(draw.uniform(np.log(least), np.log(most))))
                )
                for name, (least, most) in self.tried.items()
            }

    def predicted(
        self, parameters: Parameters, train: Trips, test: Trips
    ) -> Numbers:
        """Learn and predict, in dollars."""
        model = self.make(parameters)
        model.fit(_given(self.name, train), train.paid, **self.beside)
        found: Numbers = np.asarray(model.predict(_given(self.name, test)))
        return found


def _given(name: str, trips: Trips) -> Any:
    """CatBoost refuses categories that are not whole numbers."""
    if name != "catboost":
        return trips.matrix
    pandas = import_module("pandas")
    frame = pandas.DataFrame(trips.matrix)
    return frame.astype(dict.fromkeys(_CATEGORIES, int))


def _lightgbm(parameters: Parameters) -> Any:
    lightgbm = import_module("lightgbm")
    return lightgbm.LGBMRegressor(
        verbose=-1,
        random_state=_SEED,
        n_jobs=_THREADS,
        subsample_freq=1,
        **parameters,
    )


def _xgboost(parameters: Parameters) -> Any:
    kinds = ["c" if x in _CATEGORIES else "q" for x in range(len(FEATURES))]
    return import_module("xgboost").XGBRegressor(
        feature_types=kinds,
        enable_categorical=True,
        random_state=_SEED,
        n_jobs=_THREADS,
        **parameters,
    )


def _catboost(parameters: Parameters) -> Any:
    return import_module("catboost").CatBoostRegressor(
        cat_features=_CATEGORIES,
        random_seed=_SEED,
        thread_count=_THREADS,
        verbose=0,
        allow_writing_files=False,
        **parameters,
    )


def _sklearn(parameters: Parameters) -> Any:
    ensemble = import_module("sklearn.ensemble")
    return ensemble.HistGradientBoostingRegressor(
        categorical_features=_CATEGORIES, random_state=_SEED, **parameters
    )


_RATE = (0.02, 0.3)
# What LightGBM and XGBoost call by the same names.
_IN_BOTH = {
    "n_estimators": (50, 500),
    "learning_rate": _RATE,
    "subsample": (0.5, 1.0),
    "colsample_bytree": (0.4, 1.0),
    "reg_lambda": (0.01, 30.0),
}
PEERS = (
    Peer(
        "lightgbm",
        _lightgbm,
        _IN_BOTH | {"num_leaves": (8, 128), "min_child_samples": (5, 100)},
        {"categorical_feature": _CATEGORIES},
    ),
    Peer(
        "xgboost",
        _xgboost,
        _IN_BOTH | {"max_depth": (3, 10), "min_child_weight": (1.0, 100.0)},
    ),
    Peer(
        "catboost",
        _catboost,
        {
            "iterations": (200, 1000),
            "learning_rate": _RATE,
            "depth": (4, 8),
            "l2_leaf_reg": (1.0, 30.0),
        },
    ),
    Peer(
        "sklearn",
        _sklearn,
        {
            "max_iter": (50, 500),
            "learning_rate": _RATE,
            "max_leaf_nodes": (8, 128),
            "min_samples_leaf": (5, 100),
            "l2_regularization": (0.01, 30.0),
        },
    ),
)


def main() -> None:
    """Run everything that was asked for, and write the tables."""
    arguments = _arguments()
    configure_logging(level="WARNING")
    found: dict[str, list[tuple[float, float]]] = {}
    with tempfile.TemporaryDirectory(prefix="taxi_fare-") as work:
        for name, rmse, mae in _measured(arguments, Path(work)):
            found.setdefault(name, []).append((rmse, mae))
    text = _table(found, arguments)
    print(text)
    write_between(arguments.output, text, begin=_BEGIN, end=_END)


def _arguments() -> argparse.Namespace:
    parser = parser_of(__doc__, page="results.md")
    parser.add_argument("--trials", type=int, default=50)
    names = [peer.name for peer in PEERS]
    parser.add_argument("--peers", nargs="*", default=names, choices=names)
    parser.add_argument(
        "--recipes",
        nargs="+",
        default=[
            "xgboost-index",
            "xgboost-tariff",
            "gbt-onehot",
            "gbt-tariff",
        ],
        choices=RECIPES,
    )
    arguments = parsed(parser)
    if lacking := [name for name in arguments.peers if not find_spec(name)]:
        parser.error(f"not installed: {', '.join(lacking)}")
    return arguments


def _measured(
    arguments: argparse.Namespace, work: Path
) -> Iterator[tuple[str, float, float]]:
    """Tell who learnt, and its RMSE and MAE on one month."""
    settings = load_settings()
    months = parse_months(arguments.months)
    ingested_months(arguments, work)
    window = settings.training.window_months
    chosen = [peer for peer in PEERS if peer.name in arguments.peers]
    for place in range(window, len(months)):
        parts = months[place - window : place], months[place]
        for peer in chosen:
            yield from _of_peer(
                peer, work / "lake", *parts, trials=arguments.trials
            )
        request = CompareRequest(
            WindowRequest(work / "lake", test_month=parts[1]),
            [RECIPES[name] for name in arguments.recipes],
            work,
        )
        for each in compare(request, settings=settings).leaderboard:
            yield each.name, each.rmse, each.mae


def _of_peer(
    peer: Peer,
    lake: Path,
    train_months: Sequence[Month],
    test_month: Month,
    *,
    trials: int,
) -> Iterator[tuple[str, float, float]]:
    settings = load_settings()
    load = partial(encoded_trips, lake, settings=settings)
    train, test = load(train_months, [test_month])
    yield peer.name, *errors_of(test, peer.predicted({}, train, test))
    if not trials:
        return
    *earlier, last = train_months
    before, after = load(earlier, [last])

    def missed(parameters: Parameters) -> float:
        """RMSE on the last train month, learnt from those before it."""
        return errors_of(after, peer.predicted(parameters, before, after))[0]

    best = min(peer.choices(trials), key=missed)
    name = f"{peer.name}, tuned"
    yield name, *errors_of(test, peer.predicted(best, train, test))


def encoded_trips(
    lake: Path,
    train_months: Sequence[Month],
    test_months: Sequence[Month],
    *,
    settings: Settings,
) -> tuple[Trips, Trips]:
    """Return the trips that a recipe sees, levels as its indices."""
    catalog = read_catalog(lake)
    train, test = (
        features_of(catalog.select(months), settings)
        for months in (train_months, test_months)
    )
    sums = added_up([collected_sums(*train)])
    share = settings.xgboost.min_level_share
    levels = choose_levels(sums, min_share=share, min_variance=0.0).told_apart
    first, second = (
        Trips(encode(features, levels=levels), paid)
        for features, paid in (train, test)
    )
    return first, second


def features_of(
    months: Sequence[LakeMonth], settings: Settings
) -> tuple[pa.Table, Numbers]:
    pairs = [*LocalTrips(months, settings).map(lambda *pair: pair)]
    tables = pa.concat_tables(features for features, _ in pairs)
    return tables, np.concatenate([paid for _, paid in pairs])


def errors_of(test: Trips, predicted: Numbers) -> tuple[float, float]:
    found = collected_metrics(test.paid, predicted.astype(np.float64))
    return found.rmse, found.mae


def _table(
    found: dict[str, list[tuple[float, float]]], arguments: argparse.Namespace
) -> str:
    means = {
        name: np.mean(errors, axis=0).tolist()
        for name, errors in found.items()
    }
    peers = [
        mean
        for name, mean in means.items()
        if name.partition(",")[0] in arguments.peers
    ]
    best = [min(column) for column in zip(*peers, strict=True)]
    lines = [
        f"Means over {max(map(len, found.values()))} test months of"
        f" {arguments.months}, commit {git_commit()}; tuned: the best of"
        f" {arguments.trials} trials on the last train month. The last two"
        " columns: of the best of the libraries.",
        "",
        "| | RMSE $ | MAE $ | RMSE | MAE |",
        "|---|---|---|---|---|",
    ]
    for name, mean in sorted(means.items(), key=lambda pair: pair[1][0]):
        ratios = [x / y for x, y in zip(mean, best or mean, strict=True)]
        figures = [f"{x:.3f}" for x in [*mean, *ratios]]
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
