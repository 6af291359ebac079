"""
What people would use instead: one Python process, PyArrow, NumPy, a library.

`train` reads months, derives the 12 features, filters, fits and measures the
last month; `predict` reads a month, predicts it, measures and writes it. Both
print the seconds of each step as JSON. Nothing of the project is imported:
this is the script that it is compared with, by `benchmarks/peers.py`.
"""

import argparse
import json
import time
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PICKUP, DROPOFF = "tpep_pickup_datetime", "tpep_dropoff_datetime"
LABEL = "total_amount"
CATEGORIES = [
    "VendorID",
    "RatecodeID",
    "payment_type",
    "PULocationID",
    "DOLocationID",
]
INPUTS = [
    PICKUP,
    DROPOFF,
    "passenger_count",
    "trip_distance",
    "store_and_fwd_flag",
    *CATEGORIES,
]
# Six numbers, the flag, five categories.
FIRST_CATEGORY, FEATURES = 6, 12
SEED, TREES = 42, 100


def main() -> None:
    """Do what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("library", choices=LIBRARIES)
    parser.add_argument("job", choices=["train", "predict"])
    parser.add_argument("months", type=Path, nargs="+", help="the last: test")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--output", type=Path, help="of predict")
    arguments = parser.parse_args()
    clock = Clock()
    library = LIBRARIES[arguments.library]()
    clock.done("import")
    if arguments.job == "train":
        found = train(library, clock, arguments.months, arguments.model)
    else:
        (month,) = arguments.months
        found = predict(
            library, clock, month, arguments.model, arguments.output
        )
    print(json.dumps(found | {"seconds": clock.seconds}))


class Clock:
    """Seconds of each step, from the end of the one before."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def done(self, step: str) -> None:
        """Note that a step is done."""
        now = time.perf_counter()
        self.seconds[step] = round(now - self._last, 2)
        self._last = now


class LightGbm:
    """LightGBM: 100 trees of 64 leaves."""

    def __init__(self) -> None:
        self._library = import_module("lightgbm")
        self._booster: Any = None

    def fit(self, matrix: np.ndarray, label: np.ndarray) -> None:
        """Bin and grow."""
        trips = self._library.Dataset(
            matrix,
            label,
            categorical_feature=list(range(FIRST_CATEGORY, FEATURES)),
        )
        parameters = {
            "objective": "regression",
            "num_leaves": 64,
            "learning_rate": 0.1,
            "seed": SEED,
            "verbose": -1,
        }
        self._booster = self._library.train(parameters, trips, TREES)

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """Return dollars."""
        return np.asarray(self._booster.predict(matrix))

    def save(self, file: Path) -> None:
        """Write the model."""
        self._booster.save_model(str(file))

    def load(self, file: Path) -> None:
        """Read the model."""
        self._booster = self._library.Booster(model_file=str(file))


class XGBoost:
    """XGBoost with the project's parameters."""

    def __init__(self) -> None:
        self._library = import_module("xgboost")
        self._booster: Any = None

    def fit(self, matrix: np.ndarray, label: np.ndarray) -> None:
        """Bin and grow."""
        numbers, categories = FIRST_CATEGORY, FEATURES - FIRST_CATEGORY
        trips = self._library.QuantileDMatrix(
            matrix,
            label,
            feature_types=["q"] * numbers + ["c"] * categories,
            max_bin=256,
        )
        parameters = {
            "tree_method": "hist",
            "max_depth": 6,
            "max_bin": 256,
            "min_child_weight": 20,
            "learning_rate": 0.1,
            "colsample_bytree": 0.7,
            "seed": SEED,
        }
        self._booster = self._library.train(parameters, trips, TREES)

    def predict(self, matrix: np.ndarray) -> np.ndarray:
        """Return dollars."""
        return np.asarray(self._booster.inplace_predict(matrix))

    def save(self, file: Path) -> None:
        """Write the model."""
        self._booster.save_model(file.with_suffix(".ubj"))

    def load(self, file: Path) -> None:
        """Read the model."""
        file = file.with_suffix(".ubj")
        self._booster = self._library.Booster(model_file=file)


Library = LightGbm | XGBoost
LIBRARIES: dict[str, type[LightGbm] | type[XGBoost]] = {
    "lightgbm": LightGbm,
    "xgboost": XGBoost,
}


def train(
    library: Library, clock: Clock, months: list[Path], model: Path
) -> dict[str, Any]:
    """Fit on all months but the last, and measure that one."""
    *window, test = [usable(read(each)) for each in months]
    rows = pa.concat_tables(window)
    matrix, label = features(rows), rows[LABEL].to_numpy()
    test_matrix, test_label = features(test), test[LABEL].to_numpy()
    del rows, window, test
    clock.done("read")
    library.fit(matrix, label)
    clock.done("fit")
    figures = errors(test_label, library.predict(test_matrix))
    clock.done("evaluate")
    library.save(model)
    clock.done("save")
    return {
        "train_rows": len(label),
        "test_rows": len(test_label),
        "errors": figures,
    }


def predict(
    library: Library, clock: Clock, month: Path, model: Path, output: Path
) -> dict[str, Any]:
    """Predict a month, and write its trips with their price."""
    library.load(model)
    trips = usable(read(month, columns=None))
    matrix = features(trips)
    clock.done("read")
    prices = library.predict(matrix)
    figures = errors(trips[LABEL].to_numpy(), prices)
    clock.done("predict")
    output.parent.mkdir(parents=True, exist_ok=True)
    priced = trips.append_column("prediction", pa.array(prices))
    pq.write_table(priced, output, compression="zstd")
    clock.done("write")
    return {"predicted_rows": len(prices), "errors": figures}


def read(month: Path, columns: Iterable[str] | None = INPUTS) -> pa.Table:
    """Read a month, or only what the features are derived from."""
    wanted = [*columns, LABEL] if columns is not None else None
    return pq.read_table(month, columns=wanted)


def usable(trips: pa.Table) -> pa.Table:
    """Leave out what cannot be: the project's rules, as plain conditions."""
    duration = minutes(trips)
    conditions = [
        pc.greater(duration, 0),
        pc.less(duration, 1_440),
        pc.greater_equal(trips["trip_distance"], 0),
        pc.is_finite(trips["trip_distance"]),
        pc.greater_equal(trips[LABEL], 0),
        pc.less_equal(trips[LABEL], 1_000),
        pc.is_valid(trips["PULocationID"]),
        pc.is_valid(trips["DOLocationID"]),
    ]
    kept = conditions[0]
    for each in conditions[1:]:
        kept = pc.and_(kept, each)
    return trips.filter(kept)


def features(trips: pa.Table) -> np.ndarray:
    """Derive the 12 features, as 32-bit numbers; unknown is NaN."""
    pickup = trips[PICKUP]
    columns = [
        trips["trip_distance"],
        pc.fill_null(trips["passenger_count"], 0),
        minutes(trips),
        pc.hour(pickup),
        pc.day_of_week(pickup),
        pc.month(pickup),
        pc.equal(trips["store_and_fwd_flag"], "Y").cast(pa.int8()),
        *(trips[name] for name in CATEGORIES),
    ]
    matrix = np.empty((trips.num_rows, FEATURES), np.float32)
    for index, column in enumerate(columns):
        matrix[:, index] = column.to_numpy()
    return matrix


def minutes(trips: pa.Table) -> pa.ChunkedArray:
    """Return how long each trip takes."""
    took = pc.subtract(
        trips[DROPOFF].cast(pa.int64()), trips[PICKUP].cast(pa.int64())
    )
    return pc.divide(took.cast(pa.float64()), 60e6)


def errors(totals: np.ndarray, prices: np.ndarray) -> dict[str, float]:
    """Measure how far prices are from totals, in dollars."""
    off = totals - prices
    return {
        "root_mean_squared": float(np.sqrt(np.square(off).mean())),
        "mean_absolute": float(np.abs(off).mean()),
    }


if __name__ == "__main__":
    main()
