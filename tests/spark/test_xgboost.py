"""Every recipe: fitted, saved, exported, and what it needs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.ml import PipelineModel
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from taxi_fare.core.columns import FEATURES, PREDICTION
from taxi_fare.core.errors import (
    EnvironmentLackError,
    ModelRefusedError,
    WrongUsageError,
)
from taxi_fare.core.logs import PipelineLogger
from taxi_fare.core.settings import Settings
from taxi_fare.features.derive import derive_beside, derive_features
from taxi_fare.run.fit import (
    FittedPipeline,
    fit_pipeline,
    require_recipe,
)
from taxi_fare.run.sample import predicted_sample
from taxi_fare.run.train_trips import TrainTrips
from taxi_fare.scoring.exported.parity import check_parity
from taxi_fare.scoring.exported.pipeline import export_pipeline
from taxi_fare.scoring.portable_model import (
    PORTABLE_FILE,
    parse_portable_model,
)
from taxi_fare.training.algorithms import find_algorithm
from taxi_fare.training.recipes import RECIPES, find_recipe
from taxi_fare.training.require import require_algorithm

pytestmark = pytest.mark.spark

SMALL = {"max_iter": 5, "max_depth": 4, "min_instances_per_node": 2}
SETTINGS = Settings.model_validate({"gbt": SMALL, "xgboost": SMALL})


# Two Mondays; half seconds that a trip takes.
RAW = (
    "if(id % 2 = 0, timestamp'2023-05-01', timestamp'2023-06-05')"
    " + make_dt_interval(id % 7, pmod(xxhash64(id, 3), 24)) AS pickup",
    "pmod(xxhash64(id, 2), 9000) AS halves",
)


def _raw(spark: SparkSession) -> DataFrame:
    """Trips as the lake has them."""
    return (
        spark.range(0, 4_000, 1, 3)
        .selectExpr("id", *RAW)
        .selectExpr(
            "1 + id % 2 AS VendorID",
            "pickup AS tpep_pickup_datetime",
            "pickup + make_dt_interval(0, 0, 0, halves / 2)"
            " AS tpep_dropoff_datetime",
            "id % 3 AS passenger_count",
            "round(pmod(xxhash64(id, 1), 2000) / 97, 2) AS trip_distance",
            "if(id % 9 = 0, 2, if(id % 50 = 1, null, 1)) AS RatecodeID",
            "if(id % 80 = 0, 'Y', 'N') AS store_and_fwd_flag",
            "1 + pmod(xxhash64(id, 4), 40) AS PULocationID",
            "1 + pmod(xxhash64(id, 5), 60) AS DOLocationID",
            "1 + id % 4 AS payment_type",
        )
    )


@pytest.fixture(scope="module")
def train(spark: SparkSession) -> Iterator[DataFrame]:
    """4,000 trips whose price needs every kind of split."""
    rows = derive_features(_raw(spark), keep=())
    priced = rows.selectExpr(
        "*",
        "3 + 2.5 * trip_distance + 1.1 * trip_duration_min"
        " + if(RatecodeID = '2', 30, 0) + if(payment_type = '1', 6, 0)"
        " + if(cast(PULocationID AS int) % 3 = 0, 9, 0)"
        " + if(cast(DOLocationID AS int) % 5 = 0, 7, 0) AS total_amount",
    )
    yield priced.cache()
    priced.unpersist()


def _fitted(train: DataFrame, name: str) -> FittedPipeline:
    recipe = find_recipe(name)
    require_recipe(recipe, spark=train.sparkSession, settings=SETTINGS)
    return fit_pipeline(
        TrainTrips(train),
        recipe=recipe,
        settings=SETTINGS,
        log=PipelineLogger("test"),
    )


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_is_saved_loaded_and_exported(
    name: str, train: DataFrame, tmp_path: Path
) -> None:
    """Spark's own predictions, after loading and without Spark, unseen
    levels included; importance of all 12 features sums to 1."""
    fitted = _fitted(train, name)
    assert sum(fitted.importance.values()) == pytest.approx(1)
    assert next(iter(fitted.importance)) == "trip_duration_min"
    assert fitted.importance.keys() == set(FEATURES)
    fitted.model.save(str(tmp_path / "model"))
    unseen = _raw(train.sparkSession).replace(
        {7: 264, 2: 99}, subset=["PULocationID"]
    )
    packed = derive_beside(unseen, columns=unseen.columns)
    loaded = PipelineModel.load(str(tmp_path / "model"))
    rows = loaded.transform(packed).select(PREDICTION).collect()
    before = fitted.model.transform(packed).select(PREDICTION).collect()
    assert rows == before
    exported = export_pipeline(tmp_path / "model")
    exported.write(tmp_path)
    written = parse_portable_model((tmp_path / PORTABLE_FILE).read_bytes())
    assert written == exported
    paid = packed.withColumn("total_amount", F.lit(20.0))
    tested = predicted_sample(paid, model=loaded, rows=5_000)
    parity = check_parity(written, tested=tested, limit_dollars=1e-6)
    assert parity.trips == 4_000
    assert parity.max_difference_dollars < 1e-11


def test_the_same_rows_give_the_same_xgboost(train: DataFrame) -> None:
    """However they were read: trees are equal to the last digit."""
    dumps = []
    for partitions in (1, 5):
        model = _fitted(train.repartition(partitions), "xgboost-index").model
        dumps.append(model.stages[-1].get_booster().get_dump())
    assert dumps[0] == dumps[1]
    assert len(dumps[0]) == 5


def test_xgboost_settings_reach_it(train: DataFrame) -> None:
    """Depth, number of trees, trips in a leaf."""
    settings = Settings.model_validate(
        {"xgboost": {**SMALL, "max_iter": 2, "max_depth": 1}}
    )
    fitted = fit_pipeline(
        TrainTrips(train),
        recipe=find_recipe("xgboost-onehot"),
        settings=settings,
        log=PipelineLogger("test"),
    )
    trees = fitted.model.stages[-1].get_booster().get_dump()
    assert [tree.count("leaf") for tree in trees] == [2, 2]


def test_xgboost_needs_as_many_slots_as_workers(spark: SparkSession) -> None:
    """Its workers wait for each other: fewer would wait for ever."""
    xgboost = find_algorithm("xgboost")
    with pytest.raises(EnvironmentLackError, match=r"2 task\(s\) at once"):
        require_algorithm(xgboost, spark=spark, partitions=3)
    require_algorithm(xgboost, spark=spark, partitions=2)
    require_algorithm(find_algorithm("gbt"), spark=spark, partitions=3)


def test_too_few_bins_for_the_levels_are_refused(train: DataFrame) -> None:
    """In a sentence, before MLlib refuses it with a stack trace."""
    settings = Settings.model_validate({"gbt": {**SMALL, "max_bins": 32}})
    with pytest.raises(WrongUsageError, match="MAX_BINS=61"):
        fit_pipeline(
            TrainTrips(train),
            recipe=find_recipe("gbt-index"),
            settings=settings,
            log=PipelineLogger("test"),
        )


def test_another_objective_is_not_exported(
    train: DataFrame, tmp_path: Path
) -> None:
    """Its trees would have to be added up in another way."""
    _fitted(train, "xgboost-index").model.save(str(tmp_path / "model"))
    (file,) = (tmp_path / "model" / "stages").glob("1_*/model/part-*")
    text = file.read_text()
    file.write_text(text.replace("reg:squarederror", "count:poisson"))
    with pytest.raises(ModelRefusedError, match="count:poisson"):
        export_pipeline(tmp_path / "model")
