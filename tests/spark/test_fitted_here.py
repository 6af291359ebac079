"""XGBoost's trees, grown by this process instead of Spark's workers."""

import re
from pathlib import Path
from typing import Any

import pytest
from pyspark.ml import PipelineModel
from pyspark.ml.feature import SQLTransformer
from pyspark.sql import SparkSession

from taxi_fare.core.columns import PREDICTION
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.months import Month
from taxi_fare.core.settings import Settings
from taxi_fare.run.run import Run
from taxi_fare.run.trained import Trained, train_model
from taxi_fare.run.window import WindowRequest, find_window
from taxi_fare.training.recipes import find_recipe

pytestmark = pytest.mark.spark

TREES = 7


@pytest.fixture(scope="module", params=["xgboost-index", "xgboost-tariff"])
def trained(
    request: pytest.FixtureRequest, spark: SparkSession, small_lake: Path
) -> dict[str, tuple[Trained, list[int]]]:
    """By each engine: the run, and which trees were told of."""
    fitted = {}
    for engine in ("auto", "spark"):
        settings = Settings.model_validate(
            {
                "xgboost": {"max_iter": TREES, "max_depth": 4},
                "training": {"partitions": 1},
                "prediction": {"engine": engine},
            }
        )
        window = WindowRequest(small_lake, test_month=Month("2023-04"))
        data = find_window(window, settings)
        recipe = find_recipe(request.param)
        run = Run.start(data, recipe=recipe, settings=settings)
        told: list[int] = []
        model = train_model(
            run, spark=spark, log=PipelineLogger("test"), on_tree=told.append
        )
        fitted[engine] = (model, told)
    return fitted


def stated(model: PipelineModel) -> list[str]:
    """What the stages of a tariff tell Spark."""
    return [
        stage.getStatement()
        for stage in model.stages
        if isinstance(stage, SQLTransformer)
    ]


def booster_of(model: PipelineModel) -> Any:
    """Find the trees among the stages."""
    (found,) = (x for x in model.stages if hasattr(x, "get_booster"))
    return found.get_booster()


def trees_of(model: PipelineModel) -> list[str]:
    """Tell every tree from its root on, whatever the numbers of its nodes."""
    numbers = r"\b\d+:(?=\[|leaf)|yes=(\d+),no=\d+,missing=(\d+)"

    def side(found: re.Match[str]) -> str:
        """Where a missing value goes."""
        return "missing " + ("yes" if found[1] == found[2] else "no")

    trees = booster_of(model).get_dump(with_stats=True)
    return [re.sub(numbers, side, tree) for tree in trees]


def test_both_ways_grow_the_same_trees(
    trained: dict[str, tuple[Trained, list[int]]],
) -> None:
    """To the last digit, from the same trips, and they are the same run."""
    here, there = trained["auto"][0], trained["spark"][0]
    ours, theirs = (trees_of(each.fitted.model) for each in (here, there))
    assert ours == theirs
    assert len(ours) == TREES
    assert all("gain=" in tree and "leaf=" in tree for tree in ours)
    assert stated(here.fitted.model) == stated(there.fitted.model)
    assert here.fitted.importance == there.fitted.importance
    assert here.run.key == there.run.key


def test_every_tree_is_told_of_as_it_grows(
    trained: dict[str, tuple[Trained, list[int]]],
) -> None:
    """One after the other, from the first."""
    assert trained["auto"][1] == [*range(1, TREES + 1)]


def test_the_model_is_saved_as_sparks_own(
    trained: dict[str, tuple[Trained, list[int]]], tmp_path: Path
) -> None:
    """Spark loads it, and predicts what it predicts for the other."""
    predicted = []
    for engine, (run, _) in trained.items():
        folder = str(tmp_path / engine)
        run.fitted.model.save(folder)
        loaded = PipelineModel.load(folder)
        rows = loaded.transform(run.test).select(PREDICTION).collect()
        predicted.append(sorted(row[0] for row in rows))
    assert predicted[0] == predicted[1]
    assert len(set(predicted[0])) > 100
