"""Artefacts of a small, made-up project, and pages shown with them."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from fare_app.places import Places
from taxi_fare.core.columns import (
    CATEGORICAL_FEATURES,
    DISTANCE,
    DURATION,
    FEATURES,
    FEATURES_VERSION,
)
from taxi_fare.core.files import write_json
from taxi_fare.core.intervals import INTERVALS_FILE
from taxi_fare.core.sections import RegistrySettings
from taxi_fare.registry.in_folder.registry import FolderRegistry
from taxi_fare.registry.records import HistoryEntry
from taxi_fare.scoring.portable_model import PortableModel
from taxi_fare.scoring.trees import Node, Split

_HEADER = {
    "schema_version": 1,
    "run_id": "20230702T080000Z-abcdef",
    "timestamp": "2023-07-02T08:00:00+00:00",
    "simulated": False,
}
# As the version before wrote them: these tests change what they show.
_FOLDER = Path(__file__).parents[1] / "data" / "documents"
_FIRST = {"rmse": 5.51, "mae": 1.91, "r2": 0.871}
_BEFORE = {"rmse": 7.65, "mae": 3.21, "r2": 0.702}
_SECOND = {"rmse": 4.12, "mae": 1.43, "r2": 0.911}
_SCRIPT = """
from pathlib import Path

from fare_app.places import Places
from fare_app.shell import main

main({page!r}, Places(Path({registry!r}), Path({reports!r})))
"""
ShowPage = Callable[..., AppTest]


@pytest.fixture
def show_page(tmp_path: Path) -> ShowPage:
    """Run a page of the whole app, as the first one that is shown."""

    def show(page: str, places: Places, language: str = "en") -> AppTest:
        """Return the page once it has run."""
        script = tmp_path / "script.py"
        text = _SCRIPT.format(
            page=page,
            registry=str(places.registry),
            reports=str(places.reports),
        )
        script.write_text(text, encoding="utf-8")
        shown = AppTest.from_file(script, default_timeout=60)
        shown.session_state["language"] = language
        return shown.run()

    return show


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """A registry with two versions, and every report."""
    found = Places(tmp_path / "models" / "registry", tmp_path / "reports")
    _write_registry(found.registry)
    _write_reports(found.reports)
    return found


@pytest.fixture
def nothing(tmp_path: Path) -> Places:
    """Folders that are not there."""
    return Places(tmp_path / "models" / "registry", tmp_path / "reports")


def _older(name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(
        (_FOLDER / f"{name}.json").read_text()
    )
    document.pop("note", None)
    return document | _HEADER


def _write_registry(root: Path) -> None:
    registry = FolderRegistry(root, RegistrySettings())
    registry.recover()
    for month, metrics, current in (
        ("2023-05", _FIRST, None),
        ("2023-06", _SECOND, _FIRST),
    ):
        model_id = f"{month}_v"
        entry = HistoryEntry(
            run_id=model_id,
            run_key=month,
            model_id=model_id,
            timestamp=_HEADER["timestamp"],
            event="promoted",
            reason="a reason",
            train_months=("2023-03", "2023-04"),
            test_month=month,
            metrics=metrics,
            current_metrics=current,
            compared_with=None,
            simulated=False,
        )
        before = registry.read().current
        with registry.staging(model_id) as folder:
            _model().write(folder)
            write_json(folder / INTERVALS_FILE, _older("intervals"))
            document = _train_metrics(model_id, month, metrics, current)
            manifest = (
                _older("manifest")
                | document
                | {
                    "fingerprints": {month: "ab" * 32},
                    "seed": 42,
                    "versions": {"python": "3.11"},
                    "git_commit": "0123456789abcdef",
                    "portable": {
                        "trips": 400,
                        "max_difference_dollars": 1e-12,
                    },
                    "features": {
                        "version": FEATURES_VERSION,
                        "names": FEATURES,
                        "levels": {},
                    },
                }
            )
            registry.commit(
                folder, manifest=manifest, entry=entry, expected_current=before
            )


def _model() -> PortableModel:
    """Return 20 dollars, and 30 more from 10.5 miles on."""
    miles = FEATURES.index(DISTANCE)
    nowhere: frozenset[int] = frozenset()
    known = {
        "VendorID": ("1", "2"),
        "RatecodeID": ("1", "2"),
        "payment_type": ("1", "2"),
        "store_and_fwd_flag": ("N",),
        "PULocationID": ("161",),
        "DOLocationID": ("236",),
    }
    split = Split(miles, 10.5, nowhere, 1, 2)
    return PortableModel(
        levels={name: known[name] for name in CATEGORICAL_FEATURES},
        trees=((Node(24.0, split), Node(20.0), Node(50.0)),),
    )


def _train_metrics(
    model_id: str,
    month: str,
    metrics: dict[str, float],
    current: dict[str, float] | None,
) -> dict[str, Any]:
    older = _older("train_metrics")
    return older | {
        **metrics,
        "model_id": model_id,
        "metrics": metrics | {"rows": 9_983, "bias": 0.25},
        "data": older["data"]
        | {
            "train_months": ["2023-03", "2023-04", "2023-05"],
            "test_month": month,
            "train_rows": 29_941,
            "test_rows": 9_983,
            "rejected_rows": 28,
        },
        "before_the_ride": _BEFORE | {"rows": 9_983, "bias": 0.5},
        "recipe": older["recipe"] | {"parameters": {"max_depth": 6}},
        "seconds": {"fit": 12.3},
        "gates": [
            {"gate": "rmse < 10", "value": metrics["rmse"], "passed": True}
        ],
        "promotion": older["promotion"]
        | {
            "decision": "promoted",
            "reason": "a reason",
            "improved": ["rmse", "mae", "r2"],
            "current_metrics": current,
            "current_trained_on_test_month": False,
        },
    }


def _write_reports(folder: Path) -> None:
    document = _train_metrics("2023-06_v", "2023-06", _SECOND, _FIRST)
    page = "monthly/2023-06/report.html"
    write_json(folder / "train_metrics.json", document | {"report": page})
    (folder / page).parent.mkdir(parents=True)
    (folder / page).write_text("<!DOCTYPE html><title>June</title>")
    figures = _error_figures()
    trip = {
        "total_amount": 350.3,
        "prediction": 115.97,
        "error": 234.33,
        "probable_causes": ["negotiated_fare", "a_new_cause"],
        "features": dict.fromkeys(FEATURES, 1.0)
        | {"PULocationID": "132", "DOLocationID": "265"},
    }
    summary = {"insights": ["…"], "worst_errors": [trip]}
    write_json(
        folder / "error_summary.json",
        _older("error_summary") | figures | summary,
    )
    buckets = {
        "low": {"above_dollars": 0.0, "up_to_dollars": 10.0},
        "very_high": {"above_dollars": 60.0, "up_to_dollars": None},
    }
    shares = {"pct_of_trips": 15.4, "pct_of_absolute_error": 8.7}
    filled = {name: each | figures | shares for name, each in buckets.items()}
    filled["high"] = {
        "above_dollars": 10.0,
        "up_to_dollars": 60.0,
        "count": 0,
        "pct_of_trips": 0.0,
        "pct_of_absolute_error": 0.0,
    }
    write_json(
        folder / "error_by_price_bucket.json", _HEADER | {"buckets": filled}
    )
    importance = {name: 1 / len(FEATURES) for name in FEATURES}
    write_json(
        folder / "feature_importance.json",
        _HEADER | {"feature_importance": importance},
    )
    _write_counts(folder)
    _write_trips(folder)
    _write_watch(folder)
    _write_backtest(folder)


def _error_figures() -> dict[str, float]:
    figures: dict[str, float] = {
        "count": 9_983,
        "mean_error": 0.25,
        "min_error": -96.87,
        "max_error": 234.33,
        "rmse": 4.12,
        "mae": 1.43,
        "pct_underestimate": 57.7,
        "pct_overestimate": 42.3,
        "mean_total_amount": 19.32,
    }
    for name, value in zip(
        ("p25", "median", "p75", "p95", "p99"), range(1, 6), strict=True
    ):
        figures |= {f"{name}_error": -value, f"{name}_abs_error": value}
    return figures


def _write_counts(folder: Path) -> None:
    month = {"valid_rows": 9_993, "rejected_rows": 7}
    write_json(
        folder / "validation_report.json",
        _HEADER
        | {
            "ingest": {
                "2023-06": month
                | {
                    "raw_rows": 10_000,
                    "rejected": {"dropoff_missing": 7},
                    "source": "raw/yellow_tripdata_2023-06.parquet",
                    "simulated": False,
                }
            },
            "training": {
                "train_months": ["2023-06"],
                "test_month": None,
                "months": {
                    "2023-06": month
                    | {"rows": 9_993, "violations": {"a_new_rule": 0}}
                },
            },
        },
    )
    predicted = _older("predict_report")
    write_json(
        folder / "predict_report.json",
        predicted
        | {
            "month": "2023-06",
            "model_id": "2023-06_v",
            "predicted_rows": 400,
            "rejected_rows": 3,
            "predictions": predicted["predictions"]
            | {"mean": 19.07, "median": 14.5},
            "metrics": _SECOND,
            "intervals": _older("watch")["accuracy"]["coverage"],
        },
    )
    write_json(
        folder / "eda_summary.json", _older("eda_summary") | {"rows": 29_941}
    )


def _write_trips(folder: Path) -> None:
    """Write 400 trips that fit the model, some of them odd."""
    random = np.random.default_rng(42)
    count = 400
    pickup = [
        datetime(2023, 6, 1) + timedelta(hours=int(hours))
        for hours in random.integers(0, 700, count)
    ]
    miles = random.uniform(1.0, 6.0, count).round(2)
    minutes = miles * random.uniform(4.0, 9.0, count)
    trips = pd.DataFrame(
        {
            "VendorID": 2,
            "tpep_pickup_datetime": pickup,
            "tpep_dropoff_datetime": [
                start + timedelta(minutes=float(each))
                for start, each in zip(pickup, minutes, strict=True)
            ],
            "passenger_count": 1,
            DISTANCE: miles,
            "RatecodeID": 1,
            "store_and_fwd_flag": "N",
            "PULocationID": 161,
            "DOLocationID": 236,
            "payment_type": 1,
            "total_amount": 6 + 4 * miles,
        }
    )
    predictions = folder / "predictions"
    predictions.mkdir()
    predicted = trips.assign(prediction=20.0, model_id="2023-06_v")
    predicted.to_parquet(
        predictions / "2023-06.parquet", coerce_timestamps="us"
    )
    times = trips["tpep_pickup_datetime"].dt
    trips.assign(
        month="2023-06",
        **{
            DURATION: minutes,
            "pickup_hour": times.hour,
            "pickup_dayofweek": times.dayofweek,
            "pickup_month": times.month,
        },
    ).to_csv(folder / "eda_sample.csv", index=False)


def _write_watch(folder: Path) -> None:
    """Two months: of the first only its accuracy is known."""
    watch, month = _older("watch"), "2023-06"
    model = watch["model"] | {"model_id": "2023-05_v"}
    changes = {"month": month, "verdict": "act", "model": model}
    write_json(folder / f"watch/{month}/watch.json", watch | changes)
    series = _older("watch_series")
    (entry,) = series["months"]
    entries = [
        entry
        | {"month": "2023-05", "recorded_by": "train", "verdict": None}
        | {"reasons": [], "drift": {}},
        entry | {"month": month, "verdict": "act", "model_id": "2023-05_v"},
    ]
    write_json(folder / "watch/series.json", series | {"months": entries})
    numbers = {"trip_distance": _distances(1.0)}
    profile = _older("month_profile")
    profile["profile"] |= {"numbers": numbers}
    kinds = profile["profile"]["categories"]
    for name, midtown in ((month, 60), ("2023-05", 50)):
        profile["profile"]["categories"] = kinds | _zones(midtown)
        write_json(folder / f"watch/profiles/{name}.json", profile)
    learnt = _older("model_profile") | {"model_id": "2023-05_v"}
    learnt["profile"] |= {"numbers": {"trip_distance": _distances(2.0)}}
    kinds = learnt["profile"]["categories"]
    learnt["profile"]["categories"] = kinds | _zones(20)
    write_json(folder / "watch/models/2023-05_v.json", learnt)


def _write_backtest(folder: Path) -> None:
    """With a policy that no text names."""
    document = _older("backtest")
    last = document["policies"][-1] | {"name": "every-3"}
    policies = [*document["policies"], last]
    write_json(
        folder / "backtest/backtest.json", document | {"policies": policies}
    )


def _zones(midtown: int) -> dict[str, Any]:
    """So many of 100 trips begin at 161; the others, and all ends, at 236."""
    kind = {"count": 100, "missing": 0, "others": 0}
    pickups = {"161": midtown, "236": 100 - midtown}
    return {
        "PULocationID": kind | {"levels": pickups},
        "DOLocationID": kind | {"levels": {"236": 100}},
    }


def _distances(mean: float) -> dict[str, Any]:
    return {
        "count": 10,
        "missing": 0,
        "mean": mean,
        "std": 0.5,
        "cells": {"4": 6, "20": 4},
    }
